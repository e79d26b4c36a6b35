package dev.hatch.benchmarks;

import dev.hatch.server.Versions;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The {@code hatch bench} command: 0 when the benchmark ran, 1 when it failed, 2 when it was not understood. */
@Command(
        name = "hatch bench",
        description = {
            "Compare Hatch with its rivals on this machine. Prints a table and writes target/bench/NAME.json, and every"
                    + " measured value to target/bench/NAME-raw.json."
        },
        mixinStandardHelpOptions = true)
public final class Bench implements Callable<Integer> {
    private static final List<Benchmark> ALL = List.of(
            PoolBenchmark.ENGINE,
            PoolBenchmark.CONNECTION,
            PoolBenchmark.ISOLATION,
            PoolBenchmark.BUFFER,
            PoolBenchmark.RECORD,
            new FlightBenchmark());

    private final List<Benchmark> benchmarks;
    private final Path folder;
    private final PrintStream out;
    private final PrintStream err;

    @Spec
    @Nullable CommandSpec spec;

    @Parameters(paramLabel = "NAME", description = "The benchmark, one of those below.")
    private String name = "";

    @Option(names = "--quick", description = "A minute or two: fewer cases, forks and repetitions, noisier values.")
    private boolean quick;

    @Option(
            names = "--case",
            paramLabel = "CASE",
            description = "Measure only this case, with --quick too; may be repeated. A wrong one lists them all.")
    private List<String> only = new ArrayList<>();

    @Option(names = "--verbose", description = "Print the stack trace of an error, and all that a failed fork printed.")
    private boolean verbose;

    private Bench(List<Benchmark> benchmarks, Path folder, PrintStream out, PrintStream err) {
        this.benchmarks = benchmarks;
        this.folder = folder;
        this.out = out;
        this.err = err;
    }

    public static void main(String[] args) throws URISyntaxException {
        System.exit(run(ALL, checkout().resolve("target/bench"), System.out, System.err, args));
    }

    /** Runs one command and returns its exit code; results go into {@code folder}. */
    static int run(List<Benchmark> benchmarks, Path folder, PrintStream out, PrintStream err, String... args) {
        Bench bench = new Bench(benchmarks, folder, out, err);
        CommandLine commandLine = new CommandLine(bench)
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .setParameterExceptionHandler((e, arguments) -> bench.misunderstood(e))
                .setExecutionExceptionHandler((e, command, result) -> bench.failed(e));
        commandLine
                .getCommandSpec()
                .version("hatch " + Versions.hatch() + ", Java " + Runtime.version())
                .usageMessage()
                .footer(benchmarks.stream()
                        .map(benchmark -> String.format("  %-12s%s", benchmark.name(), benchmark.description()))
                        .collect(Collectors.joining("%n", "%nBenchmarks:%n", "")));
        return commandLine.execute(args);
    }

    @Override
    public Integer call() throws IOException, InterruptedException, ForkFailedException {
        Benchmark benchmark = benchmark();
        List<Rival> forks = benchmark.forks(quick, cases(benchmark));
        Files.createDirectories(folder);
        String command =
                "hatch bench " + String.join(" ", commandLine().getParseResult().originalArgs());
        Conditions conditions = Conditions.now(command, folder);
        Results results = Results.of(new Forks(name, benchmark.forkTimeout(), err).run(forks));
        results.print(out);
        err.println("written: " + results.write(folder, name, conditions));
        return CommandLine.ExitCode.OK;
    }

    private Benchmark benchmark() {
        return benchmarks.stream()
                .filter(benchmark -> benchmark.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new ParameterException(
                        commandLine(), "there is no benchmark '" + name + "'; there are: " + names()));
    }

    private List<String> cases(Benchmark benchmark) {
        List<String> all = benchmark.cases(false);
        for (String wanted : only) {
            if (!all.contains(wanted)) {
                throw new ParameterException(
                        commandLine(),
                        "there is no case '" + wanted + "' in " + name + "; there are: " + String.join(", ", all));
            }
        }
        List<String> possible = new ArrayList<>();
        for (String chosen : only.isEmpty() ? benchmark.cases(quick) : all) {
            if (!only.isEmpty() && !only.contains(chosen)) {
                continue;
            }
            String missing = benchmark.missing(chosen);
            if (missing == null) {
                possible.add(chosen);
            } else {
                err.println(name + ": " + chosen + " is left out, it needs " + missing);
            }
        }
        if (possible.isEmpty()) {
            throw new IllegalStateException("no case is left to measure");
        }
        return possible;
    }

    private String names() {
        return benchmarks.stream().map(Benchmark::name).collect(Collectors.joining(", "));
    }

    private CommandLine commandLine() {
        if (spec == null) {
            throw new IllegalStateException("picocli did not set the command's spec");
        }
        return spec.commandLine();
    }

    private int misunderstood(ParameterException e) {
        err.println("hatch: " + e.getMessage() + " (see hatch bench --help)");
        return CommandLine.ExitCode.USAGE;
    }

    private int failed(Exception e) {
        err.println("hatch: " + (e.getMessage() == null ? e : e.getMessage()));
        if (verbose) {
            if (e instanceof ForkFailedException fork) {
                err.println(fork.output());
            }
            e.printStackTrace(err);
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** The checkout that this was built in: both the jar and the classes are three levels below it. */
    private static Path checkout() throws URISyntaxException {
        Path built = Path.of(
                Bench.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        return built.resolve("../../..").normalize();
    }
}

package dev.hatch.server.cli;

import dev.hatch.server.Versions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.logging.LogManager;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The {@code hatch} command: 0 when it did what it was told, 1 when that failed, 2 when it was not understood. */
@Command(
        name = "hatch",
        description = "A Flight SQL server on pooled DuckDB, and its client.",
        mixinStandardHelpOptions = true,
        versionProvider = Hatch.Version.class,
        scope = ScopeType.INHERIT,
        synopsisSubcommandLabel = "COMMAND")
public final class Hatch {
    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Print the stack trace of an error.")
    private boolean verbose;

    private Hatch() {}

    public static void main(String[] args) {
        configureLogging();
        Console console = Console.ofProcess();
        int exitCode = run(console, args);
        console.out().flush();
        System.exit(exitCode);
    }

    /** Runs one command and returns its exit code. */
    static int run(Console console, String... args) {
        Hatch hatch = new Hatch();
        CommandLine commandLine = new CommandLine(hatch)
                .addSubcommand(ServeCommand.on(console))
                .addSubcommand(new QueryCommand(console))
                .addSubcommand(new LoadCommand(console))
                .addSubcommand(new TopCommand(console))
                .addSubcommand(new UserCommand(console))
                .addSubcommand(new BenchCommand())
                .setOut(console.outWriter())
                .setErr(console.errWriter())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .registerConverter(java.time.Duration.class, DurationOption::parse)
                .setParameterExceptionHandler((e, arguments) -> hatch.misunderstood(console, e))
                .setExecutionExceptionHandler((e, command, result) -> hatch.failed(console, e));
        if (args.length == 0) {
            commandLine.usage(console.errWriter());
            return CommandLine.ExitCode.USAGE;
        }
        return commandLine.execute(args);
    }

    private int misunderstood(Console console, ParameterException e) {
        String command = e.getCommandLine().getCommandSpec().qualifiedName();
        console.err().println("hatch: " + oneLine(e) + " (see " + command + " --help)");
        return CommandLine.ExitCode.USAGE;
    }

    private int failed(Console console, Exception e) {
        console.err().println("hatch: " + oneLine(e));
        if (verbose) {
            e.printStackTrace(console.err());
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** DuckDB's messages have several lines, the last a caret under the place: all but that one, joined. */
    private static String oneLine(Exception e) {
        @Nullable String message = e.getMessage();
        if (message == null) {
            return e.toString();
        }
        return message.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.matches("\\^+"))
                .collect(Collectors.joining(" | "));
    }

    private static void configureLogging() {
        try (InputStream settings = Hatch.class.getResourceAsStream("logging.properties")) {
            LogManager.getLogManager().readConfiguration(settings);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"hatch " + Versions.hatch() + ", Java " + Runtime.version()};
        }
    }
}

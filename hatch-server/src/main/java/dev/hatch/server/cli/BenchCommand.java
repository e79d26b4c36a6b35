package dev.hatch.server.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** Here for {@code hatch --help}: the script of a checkout runs the benchmarks itself, they are not in this jar. */
@Command(name = "bench", description = "Run a benchmark: hatch bench NAME [--quick]. In a checkout only.")
final class BenchCommand implements Callable<Integer> {
    @Unmatched
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() {
        throw new IllegalStateException("bench " + String.join(" ", arguments)
                + ": the benchmarks are not part of the server; run ./hatch bench in a checkout");
    }
}

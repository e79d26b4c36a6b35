package dev.hatch.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Measures rivals in JVMs of their own, one at a time. The JVM is the one that this runs on.
 *
 * <p>No child outlives this JVM: it is killed on a normal end, and it watches its standard input for any other.
 */
final class Forks {
    private static final int LINES_KEPT = 200;
    private static final Duration LAST_LINES = Duration.ofSeconds(5);

    private final String benchmark;
    private final Duration timeout;
    private final PrintStream progress;
    private volatile @Nullable Process running;

    /**
     * @param timeout how long one fork may take
     * @param progress gets a line for each fork when it starts
     */
    Forks(String benchmark, Duration timeout, PrintStream progress) {
        this.benchmark = benchmark;
        this.timeout = timeout;
        this.progress = progress;
    }

    /**
     * Runs a fork of each rival in the list, in its order, which may have one several times.
     *
     * @return the forks in that order
     * @throws ForkFailedException if one fails or takes too long; the rest is not run
     */
    List<Fork> run(List<Rival> rivals) throws IOException, InterruptedException, ForkFailedException {
        Thread killer = new Thread(this::killRunning, "fork-killer");
        Runtime.getRuntime().addShutdownHook(killer);
        try {
            List<Fork> forks = new ArrayList<>();
            long start = System.nanoTime();
            Map<Rival, Integer> rounds = new HashMap<>();
            for (Rival rival : rivals) {
                progress.printf(
                        Locale.ROOT,
                        "%s: fork %d of %d, %s, after %d s%n",
                        benchmark,
                        forks.size() + 1,
                        rivals.size(),
                        rival.title(),
                        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start));
                int round = rounds.merge(rival, 1, Integer::sum);
                forks.add(new Fork(rival, round, run(rival, round)));
            }
            return forks;
        } finally {
            killRunning();
            forget(killer);
        }
    }

    private ForkReport run(Rival rival, int round) throws IOException, InterruptedException, ForkFailedException {
        Process process =
                new ProcessBuilder(command(rival)).redirectErrorStream(true).start();
        running = process;
        Output output = new Output(process);
        output.start();
        boolean ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
        if (!ended) {
            killRunning();
            // Or the next fork would be measured beside one that is still dying.
            process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
        }
        output.awaitEnd();
        String report = output.report();
        if (ended && process.exitValue() == 0 && report != null) {
            return ForkReport.ofLine(report);
        }
        String why = !ended
                ? "no result within " + timeout.toSeconds() + " s"
                : process.exitValue() != 0 ? "exit code " + process.exitValue() : "it ended without a report";
        throw new ForkFailedException(rival.title() + ", fork " + round + ": " + why, output.lastLines());
    }

    private static List<String> command(Rival rival) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(rival.flags());
        command.add("-cp");
        command.add(rival.classPath());
        command.add(rival.mainClass());
        command.addAll(rival.arguments());
        return command;
    }

    private void killRunning() {
        Process process = running;
        if (process != null) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static void forget(Thread killer) {
        try {
            Runtime.getRuntime().removeShutdownHook(killer);
        } catch (IllegalStateException e) {
            // The JVM is ending and it runs.
        }
    }

    /**
     * Reads what a fork prints on both streams, so that it never waits for a full pipe. What is read is guarded by this.
     */
    private static final class Output extends Thread {
        private final Process process;
        private final Deque<String> lines = new ArrayDeque<>();
        private @Nullable String report;

        Output(Process process) {
            super("fork-output");
            this.process = process;
            setDaemon(true);
        }

        @Override
        public void run() {
            try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    add(line);
                }
            } catch (IOException e) {
                add("(its output broke off: " + e.getMessage() + ")");
            }
        }

        private synchronized void add(String line) {
            if (ForkReport.isReport(line)) {
                report = line;
                return;
            }
            if (lines.size() == LINES_KEPT) {
                lines.removeFirst();
            }
            lines.addLast(line);
        }

        /** Once the process has ended: waits until all of it is read, though not for a grandchild that holds the pipe. */
        void awaitEnd() throws InterruptedException {
            join(LAST_LINES.toMillis());
        }

        synchronized List<String> lastLines() {
            return List.copyOf(lines);
        }

        synchronized @Nullable String report() {
            return report;
        }
    }
}

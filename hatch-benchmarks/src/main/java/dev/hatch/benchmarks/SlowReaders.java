package dev.hatch.benchmarks;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionService;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.flight.sql.FlightSqlClient;
import org.apache.arrow.vector.FieldVector;

/**
 * Clients that each take a batch of a large result and then pause, in a JVM of their own, and what that of the server
 * takes meanwhile beyond what it took before.
 */
final class SlowReaders {
    static final Path STATUS = Path.of("/proc/self/status");

    /** What a server may take for itself, beside {@link #BATCHES_EACH} batches for each reader. */
    static final long FIXED_BYTES = 64_000_000;

    static final int BATCHES_EACH = 2;

    private static final Duration LOOK_EVERY = Duration.ofMillis(20);
    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final Duration BEGIN_WITHIN = Duration.ofSeconds(30);
    private static final String RESIDENT = "VmRSS:";
    private static final String BATCH = "largest batch";

    private SlowReaders() {}

    /** In the JVM of the server. */
    static List<Measurement> measure(FlightRun run, BenchServer server, FlightClients clients) throws Exception {
        int readers = run.clients();
        fill(server, readers);
        clients.readTable().requireComplete(run.settings().rows());
        List<String> arguments = new ArrayList<>(List.of(String.valueOf(server.port())));
        arguments.addAll(run.toArguments());
        Rival apart = Rival.here("readers", Rival.ARROW_FLAGS, SlowReaders.class, arguments);
        try (Watch watch = new Watch()) {
            // Its progress is none of whoever reads this JVM's output.
            Forks forks = new Forks("readers", TIMEOUT, new PrintStream(OutputStream.nullOutputStream()));
            ForkReport report = forks.run(List.of(apart)).get(0).report();
            double batch = report.measurements().get(0).median();
            List<Measurement> found = new ArrayList<>(List.of(
                    megabytes(run, "resident", (double) (watch.peakBytes() - watch.idleBytes)),
                    megabytes(run, "Arrow memory", (double) server.arrowPeakBytes())));
            if (run.rival() == FlightRival.HATCH) {
                found.add(megabytes(run, "bound", BATCHES_EACH * batch * readers + FIXED_BYTES));
            }
            return found;
        }
    }

    private static Measurement megabytes(FlightRun run, String metric, double bytes) {
        return new Measurement(run.title(), metric, "MB", Better.LOWER, List.of(bytes / 1e6));
    }

    /** Has a pool open all of its connections. */
    private static void fill(BenchServer server, int count) throws Exception {
        List<Connection> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(server.connect());
        }
        for (Connection connection : all) {
            connection.close();
        }
    }

    /** What of this process is in memory, as Linux counts it. */
    private static long residentBytes() throws IOException {
        String line = Files.readAllLines(STATUS, StandardCharsets.UTF_8).stream()
                .filter(found -> found.startsWith(RESIDENT))
                .findFirst()
                .orElseThrow();
        return 1_024 * Long.parseLong(line.replaceAll("\\D", ""));
    }

    /** Looks again and again how much memory this process has. */
    private static final class Watch implements AutoCloseable {
        private final long idleBytes = residentBytes();
        private final CountDownLatch over = new CountDownLatch(1);
        private final CompletableFuture<Long> peak = new CompletableFuture<>();

        Watch() throws IOException {
            Thread thread = new Thread(this::look, "watch");
            thread.setDaemon(true);
            thread.start();
        }

        private void look() {
            try {
                long most = idleBytes;
                do {
                    most = Math.max(most, residentBytes());
                } while (!over.await(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS));
                peak.complete(most);
            } catch (IOException | InterruptedException e) {
                peak.completeExceptionally(e);
            }
        }

        /** The most so far; it is not looked for any more. */
        long peakBytes() throws Exception {
            over.countDown();
            return peak.get();
        }

        @Override
        public void close() {
            over.countDown();
        }
    }

    /** In the JVM of the readers. */
    public static void main(String[] args) {
        List<String> arguments = Arrays.asList(args);
        int port = Integer.parseInt(arguments.get(0));
        FlightRun run = FlightRun.ofArguments(arguments.subList(1, arguments.size()));
        Child.run(() -> new ForkReport("", List.of(read(run, port))));
    }

    private static Measurement read(FlightRun run, int port) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(run.clients());
        // Nobody goes on before all have something: so many streams are under way at once.
        CyclicBarrier begun = new CyclicBarrier(run.clients());
        try (FlightClients clients = new FlightClients(port)) {
            // As they end, so that the first that fails says why, and not those that wait for it.
            CompletionService<Long> readers = new ExecutorCompletionService<>(threads);
            for (int i = 0; i < run.clients(); i++) {
                readers.submit(() -> read(run.settings(), clients, begun));
            }
            List<Double> largest = new ArrayList<>();
            for (int i = 0; i < run.clients(); i++) {
                largest.add((double) readers.take().get());
            }
            return new Measurement(run.title(), BATCH, "bytes", Better.LOWER, largest);
        } finally {
            threads.shutdownNow();
        }
    }

    /** Returns the size of the first batch. */
    @SuppressWarnings("try") // An interrupt ends the measurement like any failure.
    private static long read(FlightSettings settings, FlightClients clients, CyclicBarrier begun) throws Exception {
        try (FlightSqlClient client = new FlightSqlClient(clients.connect())) {
            Ticket ticket =
                    client.execute(FlightTable.QUERY).getEndpoints().get(0).getTicket();
            try (FlightStream stream = client.getStream(ticket)) {
                requireNext(stream);
                long bytes = stream.getRoot().getFieldVectors().stream()
                        .mapToLong(FieldVector::getBufferSize)
                        .sum();
                begun.await(BEGIN_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
                long end = System.nanoTime() + settings.reading().toNanos();
                while (System.nanoTime() - end < 0) {
                    TimeUnit.NANOSECONDS.sleep(settings.pause().toNanos());
                    requireNext(stream);
                }
                stream.cancel("that is enough", null);
                return bytes;
            }
        }
    }

    private static void requireNext(FlightStream stream) {
        if (!stream.next()) {
            throw new IllegalStateException("the result ended before the time to read it did");
        }
    }
}

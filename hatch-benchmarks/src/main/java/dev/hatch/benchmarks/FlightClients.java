package dev.hatch.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.FlightEndpoint;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.Location;
import org.apache.arrow.flight.sql.FlightSqlClient;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/** The clients of one server; each has a connection of its own. */
final class FlightClients implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofMinutes(5);

    private final Location location;
    private final BufferAllocator allocator = new RootAllocator();

    FlightClients(int port) {
        location = Location.forGrpcInsecure(BenchServer.HOST, port);
    }

    @SuppressWarnings("try") // An interrupt ends the measurement like any failure.
    FlightTable.Tally readTable() throws Exception {
        FlightTable.Tally tally = new FlightTable.Tally();
        try (FlightSqlClient client = new FlightSqlClient(connect())) {
            for (FlightEndpoint endpoint : client.execute(FlightTable.QUERY).getEndpoints()) {
                try (FlightStream stream = client.getStream(endpoint.getTicket())) {
                    while (stream.next()) {
                        tally.add(stream.getRoot());
                    }
                }
            }
        }
        return tally;
    }

    /** How many answers per second the clients get together, a value a window, and how long they wait for one. */
    List<Measurement> ask(FlightRun run, FlightQuery.Kind kind) throws Exception {
        FlightSettings settings = run.settings();
        Asking asking = new Asking(run.clients(), kind);
        ExecutorService threads = Executors.newFixedThreadPool(run.clients());
        try {
            List<Future<Histogram>> clients = new ArrayList<>();
            for (int i = 0; i < run.clients(); i++) {
                clients.add(threads.submit(asking::untilStopped));
            }
            asking.begun.await();
            asking.rates(settings.queryWarmUp(), 1);
            asking.counts = true;
            List<Double> rates = asking.rates(settings.window(), settings.windows());
            asking.stop.countDown();
            Histogram times = new Histogram(LONGEST.toNanos(), 2);
            for (Future<Histogram> client : clients) {
                times.add(client.get());
            }
            return List.of(
                    new Measurement(run.title(), "queries/s", "queries/s", Better.HIGHER, rates),
                    millis(run, "p50", times.getValueAtPercentile(50)),
                    millis(run, "p99", times.getValueAtPercentile(99)));
        } finally {
            asking.stop.countDown();
            threads.shutdownNow();
        }
    }

    private static Measurement millis(FlightRun run, String metric, long nanos) {
        return new Measurement(run.title(), metric, "ms", Better.LOWER, List.of(nanos / 1e6));
    }

    private final class Asking {
        private final FlightQuery.Kind kind;
        private final LongAdder answers = new LongAdder();

        /** Counted down by each client when it has its first answer or has failed. */
        private final CountDownLatch begun;

        private final CountDownLatch stop = new CountDownLatch(1);

        /** Whether the warm-up is over. */
        private volatile boolean counts;

        Asking(int clients, FlightQuery.Kind kind) {
            begun = new CountDownLatch(clients);
            this.kind = kind;
        }

        @SuppressWarnings("try")
        private Histogram untilStopped() throws Exception {
            // Within 1 %; made before the first query.
            Histogram times = new Histogram(LONGEST.toNanos(), 2);
            try (FlightSqlClient client = new FlightSqlClient(connect());
                    FlightQuery query = kind.open(client, allocator)) {
                query.ask();
                begun.countDown();
                while (stop.getCount() > 0) {
                    boolean counted = counts;
                    long start = System.nanoTime();
                    query.ask();
                    if (counted) {
                        times.recordValue(System.nanoTime() - start);
                    }
                    answers.increment();
                }
            } finally {
                begun.countDown();
            }
            return times;
        }

        private List<Double> rates(Duration window, int windows) throws InterruptedException {
            List<Double> values = new ArrayList<>();
            for (int i = 0; i < windows; i++) {
                long before = answers.sum();
                long start = System.nanoTime();
                TimeUnit.NANOSECONDS.sleep(window.toNanos());
                values.add((answers.sum() - before) * 1e9 / (System.nanoTime() - start));
            }
            return values;
        }
    }

    FlightClient connect() {
        return FlightClient.builder(allocator, location).build();
    }

    BufferAllocator allocator() {
        return allocator;
    }

    @Override
    public void close() {
        allocator.close();
    }
}

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
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.FlightEndpoint;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.Location;
import org.apache.arrow.flight.sql.FlightSqlClient;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/** The clients of one server; each has a connection of its own. */
final class FlightClients implements AutoCloseable {
    private final Location location;
    private final BufferAllocator allocator = new RootAllocator();

    FlightClients(String host, int port) {
        location = Location.forGrpcInsecure(host, port);
    }

    @SuppressWarnings("try") // An interrupt ends the measurement like any failure.
    FlightTable.Tally readTable() throws Exception {
        FlightTable.Tally tally = new FlightTable.Tally();
        try (FlightSqlClient client = connect()) {
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

    /** How many times per second {@code count} clients together get the answer to {@code SELECT 1}: a value a window. */
    List<Double> selectOne(int count, FlightSettings settings) throws Exception {
        LongAdder answers = new LongAdder();
        CountDownLatch stop = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(count);
        try {
            List<Future<?>> clients = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                clients.add(threads.submit(() -> {
                    selectUntil(stop, answers);
                    return null;
                }));
            }
            rates(answers, settings.queryWarmUp(), 1);
            List<Double> values = rates(answers, settings.window(), settings.windows());
            stop.countDown();
            for (Future<?> client : clients) {
                client.get();
            }
            return values;
        } finally {
            stop.countDown();
            threads.shutdownNow();
        }
    }

    private static List<Double> rates(LongAdder answers, Duration window, int windows) throws InterruptedException {
        List<Double> values = new ArrayList<>();
        for (int i = 0; i < windows; i++) {
            long before = answers.sum();
            long start = System.nanoTime();
            TimeUnit.NANOSECONDS.sleep(window.toNanos());
            values.add((answers.sum() - before) * 1e9 / (System.nanoTime() - start));
        }
        return values;
    }

    @SuppressWarnings("try")
    private void selectUntil(CountDownLatch stop, LongAdder answers) throws Exception {
        try (FlightSqlClient client = connect()) {
            while (stop.getCount() > 0) {
                for (FlightEndpoint endpoint : client.execute("SELECT 1").getEndpoints()) {
                    try (FlightStream stream = client.getStream(endpoint.getTicket())) {
                        int rows = 0;
                        while (stream.next()) {
                            rows += stream.getRoot().getRowCount();
                        }
                        if (rows != 1) {
                            throw new IllegalStateException("SELECT 1 gave " + rows + " rows");
                        }
                    }
                }
                answers.increment();
            }
        }
    }

    private FlightSqlClient connect() {
        return new FlightSqlClient(FlightClient.builder(allocator, location).build());
    }

    @Override
    public void close() {
        allocator.close();
    }
}

package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** More clients than the server can serve cost those that are served next to nothing. */
class OverloadTest {
    private static final int CONNECTIONS = 4;
    private static final Duration ROUND = Duration.ofSeconds(8);

    /** A few ms of work for DuckDB. */
    private static final String QUERY = "SELECT sum(hash(range)) FROM range(300_000)";

    private final LongAdder served = new LongAdder();
    private final LongAdder refused = new LongAdder();

    private static ServerConfig.Builder config() {
        return ServerConfig.builder(ConnectionPoolConfig.builder()
                        .name("overload")
                        .dsn(":memory:")
                        .maxOpenConnections(CONNECTIONS)
                        .maxIdleConnections(CONNECTIONS)
                        .maxWaiters(2 * CONNECTIONS)
                        .connectionTimeout(Duration.ofSeconds(2))
                        .build())
                .listen(new ServerConfig.Address("127.0.0.1", 0));
    }

    /** Served queries a second, by so many clients that ask again at once, or after the delay that they are told. */
    private double rate(TestServer server, int clients) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        List<FutureTask<Void>> tasks = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            FutureTask<Void> task = new FutureTask<>(() -> {
                try (TestServer.Client client = server.client()) {
                    while (!over.get()) {
                        ask(client);
                    }
                }
                return null;
            });
            tasks.add(task);
            new Thread(task, "client").start();
        }
        measureFor(ROUND.dividedBy(4));
        served.reset();
        refused.reset();
        long start = System.nanoTime();
        measureFor(ROUND);
        double rate = served.sum() / ((System.nanoTime() - start) / 1e9);
        over.set(true);
        for (FutureTask<Void> task : tasks) {
            task.get(60, TimeUnit.SECONDS);
        }
        return rate;
    }

    private static void measureFor(Duration time) throws InterruptedException {
        new CountDownLatch(1).await(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void ask(TestServer.Client client) throws Exception {
        try {
            assertThat(client.count(QUERY)).isOne();
            served.increment();
        } catch (FlightRuntimeException e) {
            assertThat(e.status().code()).isEqualTo(FlightStatusCode.RESOURCE_EXHAUSTED);
            refused.increment();
            measureFor(Duration.ofMillis(Long.parseLong(e.status().metadata().get("grpc-retry-pushback-ms"))));
        }
    }

    @Test
    @Tag("full")
    void at_ten_times_the_load_throughput_stays_within_15_percent_of_the_best() throws Exception {
        try (TestServer server = TestServer.start(config())) {
            double best = 0;
            int bestClients = 0;
            for (int clients : new int[] {1, 2, 4, 8}) {
                double rate = rate(server, clients);
                print(clients, rate);
                if (rate > best) {
                    best = rate;
                    bestClients = clients;
                }
            }
            double over = rate(server, 10 * bestClients);
            print(10 * bestClients, over);
            assertThat(over / best).as("of the best, at ten times its clients").isGreaterThan(0.85);
        }
    }

    private void print(int clients, double rate) {
        System.out.printf(Locale.ROOT, "%d clients: %.0f served a second, %d refused%n", clients, rate, refused.sum());
    }
}

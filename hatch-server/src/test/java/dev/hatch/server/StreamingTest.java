package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // FlightStream.close may be interrupted.
class StreamingTest {
    private static final String ENDLESS = "SELECT range AS a, range * 2 AS b FROM range(100_000_000_000)";
    private static final long BOUND = 64L << 20;

    @Test
    void ten_million_rows_arrive_complete_while_the_server_holds_little_memory() throws Exception {
        try (TestServer server = TestServer.start();
                TestServer.Client client = server.client();
                FlightStream stream = client.query("SELECT range AS a, -range AS b FROM range(10_000_000)")) {
            long rows = 0;
            long sum = 0;
            long difference = 0;
            long most = 0;
            while (stream.next()) {
                VectorSchemaRoot batch = stream.getRoot();
                BigIntVector a = (BigIntVector) batch.getVector(0);
                BigIntVector b = (BigIntVector) batch.getVector(1);
                for (int i = 0; i < batch.getRowCount(); i++) {
                    sum += a.get(i);
                    difference += a.get(i) + b.get(i);
                }
                rows += batch.getRowCount();
                most = Math.max(most, server.hatch().allocatedBytes());
            }
            assertThat(rows).isEqualTo(10_000_000);
            assertThat(sum).isEqualTo(9_999_999L * 10_000_000 / 2);
            assertThat(difference).isZero();
            assertThat(most).isBetween(1L, BOUND);
        }
    }

    @Test
    void a_client_that_does_not_read_stops_the_server_from_producing() throws Exception {
        try (TestServer server = TestServer.start();
                TestServer.Client client = server.client();
                FlightStream stream = client.query(ENDLESS)) {
            assertThat(stream.next()).isTrue();
            await().during(300, TimeUnit.MILLISECONDS)
                    .atMost(TestServer.SOON)
                    .until(() -> server.hatch().allocatedBytes() < BOUND);
            assertThat(server.inUse()).isOne();
            stream.cancel("enough", null);
        }
    }

    @Test
    void two_hundred_clients_share_eight_connections_without_an_error() throws Exception {
        int clients = 200;
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        try (TestServer server = TestServer.start(8)) {
            server.execute("CREATE TABLE t AS SELECT range AS a FROM range(30_000)");
            List<Future<Long>> counts = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                int first = i;
                counts.add(threads.submit(() -> {
                    long rows = 0;
                    try (TestServer.Client client = server.client()) {
                        for (int query = 0; query < 3; query++) {
                            rows += client.count("SELECT a, a::VARCHAR FROM t WHERE a >= " + first);
                        }
                    }
                    return rows;
                }));
            }
            for (int i = 0; i < clients; i++) {
                assertThat(counts.get(i).get(60, TimeUnit.SECONDS)).isEqualTo(3L * (30_000 - i));
            }
            server.awaitIdle();
            assertThat(server.hatch().pool().stats().openConnections()).isLessThanOrEqualTo(8);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void a_client_that_cancels_in_mid_stream_leaves_nothing_behind() throws Exception {
        try (TestServer server = TestServer.start(2)) {
            for (int i = 0; i < 50; i++) {
                try (TestServer.Client client = server.client()) {
                    FlightStream stream = client.query(ENDLESS);
                    assertThat(stream.next()).isTrue();
                    stream.cancel("gone", null);
                    stream.close();
                }
                server.awaitIdle();
            }
        }
    }

    @Test
    void a_client_whose_connection_breaks_in_mid_stream_leaves_nothing_behind() throws Exception {
        try (TestServer server = TestServer.start(2)) {
            for (int i = 0; i < 50; i++) {
                try (TestServer.Client client = server.client()) {
                    FlightStream stream = client.query(ENDLESS);
                    assertThat(stream.next()).isTrue();
                    client.channel.shutdownNow();
                    server.awaitIdle();
                    stream.close();
                }
            }
        }
    }

    @Test
    void a_client_that_vanishes_before_the_first_row_interrupts_the_statement() throws Exception {
        try (TestServer server = TestServer.start(2)) {
            for (int i = 0; i < 10; i++) {
                try (TestServer.Client client = server.client()) {
                    FlightStream stream =
                            client.query("SELECT sum(a.range * b.range) FROM range(10_000_000) a, range(1_000_000) b");
                    await().atMost(TestServer.SOON).until(() -> server.inUse() == 1);
                    client.channel.shutdownNow();
                    server.awaitIdle();
                    stream.close();
                }
            }
        }
    }

    @Test
    void a_client_that_vanishes_at_any_moment_of_the_start_interrupts_the_statement() throws Exception {
        Random random = new Random(7);
        try (TestServer server = TestServer.start(2);
                TestServer.Client client = server.client()) {
            for (int i = 0; i < 300; i++) {
                FlightInfo info = client.sql.execute(
                        "SELECT sum(a.range * b.range) FROM range(10_000_000) a, range(1_000_000) b");
                FlightStream stream = client.stream(info);
                long until = System.nanoTime() + random.nextInt(3_000_000);
                while (System.nanoTime() < until) {
                    Thread.onSpinWait();
                }
                stream.cancel("gone", null);
                stream.close();
            }
        }
    }

    @Test
    void a_client_that_vanishes_while_it_waits_for_a_connection_runs_nothing() throws Exception {
        try (TestServer server = TestServer.start(1);
                TestServer.Client holder = server.client();
                TestServer.Client waiting = server.client()) {
            server.execute("CREATE TABLE probe (x INTEGER)");
            FlightInfo insert = waiting.sql.execute("INSERT INTO probe VALUES (1)");
            FlightStream held = holder.query(ENDLESS);
            assertThat(held.next()).isTrue();
            FlightStream queued = waiting.stream(insert);
            await().atMost(TestServer.SOON)
                    .until(() -> server.hatch().pool().stats().waiting() == 1);
            waiting.channel.shutdownNow();
            queued.close();
            held.cancel("enough", null);
            held.close();
            server.awaitIdle();
            assertThat(server.number("SELECT count(*) FROM probe")).isZero();
        }
    }
}

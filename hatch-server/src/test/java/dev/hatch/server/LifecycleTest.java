package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.sql.Connection;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.flight.FlightStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // FlightStream.close may be interrupted.
class LifecycleTest {
    private static final long ROWS = 3_000_000;
    private static final String LONG = "SELECT range AS a, range AS b FROM range(" + ROWS + ")";
    private static final String ENDLESS = "SELECT range AS a FROM range(100_000_000_000)";
    private static final String NO_FIRST_ROW =
            "SELECT sum(a.range * b.range) FROM range(10_000_000) a, range(1_000_000) b";

    /** Of the server for {@link #NO_SECOND_BATCH}. */
    private static final int LARGE_BATCH = 1 << 20;

    /** DuckDB works ahead of what it gives. So this gives the first batch at once; the second takes a minute. */
    private static final String NO_SECOND_BATCH =
            "SELECT CASE WHEN range < 2_000_000 THEN range ELSE list_sum(range(range - range + 5_000)) END::BIGINT AS a"
                    + " FROM range(1_000_000_000)";

    private static final String LONG_UPDATE =
            "CREATE TABLE z AS SELECT sum(a.range * b.range) AS s FROM range(10_000_000) a, range(1_000_000) b";

    private final ExecutorService closer = Executors.newSingleThreadExecutor();
    private TestServer server;
    private TestServer.Client client;

    @BeforeEach
    void start() {
        server = TestServer.start(2);
        client = server.client();
    }

    @AfterEach
    void nothing_is_left() {
        client.close();
        server.close();
        closer.shutdownNow();
    }

    @Test
    void the_health_service_says_serving_while_the_server_listens() {
        assertThat(health()).isEqualTo(ServingStatus.SERVING);
    }

    private ServingStatus health() {
        return HealthGrpc.newBlockingStub(client.channel)
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatus();
    }

    @Test
    void a_running_stream_ends_complete_within_the_drain_and_new_calls_are_refused() throws Exception {
        Future<?> closing;
        try (FlightStream stream = client.query(LONG)) {
            assertThat(stream.next()).isTrue();
            long rows = stream.getRoot().getRowCount();
            closing = closer.submit(() -> server.hatch().close(Duration.ofSeconds(30)));
            await().atMost(TestServer.SOON).untilAsserted(() -> {
                try (TestServer.Client late = server.client()) {
                    FlightRuntimeException refused =
                            catchThrowableOfType(FlightRuntimeException.class, () -> late.count("SELECT 1"));
                    assertThat(refused).isNotNull();
                    assertThat(refused.status().code()).isEqualTo(FlightStatusCode.UNAVAILABLE);
                }
            });
            assertThat(closing).isNotDone();
            while (stream.next()) {
                rows += stream.getRoot().getRowCount();
            }
            assertThat(rows).isEqualTo(ROWS);
        }
        closing.get(20, TimeUnit.SECONDS);
    }

    @Test
    void what_still_runs_after_the_drain_is_cancelled_with_an_error() throws Exception {
        try (FlightStream stream = client.query(ENDLESS)) {
            assertThat(stream.next()).isTrue();
            Future<?> closing = closer.submit(() -> server.hatch().close(Duration.ofMillis(100)));
            FlightRuntimeException failure = catchThrowableOfType(FlightRuntimeException.class, () -> {
                while (stream.next()) {
                    assertThat(stream.getRoot().getRowCount()).isPositive();
                }
            });
            assertThat(failure).isNotNull();
            assertThat(failure.status().code()).isIn(FlightStatusCode.UNAVAILABLE, FlightStatusCode.CANCELLED);
            closing.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void a_statement_without_a_first_row_is_interrupted_by_close() throws Exception {
        try (FlightStream stream = client.query(NO_FIRST_ROW)) {
            await().atMost(TestServer.SOON).until(() -> server.inUse() == 1);
            Future<?> closing = closer.submit(() -> server.hatch().close());
            assertThat(catchThrowableOfType(FlightRuntimeException.class, stream::next))
                    .isNotNull()
                    .hasMessageContaining("the server was closed");
            closing.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void a_client_that_does_not_read_does_not_hold_up_close() throws Exception {
        try (FlightStream stream = client.query(ENDLESS)) {
            assertThat(stream.next()).isTrue();
            closer.submit(() -> server.hatch().close()).get(10, TimeUnit.SECONDS);
            stream.cancel("late", null);
        }
    }

    @Test
    void the_health_service_says_not_serving_during_the_drain() throws Exception {
        ExecutorService watcher = Executors.newSingleThreadExecutor();
        try (FlightStream stream = client.query(ENDLESS)) {
            assertThat(stream.next()).isTrue();
            Iterator<HealthCheckResponse> states =
                    HealthGrpc.newBlockingStub(client.channel).watch(HealthCheckRequest.getDefaultInstance());
            assertThat(states.next().getStatus()).isEqualTo(ServingStatus.SERVING);
            Future<HealthCheckResponse> next = watcher.submit(states::next);
            Future<?> closing = closer.submit(() -> server.hatch().close(Duration.ofSeconds(5)));
            assertThat(next.get(4, TimeUnit.SECONDS).getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
            assertThat(closing).isNotDone();
            stream.cancel("enough", null);
            closing.get(20, TimeUnit.SECONDS);
        } finally {
            watcher.shutdownNow();
        }
    }

    @Test
    void an_update_is_cancelled_when_its_client_vanishes() throws Exception {
        try (TestServer.Client vanishing = server.client()) {
            Future<?> update = closer.submit(() -> vanishing.sql.executeUpdate(LONG_UPDATE));
            await().atMost(TestServer.SOON).until(() -> server.inUse() == 1);
            vanishing.channel.shutdownNow();
            server.awaitIdle();
            assertThat(catchThrowable(() -> update.get(10, TimeUnit.SECONDS))).isNotNull();
        }
        assertThat(server.number("SELECT count(*) FROM duckdb_tables()")).isZero();
        assertThat(client.count("SELECT 1")).isOne();
    }

    @Test
    void an_update_that_still_runs_after_the_drain_is_cancelled_with_an_error() throws Exception {
        ExecutorService caller = Executors.newSingleThreadExecutor();
        try {
            Future<?> update = caller.submit(() -> client.sql.executeUpdate(LONG_UPDATE));
            await().atMost(TestServer.SOON).until(() -> server.inUse() == 1);
            long start = System.nanoTime();
            server.hatch().close(Duration.ofMillis(200));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
            assertThat(catchThrowable(() -> update.get(10, TimeUnit.SECONDS)))
                    .hasStackTraceContaining("the server was closed before the update was complete");
            assertThat(server.inUse()).isZero();
            assertThat(server.hatch().allocatedBytes()).isZero();
        } finally {
            caller.shutdownNow();
        }
    }

    @Test
    void a_call_that_waits_for_a_connection_is_ended_by_close_and_by_its_clients_going_away() throws Exception {
        ExecutorService callers = Executors.newCachedThreadPool();
        try (Connection one = server.hatch().dataSource().getConnection();
                Connection two = server.hatch().dataSource().getConnection();
                TestServer.Client vanishing = server.client()) {
            Future<?> gone = callers.submit(() -> vanishing.sql.executeUpdate("CREATE TABLE gone (x INTEGER)"));
            await().atMost(TestServer.SOON).until(() -> waiting() == 1);
            vanishing.channel.shutdownNow();
            await().atMost(Duration.ofSeconds(5)).until(() -> waiting() == 0);
            assertThat(catchThrowable(() -> gone.get(10, TimeUnit.SECONDS))).isNotNull();
            Future<?> waits = callers.submit(() -> client.sql.executeUpdate("CREATE TABLE late (x INTEGER)"));
            await().atMost(TestServer.SOON).until(() -> waiting() == 1);
            Future<?> closing = closer.submit(() -> server.hatch().close());
            assertThat(catchThrowable(() -> waits.get(10, TimeUnit.SECONDS)))
                    .hasStackTraceContaining("the server was closed before the update was complete");
            one.close();
            two.close();
            closing.get(10, TimeUnit.SECONDS);
        } finally {
            callers.shutdownNow();
        }
    }

    private int waiting() {
        return server.hatch().pool().stats().waiting();
    }

    @Test
    void a_stream_whose_next_batch_is_long_in_coming_is_cancelled_when_its_client_goes() throws Exception {
        try (TestServer large = TestServer.start(2, LARGE_BATCH);
                TestServer.Client vanishing = large.client()) {
            FlightStream stream = vanishing.query(NO_SECOND_BATCH);
            assertThat(stream.next()).isTrue();
            stream.cancel("enough", null);
            stream.close();
            await().atMost(Duration.ofSeconds(5)).until(() -> large.inUse() == 0);
        }
    }

    @Test
    void a_stream_whose_next_batch_is_long_in_coming_is_cancelled_by_close() throws Exception {
        try (TestServer large = TestServer.start(2, LARGE_BATCH);
                TestServer.Client reading = large.client();
                FlightStream stream = reading.query(NO_SECOND_BATCH)) {
            assertThat(stream.next()).isTrue();
            Future<?> closing = closer.submit(() -> large.hatch().close());
            assertThat(catchThrowableOfType(FlightRuntimeException.class, stream::next))
                    .isNotNull()
                    .hasMessageContaining("the server was closed");
            closing.get(5, TimeUnit.SECONDS);
            assertThat(large.hatch().allocatedBytes()).isZero();
        }
    }

    @Test
    void an_interrupt_ends_the_drain_and_nothing_else() throws Exception {
        try (FlightStream stream = client.query(ENDLESS)) {
            assertThat(stream.next()).isTrue();
            AtomicBoolean stayedInterrupted = new AtomicBoolean();
            Thread closing = new Thread(() -> {
                server.hatch().close(Duration.ofMinutes(5));
                stayedInterrupted.set(Thread.currentThread().isInterrupted());
            });
            closing.start();
            await().atMost(TestServer.SOON).until(() -> closing.getState() == Thread.State.TIMED_WAITING);
            closing.interrupt();
            assertThat(catchThrowableOfType(FlightRuntimeException.class, () -> {
                        while (stream.next()) {
                            assertThat(stream.getRoot().getRowCount()).isPositive();
                        }
                    }))
                    .isNotNull();
            closing.join(15_000);
            assertThat(closing.isAlive()).isFalse();
            assertThat(stayedInterrupted).isTrue();
            assertThat(server.hatch().allocatedBytes()).isZero();
            assertThat(server.inUse()).isZero();
        }
    }

    @Test
    void closing_again_does_nothing_and_an_idle_server_closes_at_once() throws Exception {
        assertThat(client.count("SELECT 1")).isOne();
        long start = System.nanoTime();
        server.hatch().close(Duration.ofSeconds(30));
        server.hatch().close(Duration.ofSeconds(30));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
    }
}

package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.reflect.Method;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.sql.FlightSqlClient.Transaction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that ask and never come back, leave in the middle, or are killed. After each there is no lease out, no byte of
 * Arrow memory held, and no buffer of Netty's that was dropped: its detector looks at every one of them here.
 */
@SuppressWarnings("try") // FlightStream.close may be interrupted.
class FaultsTest {
    private static final String ENDLESS = "SELECT range AS a, range * 2 AS b FROM range(100_000_000_000)";
    private static final String ROWLESS = "SELECT sum(a.range * b.range) FROM range(10_000_000) a, range(1_000_000) b";

    /** Held, as the JDK forgets one that nobody holds. */
    private static final Logger DETECTOR = Logger.getLogger("io.netty.util.ResourceLeakDetector");

    private static final ConcurrentLinkedQueue<String> LEAKS = new ConcurrentLinkedQueue<>();

    private static final Handler LISTENER = new Handler() {
        @Override
        public void publish(LogRecord record) {
            LEAKS.add(record.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private static Object former;

    @TempDir
    Path folder;

    /** Netty is here only by way of Arrow and gRPC, so it is asked by name. */
    private static Class<?> detector() throws ReflectiveOperationException {
        return Class.forName("io.netty.util.ResourceLeakDetector");
    }

    private static void detect(Object level) throws ReflectiveOperationException {
        Object unused = detector().getMethod("setLevel", level.getClass()).invoke(null, level);
    }

    @BeforeAll
    static void watch() throws ReflectiveOperationException {
        DETECTOR.addHandler(LISTENER);
        former = detector().getMethod("getLevel").invoke(null);
        for (Object level : former.getClass().getEnumConstants()) {
            if (level.toString().equals("PARANOID")) {
                detect(level);
            }
        }
    }

    @AfterAll
    static void unwatch() throws ReflectiveOperationException {
        detect(former);
        DETECTOR.removeHandler(LISTENER);
    }

    /** The detector reports what the collector has found when the next buffer is made. */
    private static void look() {
        try (TestServer server = TestServer.start(1);
                TestServer.Client client = server.client()) {
            for (int i = 0; i < 3; i++) {
                System.gc();
                assertThat(client.count("SELECT 1")).isOne();
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void no_buffer_was_dropped() {
        look();
        assertThat(LEAKS).isEmpty();
    }

    @Test
    void the_detector_sees_a_buffer_that_is_dropped() throws ReflectiveOperationException {
        drop();
        await().atMost(TestServer.SOON).untilAsserted(() -> {
            look();
            assertThat(LEAKS).isNotEmpty();
        });
        LEAKS.clear();
    }

    private static void drop() throws ReflectiveOperationException {
        Class<?> allocator = Class.forName("io.netty.buffer.PooledByteBufAllocator");
        Method make = allocator.getMethod("directBuffer", int.class);
        Object unused = make.invoke(allocator.getField("DEFAULT").get(null), 64);
    }

    @Test
    void descriptions_that_nobody_fetches_hold_nothing() {
        abandon(200);
    }

    @Test
    @Tag("full")
    void a_thousand_descriptions_that_nobody_fetches_hold_nothing() {
        abandon(1_000);
    }

    private static void abandon(int count) {
        try (TestServer server = TestServer.start(2);
                TestServer.Client client = server.client()) {
            for (int i = 0; i < count; i++) {
                assertThat(client.sql.execute(ENDLESS).getEndpoints()).hasSize(1);
            }
            assertThat(server.inUse()).isZero();
        }
    }

    @Test
    void streams_that_are_cancelled_at_any_point_hold_nothing() throws Exception {
        cancelStreams(200);
    }

    @Test
    @Tag("full")
    void a_thousand_streams_that_are_cancelled_at_any_point_hold_nothing() throws Exception {
        cancelStreams(1_000);
    }

    /** Before there is anything, before the first batch is read, after it, after some, and in a transaction. */
    private static void cancelStreams(int count) throws Exception {
        try (TestServer server = TestServer.start(TestServer.config(":memory:", 0, 4, 1_000));
                TestServer.Client client = server.client()) {
            server.execute("CREATE TABLE t (i INTEGER)");
            Transaction transaction = client.sql.beginTransaction();
            long changed = 0;
            for (int i = 0; i < count; i++) {
                boolean within = i % 5 == 4;
                FlightInfo info = within
                        ? client.sql.execute(ENDLESS, transaction)
                        : client.sql.execute(i % 5 == 0 ? ROWLESS : ENDLESS);
                FlightStream stream = client.stream(info);
                for (int batch = 0; batch < i % 5 - 1; batch++) {
                    assertThat(stream.next()).isTrue();
                }
                stream.cancel("enough", null);
                stream.close();
                if (within) {
                    changed += client.sql.executeUpdate("INSERT INTO t VALUES (1)", transaction);
                }
            }
            client.sql.commit(transaction);
            assertThat(server.number("SELECT count(*) FROM t"))
                    .isEqualTo(changed)
                    .isEqualTo(count / 5);
        }
    }

    @Test
    void two_hundred_clients_whose_connections_break_hold_nothing() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(10);
        try (TestServer server = TestServer.start(TestServer.config(":memory:", 0, 12, 1_000))) {
            server.execute("CREATE TABLE t (i INTEGER)");
            List<Future<?>> clients = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                int kind = i % 4;
                clients.add(threads.submit(() -> breakOff(server, kind)));
            }
            for (Future<?> client : clients) {
                Object unused = client.get(60, TimeUnit.SECONDS);
            }
            server.awaitIdle();
            assertThat(server.number("SELECT count(*) FROM t")).isZero();
        } finally {
            threads.shutdownNow();
        }
    }

    private static void breakOff(TestServer server, int kind) {
        try (TestServer.Client client = server.client()) {
            switch (kind) {
                case 0 -> client.channel.shutdownNow();
                case 1 -> leave(client, client.query(ROWLESS));
                case 2 -> {
                    FlightStream stream = client.query(ENDLESS);
                    assertThat(stream.next()).isTrue();
                    leave(client, stream);
                }
                default -> {
                    // What it began by an id is the server's to end, when it has been idle or by this.
                    Transaction transaction = client.sql.beginTransaction();
                    assertThat(client.sql.executeUpdate("INSERT INTO t VALUES (1)", transaction))
                            .isOne();
                    try (TestServer.Client other = server.client()) {
                        leave(client, client.stream(client.sql.execute(ENDLESS, transaction)));
                        other.sql.rollback(transaction);
                    }
                }
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void leave(TestServer.Client client, FlightStream stream) throws Exception {
        client.channel.shutdownNow();
        stream.close();
    }

    @Test
    void client_processes_that_are_killed_hold_nothing() throws Exception {
        try (TestServer server = TestServer.start(TestServer.config(":memory:", 0, 4, 1_000))) {
            List<Process> readers = new ArrayList<>();
            try {
                for (int i = 0; i < 3; i++) {
                    readers.add(Jvm.start(
                            folder.resolve("err" + i),
                            Jvm.classPath(),
                            Reads.class.getName(),
                            server.hatch().uri()));
                }
                for (Process reader : readers) {
                    assertThat(reader.inputReader().readLine()).isEqualTo("reading");
                }
                assertThat(server.inUse()).isEqualTo(3);
            } finally {
                readers.forEach(Process::destroyForcibly); // SIGKILL.
            }
            server.awaitIdle();
        }
    }

    /** A client that reads a batch, says so, and goes on for ever. */
    static final class Reads {
        public static void main(String[] args) throws Exception {
            int port = Integer.parseInt(args[0].substring(args[0].lastIndexOf(':') + 1));
            try (TestServer.Client client = new TestServer.Client(port, List.of());
                    FlightStream stream = client.query(ENDLESS)) {
                boolean more = stream.next();
                System.out.println("reading");
                while (more) {
                    more = stream.next();
                }
            }
        }
    }

    @Test
    void a_slow_reader_gets_its_whole_result_as_the_limit_is_for_a_batch_and_holds_up_nobody() throws Exception {
        int batches = 30;
        ScheduledExecutorService ticks = Executors.newSingleThreadScheduledExecutor();
        try (TestServer server = TestServer.start(
                        TestServer.config(":memory:", 0, 2, 10_000).stallTimeout(Duration.ofSeconds(2)));
                TestServer.Client slow = server.client();
                TestServer.Client other = server.client()) {
            // 1.6 MB a batch, so that no more than a few fit into what lies between the two.
            FlightStream stream = slow.query("SELECT range AS i, repeat('x', 150) AS s FROM range(300_000)");
            AtomicLong rows = new AtomicLong();
            CountDownLatch read = new CountDownLatch(batches);
            var unused = ticks.scheduleAtFixedRate(
                    () -> {
                        if (stream.next()) {
                            rows.addAndGet(stream.getRoot().getRowCount());
                            read.countDown();
                        }
                    },
                    0,
                    100,
                    TimeUnit.MILLISECONDS);
            while (read.getCount() > 0) {
                assertThat(other.count("SELECT 1")).isOne();
                boolean done = read.await(50, TimeUnit.MILLISECONDS);
                assertThat(ticks.isShutdown() && !done).isFalse();
            }
            ticks.shutdown();
            assertThat(ticks.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
            assertThat(stream.next()).isFalse();
            assertThat(rows.get()).isEqualTo(300_000);
            stream.close();
        } finally {
            ticks.shutdownNow();
        }
    }
}

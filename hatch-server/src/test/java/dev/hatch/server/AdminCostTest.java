package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What it costs a busy server that somebody has its live page open. */
@Tag("full")
@Timeout(300)
class AdminCostTest {
    private static final int CLIENTS = 16;
    private static final Duration WARM_UP = Duration.ofSeconds(15);
    private static final Duration MEASURED = Duration.ofSeconds(60);
    private static final double MOST_OF_A_CORE = 0.02;
    private static final long MOST_GROWTH = 2L << 20;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final LongAdder statements = new LongAdder();
    private volatile boolean over;

    @Test
    void a_page_that_is_open_takes_at_most_a_fiftieth_of_a_core_and_no_heap() throws Exception {
        try (TestServer server = TestServer.startWithAdmin(8)) {
            List<FutureTask<Void>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                FutureTask<Void> client = new FutureTask<>(() -> ask(server));
                new Thread(client, "client-" + i).start();
                clients.add(client);
            }
            ScheduledExecutorService page = new ScheduledThreadPoolExecutor(1);
            try {
                measure(server, page);
            } finally {
                page.shutdownNow();
                over = true;
                for (FutureTask<Void> client : clients) {
                    client.get();
                }
            }
        }
    }

    private @Nullable Void ask(TestServer server) throws Exception {
        try (TestServer.Client client = server.client()) {
            for (int i = 0; !over; i++) {
                assertThat(client.count(
                                i % 10 == 0
                                        ? "SELECT i % 100 AS k, sum(i) AS s FROM range(200_000) t(i) GROUP BY ALL"
                                        : "SELECT " + i + " AS i"))
                        .isPositive();
                statements.increment();
            }
            return null;
        }
    }

    private void measure(TestServer server, ScheduledExecutorService page) throws Exception {
        AtomicLong polls = new AtomicLong();
        AtomicLong bytes = new AtomicLong();
        HttpClient http = HttpClient.newHttpClient();
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(server.hatch().adminUri().orElseThrow() + "/api/pools"))
                .build();
        CountDownLatch failed = new CountDownLatch(1);
        var unused = page.scheduleAtFixedRate(
                () -> {
                    try {
                        bytes.addAndGet(
                                http.send(request, BodyHandlers.ofByteArray()).body().length);
                        polls.incrementAndGet();
                    } catch (IOException | InterruptedException e) {
                        failed.countDown();
                    }
                },
                0,
                1,
                TimeUnit.SECONDS);
        assertThat(failed.await(WARM_UP.toMillis(), TimeUnit.MILLISECONDS)).isFalse();
        long heapBefore = heapInUse();
        long cpuBefore = cpuOfAdmin();
        long statementsBefore = statements.sum();
        long pollsBefore = polls.get();
        long start = System.nanoTime();
        assertThat(failed.await(MEASURED.toMillis(), TimeUnit.MILLISECONDS)).isFalse();
        double seconds = (System.nanoTime() - start) / 1e9;
        double ofACore = (cpuOfAdmin() - cpuBefore) / 1e9 / seconds;
        long polled = polls.get() - pollsBefore;
        long growth = heapInUse() - heapBefore;
        System.out.printf(
                Locale.ROOT,
                "live page: %.0f s, %d clients, %.0f statements/s; %d polls of %d bytes on average;"
                        + " hatch-admin threads: %.2f %% of a core, %.2f ms a poll; heap after GC: %,d kB, %+,d kB%n",
                seconds,
                CLIENTS,
                (statements.sum() - statementsBefore) / seconds,
                polled,
                bytes.get() / polls.get(),
                100 * ofACore,
                1e3 * ofACore * seconds / polled,
                heapBefore >> 10,
                growth >> 10);
        assertThat(statements.sum() - statementsBefore).isGreaterThan(CLIENTS);
        assertThat(polled).isGreaterThan(MEASURED.toSeconds() - 5);
        assertThat(ofACore).isLessThanOrEqualTo(MOST_OF_A_CORE);
        assertThat(growth).isLessThan(MOST_GROWTH);
    }

    /** Of all its threads, and of that which the JDK's server has of its own, in nanoseconds. */
    private long cpuOfAdmin() {
        long nanos = 0;
        for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (thread != null
                    && (thread.getThreadName().startsWith("hatch-admin-")
                            || thread.getThreadName().equals("HTTP-Dispatcher"))) {
                nanos += Math.max(0, threads.getThreadCpuTime(thread.getThreadId()));
            }
        }
        return nanos;
    }

    /** The least of several looks, for the clients go on. */
    private static long heapInUse() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }
}

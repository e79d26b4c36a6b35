package dev.hatch.pool.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/**
 * Random use by many threads: each buffer is filled with its owner's mark, which must be there up to its release, whoever does that.
 * Some are handed on, some released twice, some lost; in the end nothing is out, and what is reserved is what is idle.
 */
@Timeout(300)
final class BufferStressTest {
    private static final int USERS = 8;
    private static final int SIZES = 300_001;
    private static final long BUDGET = 2 << 20;
    private static final long MOST_IDLE = 1 << 19;
    private static final int HANDED_ON_AT_ONCE = 4;

    /** It would write a line for each buffer that is lost. */
    private static final Logger LOG = Logger.getLogger("dev.hatch.pool.buffer");

    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicLong marks = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private final AtomicLong handedOn = new AtomicLong();
    private final AtomicLong twice = new AtomicLong();
    private final Queue<Marked> handed = new ConcurrentLinkedQueue<>();

    /** A buffer that is on its way to who checks and releases it. */
    private record Marked(PooledBuffer buffer, long mark) {}

    @BeforeAll
    static void hush() {
        LOG.setLevel(Level.OFF);
    }

    @AfterAll
    static void speak() {
        LOG.setLevel(null);
    }

    private static ByteBufferPoolBuilder settings(Tracking tracking) {
        return ByteBufferPool.builder()
                .name("stress")
                .largestPooled(1 << 18)
                .maxBytes(BUDGET)
                .maxRetained(MOST_IDLE)
                .fadeAfter(Duration.ofMillis(100))
                .tracking(tracking);
    }

    @Test
    void nobody_has_anothers_memory_and_nothing_is_lost() throws Exception {
        use(settings(Tracking.SAMPLED), Duration.ofSeconds(2), Executors.newFixedThreadPool(USERS), USERS);
    }

    @Test
    void who_releases_twice_is_always_told_when_all_are_tracked() throws Exception {
        use(settings(Tracking.ALL), Duration.ofSeconds(2), Executors.newFixedThreadPool(USERS), USERS);
        assertThat(twice.get()).isPositive();
    }

    @Test
    void memory_that_is_cleared_is_nobodys_but_its_users() throws Exception {
        use(settings(Tracking.OFF).clearOnRelease(), Duration.ofSeconds(1), Executors.newFixedThreadPool(USERS), USERS);
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void virtual_threads_have_nothing_of_each_other() throws Exception {
        use(settings(Tracking.SAMPLED), Duration.ofSeconds(1), virtualThreads(), 20 * USERS);
    }

    @Test
    @Tag("full")
    void a_minute_of_each() throws Exception {
        Duration minute = Duration.ofMinutes(1);
        use(settings(Tracking.SAMPLED), minute, Executors.newFixedThreadPool(USERS), USERS);
        use(settings(Tracking.ALL), minute, Executors.newFixedThreadPool(USERS), USERS);
        use(settings(Tracking.OFF).clearOnRelease(), minute, Executors.newFixedThreadPool(USERS), USERS);
    }

    @Test
    @Tag("full")
    @EnabledForJreRange(min = JRE.JAVA_21)
    void a_minute_of_virtual_threads() throws Exception {
        use(settings(Tracking.SAMPLED), Duration.ofMinutes(1), virtualThreads(), 20 * USERS);
    }

    private static ExecutorService virtualThreads() throws ReflectiveOperationException {
        return (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }

    private void use(ByteBufferPoolBuilder settings, Duration time, ExecutorService threads, int users)
            throws Exception {
        over.set(false);
        long lostBefore = lost.get();
        ByteBufferPool pool = settings.build();
        List<Future<Boolean>> all = new ArrayList<>();
        for (int i = 0; i < users; i++) {
            SplittableRandom random = new SplittableRandom(i);
            all.add(threads.submit(() -> useUntilOver(pool, random)));
        }
        threads.shutdown();
        long end = System.nanoTime() + time.toNanos();
        await().pollInterval(Duration.ofMillis(100)).atMost(time.plusMinutes(1)).until(() -> {
            // What is lost is memory that somebody may wait for.
            System.gc();
            requireNoDeadlock();
            assertThat(pool.budget().reserved()).isLessThanOrEqualTo(BUDGET);
            return over.get() || System.nanoTime() - end > 0;
        });
        over.set(true);
        for (Future<Boolean> user : all) {
            assertThat(user.get(90, TimeUnit.SECONDS)).isTrue();
        }
        for (Marked rest = handed.poll(); rest != null; rest = handed.poll()) {
            requireMarked(rest);
            rest.buffer().close();
        }
        requireConserved(pool, lost.get() - lostBefore);
        pool.close();
        assertThat(pool.budget().reserved()).isZero();
    }

    private static void requireNoDeadlock() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long[] deadlocked = threads.findDeadlockedThreads();
        if (deadlocked != null) {
            StringBuilder text = new StringBuilder("these wait for each other:");
            for (ThreadInfo thread : threads.getThreadInfo(deadlocked, Integer.MAX_VALUE)) {
                text.append("\n").append(thread.getThreadName()).append(" for ").append(thread.getLockName());
                for (StackTraceElement frame : thread.getStackTrace()) {
                    text.append("\n\tat ").append(frame);
                }
            }
            fail(text.toString());
        }
    }

    private void requireConserved(ByteBufferPool pool, long lostNow) {
        await().pollInterval(Duration.ofMillis(50))
                .atMost(Duration.ofSeconds(30))
                .until(() -> {
                    System.gc();
                    return pool.stats().total().bytesOut() == 0;
                });
        // Again if something faded between two looks.
        await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> {
            SizeClassStats total = pool.stats().total();
            assertThat(pool.budget().reserved()).isEqualTo(total.idleBytes());
            assertThat(total.idleBytes()).isLessThanOrEqualTo(MOST_IDLE);
            assertThat(total.bytesAsked()).isZero();
        });
        SizeClassStats total = pool.stats().total();
        assertThat(total.unreachable()).isEqualTo(lostNow);
        assertThat(total.hits()).isPositive();
        assertThat(total.peakBytes()).isLessThanOrEqualTo(BUDGET);
        assertThat(handedOn.get()).isPositive();
        System.out.println("BufferStressTest: " + marks.get() + " buffers, " + handedOn.get() + " handed on, "
                + twice.get() + " released twice, " + lost.get() + " lost; " + total);
    }

    private boolean useUntilOver(ByteBufferPool pool, SplittableRandom random) throws InterruptedException {
        try {
            while (!over.get()) {
                use(pool, random);
            }
            return true;
        } catch (RuntimeException | Error e) {
            over.set(true);
            throw e;
        }
    }

    private void use(ByteBufferPool pool, SplittableRandom random) throws InterruptedException {
        // Half of them small, so that each class is used.
        int size = random.nextInt(random.nextBoolean() ? SIZES : 1 << (1 + random.nextInt(17)));
        PooledBuffer taken = random.nextBoolean() ? take(pool, size) : pool.get(size, Duration.ofSeconds(60));
        if (taken == null) {
            return;
        }
        Marked own = new Marked(taken, marks.incrementAndGet());
        assertThat(taken.buffer().remaining()).isEqualTo(size);
        mark(own);
        int dice = random.nextInt(3_000);
        if (dice < 2) {
            lost.incrementAndGet();
        } else if (dice < 1_000) {
            handedOn.incrementAndGet();
            handed.add(own);
            // Few stay there: nobody releases them while all wait for memory.
            Marked others = handed.size() > HANDED_ON_AT_ONCE ? handed.poll() : null;
            if (others != null) {
                release(others, random);
            }
        } else {
            release(own, random);
        }
        if (dice > 2_998) {
            pool.trim();
        }
    }

    private static PooledBuffer take(ByteBufferPool pool, int size) {
        try {
            return pool.get(size);
        } catch (BudgetExhaustedException e) {
            return null;
        }
    }

    private void release(Marked marked, SplittableRandom random) {
        requireMarked(marked);
        marked.buffer().close();
        if (marked.buffer().kept != marked.buffer() && random.nextInt(10) == 0) {
            assertThatIllegalStateException()
                    .isThrownBy(marked.buffer()::close)
                    .satisfies(e -> assertThat(e.getSuppressed()).hasSize(2));
            twice.incrementAndGet();
        }
    }

    /** The whole memory, also what was not asked for. */
    private static void mark(Marked own) {
        ByteBuffer memory = own.buffer().buffer().clear();
        while (memory.remaining() >= Long.BYTES) {
            memory.putLong(own.mark());
        }
        while (memory.hasRemaining()) {
            memory.put((byte) own.mark());
        }
    }

    private static void requireMarked(Marked marked) {
        ByteBuffer memory = marked.buffer().buffer().clear();
        while (memory.remaining() >= Long.BYTES) {
            if (memory.getLong() != marked.mark()) {
                fail("somebody else wrote into the buffer of %s before %s", marked, memory.position());
            }
        }
        while (memory.hasRemaining()) {
            if (memory.get() != (byte) marked.mark()) {
                fail("somebody else wrote into the buffer of %s before %s", marked, memory.position());
            }
        }
    }
}

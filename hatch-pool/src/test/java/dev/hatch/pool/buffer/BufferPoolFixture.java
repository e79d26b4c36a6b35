package dev.hatch.pool.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;

/** Pools of which nothing may be left after a test: what is reserved of their budgets must be given back once they are closed. */
abstract class BufferPoolFixture {
    static final int KIB = 1 << 10;
    static final int MIB = 1 << 20;
    static final Duration LONG = Duration.ofDays(1);
    static final Duration SHORT = Duration.ofMillis(30);

    static {
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval(Duration.ofMillis(2));
    }

    private final List<ByteBufferPool> opened = new ArrayList<>();

    static ByteBufferPoolBuilder builder() {
        return ByteBufferPool.builder().name("test");
    }

    /** To be closed after the test. */
    final ByteBufferPool open(ByteBufferPoolBuilder settings) {
        ByteBufferPool pool = settings.build();
        opened.add(pool);
        return pool;
    }

    static <T> FutureTask<T> inThread(Callable<T> task) {
        FutureTask<T> future = new FutureTask<>(task);
        Thread thread = new Thread(future, "caller");
        thread.setDaemon(true);
        thread.start();
        return future;
    }

    static SizeClassStats ofClass(ByteBufferPool pool, int capacity) {
        return pool.stats().classes().stream()
                .filter(one -> one.capacity() == capacity)
                .findAny()
                .orElseThrow(() -> new AssertionError("no class of " + capacity + " bytes: " + pool.stats()));
    }

    @AfterEach
    final void nothing_is_reserved_any_more() {
        opened.forEach(ByteBufferPool::close);
        for (ByteBufferPool pool : opened) {
            assertThat(pool.stats().total().bytesOut()).as("bytes out").isZero();
            assertThat(pool.budget().reserved()).as("bytes reserved").isZero();
        }
    }
}

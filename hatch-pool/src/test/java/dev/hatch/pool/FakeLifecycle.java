package dev.hatch.pool;

import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A lifecycle that does what a test tells it: works, throws, hangs until its latch opens, deaf to interrupts or not. */
final class FakeLifecycle implements ResourceLifecycle<Thing> {
    final AtomicInteger created = new AtomicInteger();
    final AtomicInteger validated = new AtomicInteger();
    final AtomicInteger resets = new AtomicInteger();
    final AtomicInteger cancels = new AtomicInteger();
    final AtomicInteger destroyed = new AtomicInteger();
    volatile @Nullable Throwable failCreate;
    volatile @Nullable Throwable failValidate;
    volatile @Nullable Throwable failReset;
    volatile @Nullable Throwable failCancel;
    volatile @Nullable Throwable failDestroy;
    volatile @Nullable CountDownLatch hangCreate;
    volatile @Nullable CountDownLatch hangValidate;
    volatile @Nullable CountDownLatch hangReset;
    volatile @Nullable CountDownLatch hangCancel;
    volatile @Nullable CountDownLatch hangDestroy;
    volatile @Nullable CountDownLatch hangDescribe;

    /** Whether a call that hangs notices an interrupt. */
    volatile boolean deaf = true;

    /** Threads that are in a call that hangs. */
    final AtomicInteger hanging = new AtomicInteger();

    @Override
    public Thing create() throws Exception {
        hang(hangCreate);
        fail(failCreate);
        return new Thing(created.incrementAndGet());
    }

    @Override
    public boolean validate(Thing thing) throws Exception {
        validated.incrementAndGet();
        hang(hangValidate);
        fail(failValidate);
        return thing.valid;
    }

    @Override
    public boolean needsReset(Thing thing) {
        return thing.dirty;
    }

    @Override
    public void reset(Thing thing) throws Exception {
        resets.incrementAndGet();
        hang(hangReset);
        fail(failReset);
        thing.dirty = false;
    }

    @Override
    public void cancel(Thing thing) throws Exception {
        cancels.incrementAndGet();
        hang(hangCancel);
        fail(failCancel);
    }

    @Override
    public void destroy(Thing thing) throws Exception {
        if (thing.destroyed) {
            throw new AssertionError(thing + " is destroyed twice");
        }
        thing.destroyed = true;
        destroyed.incrementAndGet();
        hang(hangDestroy);
        fail(failDestroy);
    }

    @Override
    public String describe(Thing thing) {
        try {
            hang(hangDescribe);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Objects.toString(thing);
    }

    /** Usually deaf to interrupts, as a driver in a socket read is. */
    private void hang(@Nullable CountDownLatch latch) throws InterruptedException {
        if (latch == null) {
            return;
        }
        hanging.incrementAndGet();
        boolean interrupted = false;
        while (true) {
            try {
                latch.await();
                break;
            } catch (InterruptedException e) {
                if (!deaf) {
                    hanging.decrementAndGet();
                    throw e;
                }
                interrupted = true;
            }
        }
        hanging.decrementAndGet();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void fail(@Nullable Throwable failure) throws Exception {
        if (failure instanceof Exception exception) {
            throw exception;
        }
        if (failure instanceof Error error) {
            throw error;
        }
    }
}

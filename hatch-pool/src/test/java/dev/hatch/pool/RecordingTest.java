package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recording with the settings that come with the pool, read back. */
final class RecordingTest extends PoolFixture {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    private static Configuration settingsFile() throws Exception {
        try (Reader reader = new InputStreamReader(
                Objects.requireNonNull(ResourcePool.class.getResourceAsStream("hatch.jfc")), StandardCharsets.UTF_8)) {
            return Configuration.create(reader);
        }
    }

    /** As long as the latch is closed, for a few ms: what is recorded has to be above a threshold. */
    private void for30Millis(CountDownLatch latch) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(30);
        await().until(() -> System.nanoTime() - end > 0);
        latch.countDown();
    }

    private void loseOne() throws InterruptedException {
        pool.acquire(LONG).thing();
    }

    @Test
    void a_recording_has_the_wait_the_creation_the_validation_the_reset_the_lease_and_the_leak() throws Exception {
        Path file = directory.resolve("pool.jfr");
        try (Recording recording = new Recording(settingsFile())) {
            recording.start();
            AtomicBoolean leaked = new AtomicBoolean();
            open(settings().maxSize(1).tracking(LeaseTracking.ALL).listener(new PoolListener() {
                @Override
                public void leaked(LeaseInfo lease) {
                    leaked.set(true);
                }
            }));
            ThingLease lease = pool.acquire(LONG);
            FutureTask<Integer> waiting = inThreadAcquire(LONG);
            awaitWaiting(1);
            lease.thing().dirty = true;
            for30Millis(new CountDownLatch(1));
            CountDownLatch reset = new CountDownLatch(1);
            lifecycle.hangReset = reset;
            FutureTask<Void> returning = inThread(() -> {
                lease.close();
                return null;
            });
            awaitHanging(1);
            for30Millis(reset);
            waiting.get();
            returning.get();

            CountDownLatch validation = new CountDownLatch(1);
            lifecycle.hangValidate = validation;
            pool.suspectAll();
            FutureTask<Integer> next = inThreadAcquire(LONG);
            awaitHanging(1);
            for30Millis(validation);
            next.get();

            loseOne();
            FutureTask<Integer> after = inThreadAcquire(LONG);
            await().until(() -> {
                System.gc();
                return after.isDone();
            });
            await().untilTrue(leaked);
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().startsWith("dev.hatch."))
                .sorted(Comparator.comparing(RecordedEvent::getStartTime))
                .toList();
        assertThat(events)
                .allSatisfy(event -> assertThat(event.getString("pool")).isEqualTo("test"));
        assertThat(named(events, "Create").getString("resource")).isEqualTo("thing 1");
        RecordedEvent wait = named(events, "Wait");
        assertThat(wait.getString("outcome")).isEqualTo("LEASED");
        assertThat(wait.getDuration()).isGreaterThan(Duration.ofMillis(1));
        assertThat(named(events, "Reset").getDuration()).isGreaterThan(Duration.ofMillis(20));
        assertThat(named(events, "Validate").getDuration()).isGreaterThan(Duration.ofMillis(20));
        RecordedEvent leaseEvent = named(events, "Lease");
        assertThat(leaseEvent.getString("acquiredBy"))
                .isEqualTo(Thread.currentThread().getName());
        assertThat(leaseEvent.getThread().getJavaName()).isEqualTo("caller");
        assertThat(leaseEvent.getDuration()).isGreaterThan(Duration.ofMillis(20));
        RecordedEvent leak = named(events, "Leak");
        assertThat(leak.getString("acquiredAt")).contains("loseOne");
        assertThat(leak.getString("acquiredBy"))
                .isEqualTo(Thread.currentThread().getName());
    }

    private static RecordedEvent named(List<RecordedEvent> events, String name) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals("dev.hatch." + name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in " + events));
    }

    @Test
    void nothing_is_recorded_of_a_pool_without_a_recording() throws Exception {
        pool.acquire(LONG).close();
        assertThat(new LeaseEvent().isEnabled()).isFalse();
    }
}

package dev.hatch.pool.buffer;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.JMException;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a JVM lets one do with direct memory. */
final class DirectMemory {
    private static final Logger LOG = LoggerFactory.getLogger(ByteBufferPool.class);

    /** (buffer) → void: frees it now. Null where the JVM has none; then the garbage collector does it. */
    private static final @Nullable MethodHandle FREE = free();

    private DirectMemory() {}

    /**
     * Unsafe.invokeCleaner, by reflection, since a compiler warns of each use of Unsafe. From Java 24 on the JVM warns once, unless it
     * has --sun-misc-unsafe-memory-access=allow.
     */
    private static @Nullable MethodHandle free() {
        try {
            Class<?> unsafe = Class.forName("sun.misc.Unsafe");
            Field instance = unsafe.getDeclaredField("theUnsafe");
            instance.setAccessible(true);
            return MethodHandles.lookup()
                    .findVirtual(unsafe, "invokeCleaner", MethodType.methodType(void.class, ByteBuffer.class))
                    .bindTo(instance.get(null));
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.warn(
                    "This JVM frees direct memory only when it collects garbage, for Unsafe.invokeCleaner is missing",
                    e);
            return null;
        }
    }

    /** How many bytes were freed since the allocator was last told to return what it has. */
    private static final AtomicLong FREED = new AtomicLong();

    /** The smallest amount that is worth that, some milliseconds' work. */
    private static final long WORTH_RETURNING = 32 << 20;

    /** Frees a buffer that {@code allocateDirect} made; to use it, or a slice of it, after that can crash the JVM. */
    static void free(ByteBuffer buffer) {
        if (FREE == null) {
            return;
        }
        int bytes = buffer.capacity();
        try {
            FREE.invokeExact(buffer);
            freed(bytes);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /**
     * The C library keeps what is freed between blocks that are in use, or that it does not know how to unmap any more: after its first
     * free of a block of 1 MiB glibc serves such blocks from arenas.
     */
    private static void freed(long bytes) {
        long all = FREED.addAndGet(bytes);
        if (all >= WORTH_RETURNING && all - bytes < WORTH_RETURNING) {
            CompletableFuture.delayedExecutor(250, TimeUnit.MILLISECONDS).execute(DirectMemory::returnToSystem);
        }
    }

    /** What {@code jcmd … System.trim_native_heap} does, on Linux from Java 17.0.9 on; nothing where there is no such thing. */
    private static void returnToSystem() {
        FREED.set(0);
        try {
            ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "systemTrimNativeHeap",
                            null,
                            null);
        } catch (JMException | RuntimeException e) {
            LOG.debug("This JVM cannot tell the C library to return what is freed", e);
        }
    }

    /** How many bytes of direct buffers the JVM allows at a time: -XX:MaxDirectMemorySize, by default the size of the heap. */
    static long limit() {
        long most = Runtime.getRuntime().maxMemory();
        try {
            HotSpotDiagnosticMXBean flags = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
            long set = Long.parseLong(flags.getVMOption("MaxDirectMemorySize").getValue());
            return set > 0 ? set : most;
        } catch (RuntimeException | LinkageError e) {
            // Another JVM than HotSpot.
            return most;
        }
    }
}

package dev.hatch.pool.buffer;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a JVM lets one do with direct memory. */
final class DirectMemory {
    private static final Logger LOG = LoggerFactory.getLogger(ByteBufferPool.class);

    /** (buffer) → void: frees it now. Null where the JVM has none; then the garbage collector does it. */
    private static final @Nullable MethodHandle FREE = free();

    private DirectMemory() {}

    /** Unsafe.invokeCleaner, by reflection, since a compiler warns of each use of Unsafe. It is no memory access, which later JDKs forbid. */
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

    /** Frees a buffer that {@code allocateDirect} made; to use it, or a slice of it, after that can crash the JVM. */
    static void free(ByteBuffer buffer) {
        if (FREE == null) {
            return;
        }
        try {
            FREE.invokeExact(buffer);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
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

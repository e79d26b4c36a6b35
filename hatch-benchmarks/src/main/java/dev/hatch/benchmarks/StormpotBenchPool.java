package dev.hatch.benchmarks;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/**
 * Stormpot. A compiler for Java 17 cannot read its classes, so they are only on the class path of its forks and reached by
 * method handles. Those of the cycle are constants: the JIT inlines through them as if the calls were written out, save
 * for a check of each argument's type.
 */
final class StormpotBenchPool implements BenchPool {
    /** (pool, timeout) → what is lent, or null. */
    private static final MethodHandle CLAIM;

    private static final MethodHandle RELEASE;
    private static final Class<?> POOLED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            POOLED = stormpot("Pooled");
            CLAIM = lookup.findVirtual(
                            stormpot("Pool"), "claim", MethodType.methodType(stormpot("Poolable"), stormpot("Timeout")))
                    .asType(MethodType.genericMethodType(2));
            RELEASE = lookup.findVirtual(POOLED, "release", MethodType.methodType(void.class))
                    .asType(MethodType.methodType(void.class, Object.class));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Object pool;
    private final Object timeout;

    StormpotBenchPool(int size, Duration timeout) throws ReflectiveOperationException {
        Class<?> builders = stormpot("PoolBuilder");
        Object builder =
                stormpot("Pool").getMethod("from", stormpot("Allocator")).invoke(null, allocator());
        builders.getMethod("setSize", long.class).invoke(builder, size);
        pool = builders.getMethod("build").invoke(builder);
        this.timeout = stormpot("Timeout").getConstructor(Duration.class).newInstance(timeout);
    }

    private static Class<?> stormpot(String name) throws ClassNotFoundException {
        return Class.forName("stormpot." + name);
    }

    /** A class whose jar has the version. */
    static Class<?> libraryClass() {
        return POOLED;
    }

    private static Object allocator() throws ReflectiveOperationException {
        Constructor<?> pooled = POOLED.getConstructor(stormpot("Slot"), Object.class);
        return Proxy.newProxyInstance(
                POOLED.getClassLoader(),
                new Class<?>[] {stormpot("Allocator")},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "allocate" -> pooled.newInstance(arguments[0], new Object());
                    case "deallocate" -> null;
                    default -> throw new UnsupportedOperationException(method.toString());
                });
    }

    @Override
    public Object acquire() throws Exception {
        Object lease;
        try {
            lease = (Object) CLAIM.invokeExact(pool, timeout);
        } catch (Exception | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
        if (lease == null) {
            throw new TimeoutException("Stormpot had nothing in time");
        }
        return lease;
    }

    @Override
    public void release(Object lease) throws Exception {
        try {
            RELEASE.invokeExact(lease);
        } catch (Exception | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        try {
            Method shutdown = stormpot("Pool").getMethod("shutdown");
            shutdown.invoke(pool);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}

package dev.hatch.pool.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** What a burst took goes back to the system, seen from the system; in a JVM of its own, where nothing else takes or frees memory. */
final class BurstTest {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final int MIB = 1 << 20;
    private static final int PAGE = 1 << 12;
    private static final int BLOCKS = 1_024;
    private static final Duration SOON = Duration.ofSeconds(10);

    static boolean hasProc() {
        return Files.isReadable(STATUS);
    }

    @Test
    @EnabledIf("hasProc")
    void a_gibibyte_is_the_systems_again_within_ten_seconds() throws Exception {
        requireBack("-cp", System.getProperty("java.class.path"), BurstTest.class.getName());
    }

    /** Where the pool sees only what its module requires. */
    @Test
    @EnabledIf("hasProc")
    void a_gibibyte_is_the_systems_again_within_ten_seconds_on_the_module_path() throws Exception {
        String modules = onClassPath("(classes|slf4j-api-[^/]*|jspecify-[^/]*)");
        requireBack(
                "--module-path",
                modules,
                "--patch-module",
                "dev.hatch.pool=" + onClassPath("test-classes"),
                "-m",
                "dev.hatch.pool/" + BurstTest.class.getName());
    }

    private static String onClassPath(String name) {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(path -> Path.of(path).getFileName().toString().matches(name))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static void requireBack(String... main) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-XX:MaxDirectMemorySize=2g"));
        command.addAll(List.of(main));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output;
        try {
            output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        System.out.print(output);
        assertThat(process.exitValue()).as(output).isZero();
    }

    /** Exits with 0 if all is back in time. */
    public static void main(String[] args) throws IOException {
        try (ByteBufferPool pool = ByteBufferPool.create()) {
            // What the JVM and the C library take for themselves the first time is no burst's.
            burst(pool, 64);
            pool.trim();
            System.gc();
            long direct = JvmMemory.directBytes();
            long resident = residentKib();
            print("before", direct, resident);

            burst(pool, BLOCKS);
            print("released", JvmMemory.directBytes(), residentKib());

            long released = System.nanoTime();
            long end = released + SOON.toNanos();
            while (!isBack(direct, resident) && System.nanoTime() < end) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
            print(
                    String.format(Locale.ROOT, "after %.1f s", (System.nanoTime() - released) / 1e9),
                    JvmMemory.directBytes(),
                    residentKib());
            System.out.println(pool.stats().total());
            System.exit(isBack(direct, resident) && pool.budget().reserved() == 0 ? 0 : 1);
        }
    }

    private static void burst(ByteBufferPool pool, int blocks) throws IOException {
        List<PooledBuffer> all = new ArrayList<>();
        for (int i = 0; i < blocks; i++) {
            PooledBuffer taken = pool.get(MIB);
            ByteBuffer memory = taken.buffer();
            for (int at = 0; at < MIB; at += PAGE) {
                memory.put(at, (byte) 1);
            }
            all.add(taken);
        }
        print("lent " + blocks, JvmMemory.directBytes(), residentKib());
        all.forEach(PooledBuffer::close);
    }

    private static boolean isBack(long direct, long resident) throws IOException {
        return JvmMemory.directBytes() == direct && residentKib() <= resident * 1.2;
    }

    private static void print(String when, long direct, long resident) {
        System.out.printf(Locale.ROOT, "%-14s direct %,15d bytes, resident %,11d KiB%n", when, direct, resident);
    }

    private static long residentKib() throws IOException {
        for (String line : Files.readAllLines(STATUS)) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new IOException("no VmRSS in " + STATUS + " of "
                + ManagementFactory.getRuntimeMXBean().getName());
    }
}

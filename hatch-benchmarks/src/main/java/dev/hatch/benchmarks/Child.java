package dev.hatch.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** The side of {@link Forks} that runs in the forked JVM: its {@code main} calls {@link #run} and does nothing else. */
final class Child {
    private Child() {}

    /** What a fork does. */
    interface Work {
        ForkReport run() throws Exception;
    }

    /**
     * Does the work, reports it and ends the JVM, whatever threads are left: with 0, or with 1 after an exception. Ends
     * it at once when the parent is gone, however that went: then the standard input ends.
     */
    static void run(Work work) {
        Thread watch = new Thread(() -> haltAtEndOf(System.in), "parent-watch");
        watch.setDaemon(true);
        watch.start();
        int exitCode = 0;
        try {
            byte[] line = (work.run().toLine() + "\n").getBytes(StandardCharsets.UTF_8);
            System.out.write(line, 0, line.length);
            System.out.flush();
        } catch (Throwable t) {
            t.printStackTrace();
            exitCode = 1;
        }
        System.exit(exitCode);
    }

    private static void haltAtEndOf(InputStream parent) {
        try {
            parent.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            // Gone as well.
        }
        Runtime.getRuntime().halt(1);
    }
}

package dev.hatch.server.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The three streams of a command, the terminals that the second and the third may go to, and the environment; a test brings
 * its own. Text is UTF-8.
 */
record Console(
        InputStream in,
        PrintStream out,
        PrintStream err,
        Terminal terminal,
        Terminal errTerminal,
        Map<String, String> environment) {
    private static final int BUFFER_BYTES = 1 << 16;

    /** Without a terminal, and without variables. */
    Console(InputStream in, PrintStream out, PrintStream err) {
        this(in, out, err, Terminal.NONE, Terminal.NONE, Map.of());
    }

    /** With a terminal for output only. */
    Console(InputStream in, PrintStream out, PrintStream err, Terminal terminal, Map<String, String> environment) {
        this(in, out, err, terminal, Terminal.NONE, environment);
    }

    /** The process's own. Output is buffered, for System.out makes a system call of every line. */
    static Console ofProcess() {
        OutputStream out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER_BYTES);
        OutputStream err = new FileOutputStream(FileDescriptor.err);
        return new Console(
                System.in,
                new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                new Terminal.OfProcess(Terminal.OfProcess.OUT),
                new Terminal.OfProcess(Terminal.OfProcess.ERR),
                System.getenv());
    }

    PrintWriter outWriter() {
        return new PrintWriter(out, true, StandardCharsets.UTF_8);
    }

    PrintWriter errWriter() {
        return new PrintWriter(err, true, StandardCharsets.UTF_8);
    }
}

package dev.hatch.server.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.Channels;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;

/** The Arrow IPC streaming format. */
final class ArrowFormat implements ResultFormat {
    private final ArrowStreamWriter writer;

    ArrowFormat(PrintStream out, VectorSchemaRoot root, DictionaryProvider dictionaries) throws IOException {
        writer = new ArrowStreamWriter(root, dictionaries, Channels.newChannel(out));
        writer.start();
    }

    @Override
    public void batch() throws IOException {
        writer.writeBatch();
    }

    /** Ends the stream. The writer is never closed: that would end it as well, and close the caller's root and output. */
    @Override
    public void finish() throws IOException {
        writer.end();
    }
}

package dev.hatch.server.cli;

import java.io.IOException;
import java.io.PrintStream;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/** Prints a result batch by batch; close() prints what belongs after the last. */
interface ResultFormat extends AutoCloseable {

    /** Prints the rows that the root holds now. */
    void batch() throws IOException;

    @Override
    void close() throws IOException;

    /** The formats by the names that a user gives them. */
    enum Kind {
        TABLE,
        CSV,
        JSON,
        ARROW;

        ResultFormat open(PrintStream out, VectorSchemaRoot root, DictionaryProvider dictionaries) throws IOException {
            Values values = new Values(dictionaries);
            return switch (this) {
                case TABLE -> new TableFormat(out, root, values);
                case CSV -> new CsvFormat(out, root, values);
                case JSON -> new JsonFormat(out, root, values);
                case ARROW -> new ArrowFormat(out, root, dictionaries);
            };
        }
    }
}

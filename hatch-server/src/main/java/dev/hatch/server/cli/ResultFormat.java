package dev.hatch.server.cli;

import java.io.IOException;
import java.io.PrintStream;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/** Prints a result batch by batch. One that broke off is never finished, so that it does not look whole. */
interface ResultFormat {

    /** Prints the rows that the root holds now. */
    void batch() throws IOException;

    /** Prints what belongs after the last batch. */
    void finish() throws IOException;

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

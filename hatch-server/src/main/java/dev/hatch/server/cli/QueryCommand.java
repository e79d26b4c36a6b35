package dev.hatch.server.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.arrow.flight.CallOption;
import org.apache.arrow.flight.FlightEndpoint;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.sql.FlightSqlClient;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sends one statement to a server and prints the result as it comes. */
@Command(
        name = "query",
        description = "Send a statement to a Flight SQL server and print its result; rows and time go to stderr.")
final class QueryCommand implements Callable<Integer> {
    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ServerOptions server;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "table",
            description =
                    "How to print it: table, csv (a header, then RFC 4180), json (an object a line) or arrow (an IPC"
                            + " stream). Default: ${DEFAULT-VALUE}")
    private ResultFormat.Kind format = ResultFormat.Kind.TABLE;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "Read the statement from FILE; a dash is standard input.")
    private @Nullable String file;

    @Option(
            names = {"-p", "--param"},
            paramLabel = "VALUE",
            description = "The value of the next ? in the statement: one -p for each. It is of the type that is needed"
                    + " there: 7, 1.5, true, 2026-11-23, 13:45:00, 2026-11-23T13:45:00; else text.")
    private List<String> parameters = new ArrayList<>();

    @Option(names = "--null", paramLabel = "TEXT", description = "Each VALUE that is TEXT stands for NULL.")
    private @Nullable String nullText;

    @Parameters(
            arity = "0..1",
            paramLabel = "SQL",
            description = "The statement; read from standard input if it is left out or is a dash.")
    private @Nullable String sql;

    QueryCommand(Console console) {
        this.console = console;
        server = new ServerOptions(console);
    }

    @Override
    public Integer call() throws Exception {
        try {
            return query(statement());
        } catch (FlightRuntimeException e) {
            throw server.explained(e);
        }
    }

    @SuppressWarnings("try") // The server's close() may be interrupted, which ends the command like any failure.
    private int query(String statement) throws Exception {
        long start = System.nanoTime();
        try (BufferAllocator allocator = new RootAllocator();
                ServerOptions.OpenServer open = server.open(allocator)) {
            long rows = parameters.isEmpty()
                    ? print(open.sql(), open.sql().execute(statement, open.options()), open.options())
                    : printPrepared(open, allocator, statement);
            console.out().flush();
            if (console.out().checkError()) {
                throw new IOException("standard output was closed before the result was complete");
            }
            console.err()
                    .printf(
                            Locale.ROOT,
                            "%,d %s in %.3f s%n",
                            rows,
                            rows == 1 ? "row" : "rows",
                            (System.nanoTime() - start) / 1e9);
        }
        return 0;
    }

    @SuppressWarnings("try")
    private long printPrepared(ServerOptions.OpenServer open, BufferAllocator allocator, String statement)
            throws Exception {
        try (FlightSqlClient.PreparedStatement prepared = open.sql().prepare(statement, open.options());
                VectorSchemaRoot row = row(prepared.getParameterSchema(), allocator)) {
            prepared.setParameters(row);
            return print(open.sql(), prepared.execute(open.options()), open.options());
        }
    }

    private VectorSchemaRoot row(Schema expected, BufferAllocator allocator) {
        List<@Nullable String> texts = new ArrayList<>();
        parameters.forEach(text -> texts.add(text.equals(nullText) ? null : text));
        try {
            return QueryParameters.row(expected, texts, allocator);
        } catch (IllegalArgumentException e) {
            throw misunderstood(String.valueOf(e.getMessage()));
        }
    }

    @SuppressWarnings("try")
    private long print(FlightSqlClient client, FlightInfo info, CallOption... options) throws Exception {
        long rows = 0;
        for (FlightEndpoint endpoint : info.getEndpoints()) {
            try (FlightStream stream = client.getStream(endpoint.getTicket(), options)) {
                ResultFormat output = format.open(console.out(), stream.getRoot(), stream.getDictionaryProvider());
                while (stream.next() && !console.out().checkError()) {
                    output.batch();
                    console.out().flush();
                    rows += stream.getRoot().getRowCount();
                }
                output.finish();
            }
        }
        return rows;
    }

    private String statement() throws IOException {
        if (sql != null && file != null) {
            throw misunderstood("give a statement or -f, not both");
        }
        String text = sql == null || sql.equals("-") ? read(file == null ? "-" : file) : sql;
        if (text.isBlank()) {
            throw misunderstood("no SQL: give a statement, a file of one with -f, or one on standard input");
        }
        return text;
    }

    private String read(String from) throws IOException {
        if (from.equals("-")) {
            return new String(console.in().readAllBytes(), StandardCharsets.UTF_8);
        }
        return TextFile.read(Path.of(from));
    }

    private ParameterException misunderstood(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}

package dev.hatch.server.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
            long rows = print(open.sql(), open.sql().execute(statement, open.options()), open.options());
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
        String text =
                sql == null || sql.equals("-") ? new String(console.in().readAllBytes(), StandardCharsets.UTF_8) : sql;
        if (text.isBlank()) {
            throw misunderstood("no SQL: give a statement, or one on standard input");
        }
        return text;
    }

    private ParameterException misunderstood(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}

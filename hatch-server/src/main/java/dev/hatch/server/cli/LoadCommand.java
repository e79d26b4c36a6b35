package dev.hatch.server.cli;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.arrow.flight.FlightClient.ClientStreamListener;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.flight.PutResult;
import org.apache.arrow.flight.SyncPutListener;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest.TableDefinitionOptions;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest.TableDefinitionOptions.TableExistsOption;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest.TableDefinitionOptions.TableNotExistOption;
import org.apache.arrow.flight.sql.impl.FlightSql.DoPutUpdateResult;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sends a file of this machine to a server as a table: all of it or nothing, whatever ends it. */
@Command(
        name = "load",
        description =
                "Load a Parquet, CSV or Arrow file of this machine into a table of a Flight SQL server: all of it,"
                        + " or nothing if anything fails or Ctrl-C is pressed.")
final class LoadCommand implements Callable<Integer> {
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private final ServerOptions server;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "What the file is: parquet, csv or arrow (an IPC file or stream). Default: what its name says.")
    private LoadInput.@Nullable Format format;

    @Option(names = "--schema", paramLabel = "SCHEMA", description = "The table's schema. Default: the session's.")
    private @Nullable String schema;

    @Option(names = "--catalog", paramLabel = "CATALOG", description = "The table's catalog. Default: the session's.")
    private @Nullable String catalog;

    @ArgGroup
    private Mode mode = new Mode();

    /** What becomes of a table that is there, or is not. */
    private static final class Mode {
        @SuppressWarnings("UnusedVariable") // The default, which one may say all the same.
        @Option(names = "--create", description = "Make the table; fail if there is one already. The default.")
        private boolean create;

        @Option(
                names = "--append",
                description = "Add to the table, by the names of the columns; fail if there is none.")
        private boolean append;

        @Option(names = "--replace", description = "Make the table, in place of the one that may be there.")
        private boolean replace;
    }

    @Parameters(
            index = "0",
            paramLabel = "FILE",
            description = "The file; a dash reads CSV or Arrow from standard input.")
    private String file = "";

    @Parameters(index = "1", paramLabel = "TABLE", description = "The table's name, without its schema.")
    private String table = "";

    LoadCommand(Console console) {
        this.console = console;
        server = new ServerOptions(console);
    }

    @Override
    public Integer call() throws Exception {
        try {
            load(file.equals("-") ? null : Path.of(file), format());
            return 0;
        } catch (FlightRuntimeException e) {
            if (e.status().code() == FlightStatusCode.ALREADY_EXISTS) {
                throw new IOException(e.getMessage() + " (--append, --replace)", e);
            }
            throw server.explained(e);
        }
    }

    @SuppressWarnings("try") // The server's close() may be interrupted, which ends the command like any failure.
    private void load(@Nullable Path path, LoadInput.Format format) throws Exception {
        try (BufferAllocator allocator = new RootAllocator();
                LoadInput input = LoadInput.open(format, path, console.in(), allocator);
                LoadProgress progress = new LoadProgress(console, input);
                ServerOptions.OpenServer open = server.open(allocator)) {
            long rows = send(open, input, progress);
            progress.finish(rows, table);
        }
    }

    /** Returns how many rows the server has taken. */
    private long send(ServerOptions.OpenServer open, LoadInput input, LoadProgress progress)
            throws IOException, InterruptedException {
        try (SyncPutListener answers = new SyncPutListener()) {
            ClientStreamListener put = open.flight()
                    .startPut(
                            FlightDescriptor.command(Any.pack(command()).toByteArray()),
                            input.reader().getVectorSchemaRoot(),
                            input.reader(),
                            answers,
                            open.options());
            try {
                while (!answers.isCancelled() && input.reader().loadNextBatch()) {
                    // Flight's own wait would keep a processor busy.
                    while (!put.isReady() && !answers.isCancelled()) {
                        LockSupport.parkNanos(LOOK_AGAIN_NANOS);
                        if (Thread.interrupted()) {
                            throw new InterruptedIOException("interrupted");
                        }
                    }
                    put.putNext();
                    progress.sent(input.reader().getVectorSchemaRoot());
                }
                put.completed();
                return rows(answers);
            } catch (IOException | RuntimeException | Error e) {
                put.error(e);
                throw e;
            }
        }
    }

    private static long rows(SyncPutListener answers) throws InterruptedException, InvalidProtocolBufferException {
        try (PutResult answer = answers.read()) {
            if (answer == null) {
                throw new IllegalStateException("the server did not say how many rows it has taken");
            }
            long rows = DoPutUpdateResult.parseFrom(
                            answer.getApplicationMetadata().nioBuffer())
                    .getRecordCount();
            answers.getResult();
            return rows;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e);
        }
    }

    private CommandStatementIngest command() {
        CommandStatementIngest.Builder command = CommandStatementIngest.newBuilder()
                .setTable(table)
                .setTableDefinitionOptions(TableDefinitionOptions.newBuilder()
                        .setIfNotExist(
                                mode.append
                                        ? TableNotExistOption.TABLE_NOT_EXIST_OPTION_FAIL
                                        : TableNotExistOption.TABLE_NOT_EXIST_OPTION_CREATE)
                        .setIfExists(
                                mode.append
                                        ? TableExistsOption.TABLE_EXISTS_OPTION_APPEND
                                        : mode.replace
                                                ? TableExistsOption.TABLE_EXISTS_OPTION_REPLACE
                                                : TableExistsOption.TABLE_EXISTS_OPTION_FAIL));
        if (schema != null) {
            command.setSchema(schema);
        }
        if (catalog != null) {
            command.setCatalog(catalog);
        }
        return command.build();
    }

    private LoadInput.Format format() {
        if (file.equals("-") && (format == null || format == LoadInput.Format.PARQUET)) {
            throw misunderstood("standard input is read with --format csv or --format arrow");
        }
        if (format != null) {
            return format;
        }
        LoadInput.Format byName = LoadInput.Format.of(file.toLowerCase(Locale.ROOT));
        if (byName == null) {
            throw misunderstood("the name " + file + " does not say what it is: add --format parquet, csv or arrow");
        }
        return byName;
    }

    private ParameterException misunderstood(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}

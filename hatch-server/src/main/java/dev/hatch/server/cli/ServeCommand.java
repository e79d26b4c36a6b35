package dev.hatch.server.cli;

import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import dev.hatch.server.HatchServer;
import dev.hatch.server.ServerConfig;
import dev.hatch.server.sample.TpchSample;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Serves a DuckDB database until it is told to stop. */
@Command(
        name = "serve",
        description = {
            "Serve a DuckDB database over Arrow Flight SQL until SIGTERM or Ctrl-C, which lets running statements"
                    + " end first; a second one ends it at once."
        })
final class ServeCommand implements Callable<Integer> {
    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--database",
            paramLabel = "PATH|:memory:",
            defaultValue = ":memory:",
            description = "The database file, made if it is missing, or ${DEFAULT-VALUE} (the default).")
    private String database = ":memory:";

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:31337",
            description = "Where to listen; port 0 takes a free one. Default: ${DEFAULT-VALUE}")
    private String listen = "";

    @Option(
            names = "--admin",
            paramLabel = "HOST:PORT",
            description = "Where to show the live page, its numbers, meters and health over HTTP; port 0 takes a free"
                    + " one. Nowhere by default.")
    private @Nullable String admin;

    @Option(names = "--sample", description = "Fill the in-memory database with TPC-H at scale 0.01 first.")
    private boolean sample;

    @Option(
            names = "--connections",
            paramLabel = "N",
            defaultValue = "25",
            description = "Statements that run at once, at most; others wait. Default: ${DEFAULT-VALUE}")
    private int connections;

    @Option(
            names = "--connection-timeout",
            paramLabel = "DURATION",
            defaultValue = "30s",
            description = "How long a statement waits for its turn. Default: ${DEFAULT-VALUE}")
    private Duration connectionTimeout = Duration.ZERO;

    @Option(
            names = "--batch-rows",
            paramLabel = "N",
            defaultValue = "" + ServerConfig.DEFAULT_BATCH_ROWS,
            description = "Rows in a batch of a result, at most. Default: ${DEFAULT-VALUE}")
    private int batchRows;

    @Option(
            names = "--drain",
            paramLabel = "DURATION",
            defaultValue = "30s",
            description = "How long running statements may take to end once it is told to stop. Default:"
                    + " ${DEFAULT-VALUE}")
    private Duration drain = Duration.ZERO;

    @Option(
            names = "--insecure",
            description = "Listen on an address that other machines reach, although anyone there can read, write and"
                    + " run everything, or read passwords on the way.")
    private boolean insecure;

    ServeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws SQLException, IOException, InterruptedException {
        ServerConfig config = config();
        CountDownLatch told = new CountDownLatch(1);
        Runnable giveSignalsBack =
                Signals.onStop(told::countDown, () -> Runtime.getRuntime().halt(130));
        try {
            serve(config, told);
        } finally {
            giveSignalsBack.run();
        }
        return 0;
    }

    private void serve(ServerConfig config, CountDownLatch told)
            throws SQLException, IOException, InterruptedException {
        HatchServer server = open(config);
        try {
            if (sample) {
                TpchSample.load(server.dataSource(), console.err());
            }
            listen(server);
            console.out()
                    .printf(
                            Locale.ROOT,
                            "hatch is ready on %s after %.1f s: %s, up to %d statements at once%n",
                            server.uri(),
                            (System.currentTimeMillis()
                                            - ManagementFactory.getRuntimeMXBean()
                                                    .getStartTime())
                                    / 1e3,
                            withoutProperties(database),
                            connections);
            server.adminUri().ifPresent(uri -> console.out().printf("hatch shows itself on %s%n", uri));
            console.out().flush();
            told.await();
            console.err().println("hatch: stopping; running statements have " + drain.toSeconds() + " s to end");
        } finally {
            server.close(drain);
        }
    }

    /** The path in what --database takes: the properties after it may hold a key, which is nobody's to read. */
    static String withoutProperties(String database) {
        String path = database.replaceFirst("^jdbc:duckdb:", "").replaceFirst("(?s)[;?].*", "");
        return path.isEmpty() ? ":memory:" : path;
    }

    private HatchServer open(ServerConfig config) throws SQLException, IOException {
        try {
            return HatchServer.open(config);
        } catch (IOException e) {
            throw new IOException("cannot listen on " + admin + ": " + rootMessage(e), e);
        }
    }

    private void listen(HatchServer server) throws SQLException, IOException {
        try {
            server.listen();
        } catch (IOException e) {
            throw new IOException("cannot listen on " + listen + ": " + rootMessage(e), e);
        }
    }

    private ServerConfig config() {
        if (sample && !database.equals(":memory:")) {
            throw misunderstood(
                    "--sample fills the in-memory database; leave out --database " + withoutProperties(database));
        }
        if (database.startsWith("jdbc:") && !database.startsWith("jdbc:duckdb:")) {
            throw misunderstood("--database takes a DuckDB file or :memory:, not a URL of another database");
        }
        try {
            Exposure exposure = new Exposure(false, false, false, insecure);
            ServerConfig.Address listen = address("--listen", "127.0.0.1:31337", this.listen);
            exposure.requireSafe("--listen", listen.host());
            ServerConfig.Builder config = ServerConfig.builder(ConnectionPoolConfig.builder()
                            .name("hatch")
                            .dsn(database)
                            .maxOpenConnections(connections)
                            .maxIdleConnections(connections)
                            .connectionTimeout(connectionTimeout)
                            .build())
                    .listen(listen)
                    .batchRows(batchRows);
            if (admin != null) {
                ServerConfig.Address shown = address("--admin", TopCommand.DEFAULT_ADDRESS, admin);
                exposure.requireSafeAdmin("--admin", shown.host());
                config.admin(shown);
            }
            return config.build();
        } catch (IllegalArgumentException e) {
            throw misunderstood(e.getMessage());
        }
    }

    private ServerConfig.Address address(String option, String example, String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1 || !text.substring(colon + 1).matches("\\d{1,5}")) {
            throw misunderstood(option + " takes HOST:PORT, such as " + example + ", not '" + text + "'");
        }
        return new ServerConfig.Address(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
    }

    private ParameterException misunderstood(@Nullable String message) {
        return new ParameterException(spec.commandLine(), String.valueOf(message));
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }
}

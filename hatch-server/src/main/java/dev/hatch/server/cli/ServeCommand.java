package dev.hatch.server.cli;

import dev.hatch.server.HatchServer;
import dev.hatch.server.ServerConfig;
import dev.hatch.server.sample.TpchSample;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Serves a DuckDB database until it is told to stop. */
@Command(
        name = "serve",
        abbreviateSynopsis = true,
        sortOptions = false,
        description = {
            "Serve a DuckDB database over Arrow Flight SQL until SIGTERM or Ctrl-C, which lets running statements"
                    + " end first; a second one ends it at once."
        })
final class ServeCommand implements Callable<Integer> {
    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Take settings from FILE: a line KEY = VALUE for each, KEY being an option below without its"
                    + " dashes. A variable, such as HATCH_MAX_SESSIONS, overrides the file, an option both.")
    private @Nullable Path file;

    @Option(
            names = "--print-config",
            description = "Print the settings as such a file, each with where it comes from, and open nothing.")
    private boolean printConfig;

    private ServeCommand(Console console) {
        this.console = console;
    }

    /** With an option for each setting. */
    static CommandLine on(Console console) {
        CommandLine command = new CommandLine(new ServeCommand(console));
        SettingOptions.addTo(command);
        return command;
    }

    @Override
    public Integer call() throws SQLException, IOException, InterruptedException {
        Settings settings;
        ServePlan plan;
        try {
            settings =
                    Settings.of(SettingOptions.given(spec.commandLine().getParseResult()), console.environment(), file);
            plan = ServePlan.of(settings);
            if (printConfig) {
                settings.print(console.out());
                return 0;
            }
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        CountDownLatch told = new CountDownLatch(1);
        Runnable giveSignalsBack =
                Signals.onStop(told::countDown, () -> Runtime.getRuntime().halt(130));
        try {
            serve(plan, told);
        } finally {
            giveSignalsBack.run();
        }
        return 0;
    }

    private void serve(ServePlan plan, CountDownLatch told) throws SQLException, IOException, InterruptedException {
        HatchServer server = open(plan.config());
        try {
            if (plan.sample()) {
                TpchSample.load(server.dataSource(), console.err());
            }
            listen(server, plan.config().listen());
            console.out()
                    .printf(
                            Locale.ROOT,
                            "hatch is ready on %s after %.1f s: %s, up to %d statements at once%n",
                            server.uri(),
                            (System.currentTimeMillis()
                                            - ManagementFactory.getRuntimeMXBean()
                                                    .getStartTime())
                                    / 1e3,
                            Settings.withoutProperties(plan.config().pool().dsn()),
                            plan.config().pool().maxOpenConnections());
            server.adminUri().ifPresent(uri -> console.out().printf("hatch shows itself on %s%n", uri));
            console.out().flush();
            told.await();
            console.err()
                    .println("hatch: stopping; running statements have "
                            + plan.drain().toSeconds() + " s to end");
        } finally {
            server.close(plan.drain());
        }
    }

    private static HatchServer open(ServerConfig config) throws SQLException, IOException {
        try {
            return HatchServer.open(config);
        } catch (IOException e) {
            throw cannotListen(config.admin(), e);
        }
    }

    private static void listen(HatchServer server, ServerConfig.Address address) throws SQLException, IOException {
        try {
            server.listen();
        } catch (IOException e) {
            throw cannotListen(address, e);
        }
    }

    private static IOException cannotListen(ServerConfig.@Nullable Address address, IOException e) {
        String where = address == null ? "" : " on " + address.host() + ":" + address.port();
        return new IOException("cannot listen" + where + ": " + rootMessage(e), e);
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }
}

package dev.hatch.conformance;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A MariaDB: the one at {@code -Dmariadb.url} (with {@code -Dmariadb.user} and {@code -Dmariadb.password}), whose user must
 * be allowed everything, else one of its own if the server is installed.
 */
record LocalMariaDb(
        String url, String user, String password, @Nullable Process process) implements Closeable {
    private static final Duration LONGEST_START = Duration.ofSeconds(60);

    static LocalMariaDb start(Path folder) throws Exception {
        String given = System.getProperty("mariadb.url", "");
        if (!given.isEmpty()) {
            return new LocalMariaDb(
                    given,
                    System.getProperty("mariadb.user", "root"),
                    System.getProperty("mariadb.password", ""),
                    null);
        }
        Path server = found("mariadbd");
        Path install = found("mariadb-install-db");
        assumeTrue(
                server != null && install != null,
                "no MariaDB: install mariadb-server, or give -Dmariadb.url=jdbc:mariadb://…");
        Path data = folder.resolve("data");
        Path log = folder.resolve("log");
        run(log, install + "", "--no-defaults", "--datadir=" + data, "--auth-root-authentication-method=normal");
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Process process = process(
                log,
                server + "",
                "--no-defaults",
                "--datadir=" + data,
                "--socket=" + folder.resolve("socket"),
                "--pid-file=" + folder.resolve("pid"),
                "--bind-address=127.0.0.1",
                "--port=" + port,
                "--user=" + System.getProperty("user.name"));
        LocalMariaDb started = new LocalMariaDb(
                "jdbc:mariadb://127.0.0.1:" + port + "/hatch?createDatabaseIfNotExist=true", "root", "", process);
        Awaitility.await()
                .atMost(LONGEST_START)
                .ignoreExceptionsInstanceOf(SQLException.class)
                .until(() -> {
                    if (!process.isAlive()) {
                        throw new IllegalStateException("MariaDB did not start: " + Files.readString(log));
                    }
                    DriverManager.getConnection(started.url, "root", "").close();
                    return true;
                });
        return started;
    }

    private static @Nullable Path found(String program) {
        Stream<String> path = Arrays.stream(System.getenv("PATH").split(File.pathSeparator));
        return Stream.concat(path, Stream.of("/usr/sbin"))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    private static Process process(Path log, String... command) throws IOException {
        return new ProcessBuilder(List.of(command))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    private static void run(Path log, String... command) throws IOException, InterruptedException {
        if (process(log, command).waitFor() != 0) {
            throw new IllegalStateException(Files.readString(log));
        }
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroy();
            process.onExit().completeOnTimeout(process, 30, TimeUnit.SECONDS).join();
            process.destroyForcibly();
        }
    }
}

package dev.hatch.benchmarks;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.Driver;

/** A PostgreSQL of its own, on loopback, with PostgreSQL's defaults. */
final class PostgresDatabase implements BenchDatabase {
    private static final String COUNT =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";

    private final EmbeddedPostgres server;

    PostgresDatabase() throws IOException {
        server = EmbeddedPostgres.start();
    }

    @Override
    public Class<? extends java.sql.Driver> driver() {
        return Driver.class;
    }

    @Override
    public String url() {
        return server.getJdbcUrl("postgres", "postgres");
    }

    /** Nobody closes one meanwhile, so that those that are open are all. */
    @Override
    public int opened() throws SQLException {
        try (Connection connection = DriverManager.getConnection(url());
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(COUNT)) {
            if (!result.next()) {
                throw new IllegalStateException("no row: " + COUNT);
            }
            return result.getInt(1);
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

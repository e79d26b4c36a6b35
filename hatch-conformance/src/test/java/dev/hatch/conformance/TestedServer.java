package dev.hatch.conformance;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** A database that runs for as long as a test. */
record TestedServer(TestedDatabase database, Closeable server) implements Closeable {
    static TestedServer postgres() throws IOException {
        EmbeddedPostgres server = EmbeddedPostgres.start();
        TestedDatabase database = new TestedDatabase(
                "PostgreSQL",
                "org.postgresql.Driver",
                server.getJdbcUrl("postgres", "postgres"),
                Map.of("ApplicationName", "conformance"),
                "SET work_mem = '7777kB'",
                PostgresTraces.setUp(),
                PostgresTraces.all(),
                PostgresTraces.alone());
        return new TestedServer(database, server);
    }

    /** Runs while somebody is connected. */
    static TestedDatabase duckDb(Path folder) {
        return new TestedDatabase(
                "DuckDB",
                "org.duckdb.DuckDBDriver",
                "jdbc:duckdb:" + folder.resolve("isolation.db"),
                Map.of(),
                "SET default_null_order = 'nulls_last'",
                DuckDbTraces.setUp(),
                DuckDbTraces.all(),
                DuckDbTraces.alone());
    }

    static TestedServer mariaDb(Path folder) throws Exception {
        LocalMariaDb server = LocalMariaDb.start(folder);
        TestedDatabase database = new TestedDatabase(
                "MariaDB",
                "org.mariadb.jdbc.Driver",
                server.url(),
                Map.of("user", server.user(), "password", server.password()),
                "SET sort_buffer_size = 777216",
                MariaDbTraces.setUp(),
                MariaDbTraces.all(),
                MariaDbTraces.alone());
        return new TestedServer(database, server);
    }

    /** MariaDB through MySQL's driver. */
    static TestedServer mySql(Path folder) throws Exception {
        TestedServer mariaDb = mariaDb(folder);
        TestedDatabase database = mariaDb.database();
        return new TestedServer(
                new TestedDatabase(
                        "MySQL's driver on MariaDB",
                        "com.mysql.cj.jdbc.Driver",
                        database.url().replaceFirst("^jdbc:mariadb:", "jdbc:mysql:"),
                        database.driverProperties(),
                        database.initialSql(),
                        database.setUp(),
                        database.traces(),
                        database.alone()),
                mariaDb.server());
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}

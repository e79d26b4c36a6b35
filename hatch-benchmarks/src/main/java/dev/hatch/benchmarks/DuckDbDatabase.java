package dev.hatch.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.duckdb.DuckDBDriver;

/** A DuckDB file, open all the time, so that whoever connects opens no more than a connection. */
final class DuckDbDatabase implements BenchDatabase {
    private final Path folder;
    private final Connection open;

    DuckDbDatabase() throws IOException, SQLException {
        folder = Files.createTempDirectory("hatch-bench");
        open = DriverManager.getConnection(url());
    }

    @Override
    public Class<? extends java.sql.Driver> driver() {
        return DuckDBDriver.class;
    }

    @Override
    public String url() {
        return "jdbc:duckdb:" + folder.resolve("bench.db");
    }

    /** DuckDB does not say. A connection is opened in less time than it takes to look. */
    @Override
    public int opened() {
        return Integer.MAX_VALUE;
    }

    @Override
    public void close() {
        try {
            open.close();
            List<Path> files;
            try (Stream<Path> found = Files.walk(folder)) {
                files = found.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path file : files) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}

package dev.hatch.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hatch.pool.jdbc.ConnectionPool;
import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadmeTest {
    private static final Path README = Path.of("..", "README.md");
    private static final Path SOURCE = Path.of("src/test/java/dev/hatch/examples/ReadmeTest.java");

    @TempDir
    Path folder;

    private static BigDecimal total(String database) throws SQLException {
        ConnectionPoolConfig config = ConnectionPoolConfig.builder()
                .dsn(database) // "orders.db", ":memory:" or a JDBC URL
                .maxOpenConnections(8)
                .connectionTimeout(Duration.ofSeconds(5))
                .build();
        try (ConnectionPool pool = ConnectionPool.create(config);
                Connection connection = pool.getConnection();
                PreparedStatement query = connection.prepareStatement("SELECT sum(total) FROM orders WHERE day = ?")) {
            query.setObject(1, LocalDate.of(2026, 11, 23));
            try (ResultSet sum = query.executeQuery()) {
                sum.next();
                return sum.getBigDecimal(1);
            }
        }
    }

    @Test
    void the_example_works() throws SQLException {
        String database = folder.resolve("orders.db").toString();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + database);
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE orders AS FROM (VALUES (DATE '2026-11-23', 12.50), (DATE '2026-11-23', 1.25),"
                            + " (DATE '2026-11-22', 100.00)) t(day, total)");
        }
        assertThat(total(database)).isEqualTo("13.75");
    }

    @Test
    void the_example_of_the_readme_is_the_one_that_is_tested() throws IOException {
        String readme = Files.readString(README);
        int begin = readme.indexOf("```java\n") + "```java\n".length();
        List<String> example = readme.substring(begin, readme.indexOf("```", begin))
                .lines()
                .map(String::strip)
                .toList();
        List<String> source =
                Files.readAllLines(SOURCE).stream().map(String::strip).toList();
        assertThat(example).hasSizeGreaterThan(9);
        assertThat(source).containsSequence(example);
    }

    @Test
    void the_readme_is_short() throws IOException {
        assertThat(Files.readAllLines(README)).hasSizeLessThanOrEqualTo(80);
    }
}

package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hatch.server.sample.TpchSample;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class TpchTest {
    static final List<Integer> QUERIES =
            java.util.stream.IntStream.rangeClosed(1, 22).boxed().toList();

    private static TestServer server;
    private static Connection remote;
    private static Connection local;

    @BeforeAll
    static void load() throws SQLException {
        server = TestServer.start();
        TpchSample.load(
                server.hatch().dataSource(),
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        remote = server.jdbc();
        local = server.hatch().dataSource().getConnection();
    }

    @AfterAll
    static void stop() throws SQLException {
        local.close();
        remote.close();
        server.close();
    }

    @ParameterizedTest(name = "Q{0}")
    @FieldSource("QUERIES")
    void the_result_through_the_jdbc_driver_equals_the_one_in_process(int query) throws SQLException, IOException {
        String sql = sql(query);
        List<List<Object>> expected = rows(local, sql);
        assertThat(rows(remote, sql)).isEqualTo(expected);
        assertThat(expected).as("rows of Q%d", query).isNotEmpty();
    }

    private static String sql(int query) throws IOException {
        try (InputStream resource = TpchTest.class.getResourceAsStream(String.format("/tpch/q%02d.sql", query))) {
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The names of the columns, then the rows. */
    private static List<List<Object>> rows(Connection connection, String sql) throws SQLException {
        List<List<Object>> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            int columns = result.getMetaData().getColumnCount();
            List<Object> names = new ArrayList<>();
            for (int i = 1; i <= columns; i++) {
                names.add(result.getMetaData().getColumnLabel(i));
            }
            rows.add(names);
            while (result.next()) {
                List<Object> row = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    row.add(value(result, i));
                }
                rows.add(row);
            }
        }
        return rows;
    }

    /** DuckDB's driver gives a DATE as a LocalDate and a HUGEINT as a BigInteger, the other as java.sql and decimal. */
    private static Object value(ResultSet result, int column) throws SQLException {
        Object value = result.getObject(column);
        if (value instanceof java.sql.Date date) {
            return date.toLocalDate();
        }
        return value instanceof java.math.BigInteger integer ? new java.math.BigDecimal(integer) : value;
    }
}

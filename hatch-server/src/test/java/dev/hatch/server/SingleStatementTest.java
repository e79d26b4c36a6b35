package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.duckdb.DuckDBDriver;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SingleStatementTest {
    private static final String RUN = "SELECT nextval('runs')";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 1",
                "SELECT 1;",
                "SELECT 1 ; ;\n; ",
                ";; SELECT 1",
                "SELECT 1; -- that is all; really",
                "SELECT 1; /* that is /* all */; really */",
                "SELECT 1 -- one; two",
                "SELECT 1 /* one; /* two; */ three; */ + 1",
                "SELECT ';'",
                "SELECT 'it''s; fine'",
                "SELECT 'back\\', ';'",
                "SELECT E'it\\'s; fine'",
                "SELECT e'\\\\', ';'",
                "SELECT 1 AS \"a;\"\"b;\"",
                "SELECT 1 AS `a;``b;`",
                "SELECT $$one; two$$",
                "SELECT $tag$one; $$two; $other$three;$tag$",
                "SELECT $é$one; two$é$",
                "SELECT $1 + $name",
                "SELECT 1 AS a$b, 2 AS a$$, ';'",
                "SELECT 1.5e-3, 1_000, ';'",
                "SELECT 1;\u00a0\u2003\ufeff",
                "",
                ";",
                "-- nothing",
                "SELECT 'not closed; ",
                "SELECT /* not closed; ",
                "SELECT $$not closed; ",
            })
    void one_statement_is_accepted(String sql) {
        assertThat(SingleStatement.of(sql).text()).hasSameSizeAs(sql);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 1; SELECT 2",
                "SELECT 1;SELECT 2;",
                "; SELECT 1 ;; SELECT 2",
                "SELECT 1 -- one\n; SELECT 2",
                "SELECT 1 -- one\r; SELECT 2",
                "SELECT 1 /* /* */ */ ; SELECT 2",
                "SELECT '\\'; SELECT '2'",
                "SELECT E'\\''; SELECT '2'",
                "SELECT ae'\\'; SELECT '2'",
                "SELECT 1 AS \"'\"; SELECT '2'",
                "SELECT 1 AS `'`; SELECT 2 AS `'`",
                "SELECT 1 AS `--`; SELECT 2",
                "SELECT 1 AS `/*`; SELECT 2",
                "SELECT $$'$$; SELECT 2",
                "SELECT $1$; SELECT $1$",
                "SELECT 1 AS a$$; SELECT 2 AS b$$",
                "SELECT 1,\u2003$$'$$; SELECT 2",
                "SELECT $a\u00a0$; SELECT $a\u00a0$",
                "SELECT 1 - - 2 /*/ */ ; SELECT 2",
                "SELECT 1e'\\''; SELECT '2'",
                "SELECT 1e5e'\\''; SELECT '2'",
            })
    void several_statements_are_refused(String sql) {
        assertThatThrownBy(() -> SingleStatement.of(sql))
                .isInstanceOfSatisfying(
                        FlightRuntimeException.class,
                        e -> assertThat(e.status().code()).isEqualTo(FlightStatusCode.INVALID_ARGUMENT))
                .hasMessageContaining("one statement at a time");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "BEGIN | BEGINS",
                "begin transaction | BEGINS",
                "START\u00a0TRANSACTION | BEGINS",
                "/* a */ COMMIT; | COMMITS",
                "/* -- */ ROLLBACK | ROLLS_BACK",
                "ABORT | ROLLS_BACK",
                "; end; | COMMITS",
                "SET schema = 'x' | SETS",
                "set global threads = 2 | NONE",
                "RESET memory_limit | SETS",
                "USE x | SETS",
                "PREPARE p AS SELECT 1 | SETS",
                "PRAGMA table_info('t') | NONE",
                "PRAGMA threads=4 | SETS",
                "PRAGMA enable_profiling | SETS",
                "CREATE TABLE t (i INTEGER) | NONE",
                "CREATE TEMP TABLE t (i INTEGER) | CREATES_TEMPORARY",
                "create or replace temporary macro f() AS 1 | CREATES_TEMPORARY",
                "CREATE TABLE IF NOT EXISTS temp.t (i INTEGER) | CREATES_TEMPORARY",
                "CREATE TABLE weather (city VARCHAR, temp INTEGER) | NONE",
                "CREATE VIEW v AS SELECT temp FROM w | NONE",
                "CREATE TABLE \"temp\".t (i INTEGER) | CREATES_TEMPORARY",
                "EXPLAIN ANALYZE SET x = 1 | SETS",
                "EXPLAIN (ANALYZE, FORMAT json) CREATE TEMP TABLE t (i INTEGER) | CREATES_TEMPORARY",
                "EXPLAIN SELECT 1 | NONE",
                "DROP TABLE t | DROPS",
                "SELECT 1 | NONE",
                "(FROM t) | NONE",
                "INSERT INTO t VALUES (1) | NONE",
            })
    void the_first_words_tell_what_a_statement_does_to_its_connection(String sql, Effect effect) {
        assertThat(SingleStatement.of(sql).effect()).isEqualTo(effect);
    }

    @Test
    void a_nul_is_refused_because_duckdb_would_drop_what_follows_it() {
        assertThatThrownBy(() -> SingleStatement.of("DELETE FROM t\0 WHERE false"))
                .isInstanceOf(FlightRuntimeException.class)
                .hasMessageContaining("NUL");
    }

    @Test
    void unicode_spaces_become_plain_ones_except_in_quotes() {
        assertThat(SingleStatement.of("SELECT\u00a01\u2003AS \"a\u00a0b\", '\u3000'")
                        .text())
                .isEqualTo("SELECT 1 AS \"a\u00a0b\", '\u3000'");
    }

    @Test
    @Tag("once")
    void duckdb_runs_nothing_of_what_is_accepted_and_accepts_what_duckdb_takes_for_one() throws SQLException {
        compareWithDuckDb(20_260_101, 6_000);
    }

    @Test
    @Tag("full")
    void duckdb_agrees_on_a_hundred_thousand_texts() throws SQLException {
        compareWithDuckDb(42, 100_000);
    }

    /**
     * Every statement among the fragments leaves a trace if it runs. So a text that DuckDB prepares without running
     * anything is a single one, and a text of which it runs something while preparing it is several. It must run nothing of
     * what it is handed in place of a text, which may be one statement where the text would have been several: DuckDB
     * does not see all of the spaces that are replaced.
     */
    private static void compareWithDuckDb(long seed, int texts) throws SQLException {
        Random random = new Random(seed);
        int several = 0;
        int single = 0;
        try (Connection connection = new DuckDBDriver().connect("jdbc:duckdb:", new Properties());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SEQUENCE runs");
            statement.execute("CREATE TABLE probe (x BIGINT)");
            long runs = 0;
            for (int i = 0; i < texts; i++) {
                String sql = text(random);
                boolean accepted = isAccepted(sql);
                boolean prepared = isPrepared(connection, sql);
                long now = runs(statement);
                String described = "text " + i + " of seed " + seed + ": " + quoted(sql);
                if (now > runs) {
                    several++;
                    assertThat(accepted && SingleStatement.of(sql).text().equals(sql))
                            .as("several, DuckDB ran them: %s", described)
                            .isFalse();
                } else if (prepared) {
                    single++;
                    assertThat(accepted).as("one statement: %s", described).isTrue();
                }
                runs = now;
                if (accepted) {
                    boolean unused =
                            isPrepared(connection, SingleStatement.of(sql).text());
                    assertThat(runs(statement))
                            .as("what is handed to DuckDB: %s", described)
                            .isEqualTo(runs);
                }
            }
        }
        assertThat(several).as("texts of several statements").isGreaterThan(texts / 20);
        assertThat(single).as("texts of one statement").isGreaterThan(texts / 20);
    }

    private static boolean isAccepted(String sql) {
        try {
            SingleStatement unused = SingleStatement.of(sql);
            return true;
        } catch (FlightRuntimeException e) {
            return false;
        }
    }

    private static boolean isPrepared(Connection connection, String sql) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            return !statement.isClosed();
        } catch (SQLException e) {
            return false;
        }
    }

    private static long runs(Statement statement) throws SQLException {
        try (ResultSet result = statement.executeQuery("SELECT coalesce(last_value, 0) FROM duckdb_sequences()")) {
            result.next();
            return result.getLong(1);
        }
    }

    private static final List<String> SPACES = List.of(
            " ", " ", " ", "\n", "\r", "\t", "\f", "\u000b", "\u00a0", "\u2003", "\u200b", "\ufeff", "\u3000",
            "\u202f");
    private static final List<String> BITS = List.of(
            "'",
            "''",
            "\"",
            "\"\"",
            "`",
            "``",
            "\\",
            "\\'",
            "\\\\",
            ";",
            "; ",
            "--",
            "/*",
            "*/",
            "$",
            "$$",
            "$a$",
            "$é$",
            "$1$",
            "$_1$",
            "\n",
            "\r",
            "e",
            "E",
            "e'",
            "E'",
            "x",
            "é",
            "\u00a0",
            "\u2003",
            "\u0085",
            "\u2028",
            "1",
            "1e",
            "_",
            ".",
            "-",
            "/",
            "*",
            "#",
            "?",
            "@",
            "|",
            "(",
            ")",
            "[",
            ":",
            "::",
            "N'",
            "x'",
            "U&'",
            "\ud83d\ude00");

    private static String text(Random random) {
        StringBuilder sql = new StringBuilder();
        int statements = 1 + random.nextInt(3);
        for (int i = 0; i < statements; i++) {
            if (random.nextInt(8) == 0) {
                sql.append(pick(random, BITS));
            }
            sql.append(random.nextInt(4) == 0 ? "INSERT INTO probe " + RUN : RUN);
            for (int items = random.nextInt(4); items > 0; items--) {
                sql.append(pick(random, List.of(", ", ",", " AS ", "", " + "))).append(item(random));
            }
            sql.append(space(random));
            if (i < statements - 1 || random.nextInt(3) == 0) {
                sql.append(";").append(space(random));
            }
        }
        if (random.nextInt(4) == 0) {
            sql.insert(random.nextInt(sql.length() + 1), pick(random, BITS));
        }
        return sql.toString();
    }

    private static String item(Random random) {
        String inside = inside(random);
        return switch (random.nextInt(14)) {
            case 0 -> "'" + inside.replace("'", "''") + "'";
            case 1 -> "E'" + inside.replace("\\", "\\\\").replace("'", "\\'") + "'";
            case 2 -> "e'" + inside.replace("\\", "\\\\").replace("'", "''") + "'";
            case 3 -> "\"" + inside.replace("\"", "\"\"") + "\"";
            case 4 -> "`" + inside.replace("`", "``") + "`";
            case 5 -> "$$" + inside.replace("$", "") + "$$";
            case 6 -> "$a$" + inside + "$a$";
            case 7 -> "1 AS \"" + inside.replace("\"", "\"\"") + "\"";
            case 8 -> "1 AS `" + inside.replace("`", "``") + "`";
            case 9 -> "1 -- " + inside.replace("\n", " ").replace("\r", " ") + pick(random, List.of("\n", "\r"));
            case 10 -> "1 /* " + inside.replace("/*", "").replace("*/", "") + " */";
            case 11 -> "/* /* */ " + inside.replace("/*", "").replace("*/", "") + "*/ 1";
            case 12 -> space(random) + pick(random, List.of("1", "1e5", "1.5", "a", "a$$", "1e", "e", ".5e", "x1e"));
            default -> inside;
        };
    }

    private static String inside(Random random) {
        StringBuilder inside = new StringBuilder();
        for (int bits = random.nextInt(5); bits > 0; bits--) {
            inside.append(random.nextInt(6) == 0 ? RUN : pick(random, BITS));
        }
        return inside.toString();
    }

    private static String space(Random random) {
        return random.nextBoolean() ? "" : pick(random, SPACES);
    }

    private static String pick(Random random, List<String> from) {
        return from.get(random.nextInt(from.size()));
    }

    private static String quoted(String sql) {
        StringBuilder quoted = new StringBuilder();
        sql.chars().forEach(c -> quoted.append(c < 32 || c > 126 ? String.format("\\u%04x", c) : "" + (char) c));
        return quoted.toString();
    }
}

package dev.hatch.conformance;

import static dev.hatch.conformance.Trace.execute;
import static dev.hatch.conformance.Trace.value;

import java.util.ArrayList;
import java.util.List;

/** What can be left on a connection to MariaDB, and with few exceptions to MySQL. */
public final class MariaDbTraces {
    private static final String ROWS = "SELECT count(*) FROM hatch.hatch_t";

    private MariaDbTraces() {}

    /** What must be there before anybody leaves anything; the URL should name the database {@code hatch}. */
    public static List<String> setUp() {
        return List.of(
                "CREATE DATABASE IF NOT EXISTS hatch",
                "CREATE DATABASE IF NOT EXISTS hatch_other",
                "DROP TABLE IF EXISTS hatch.hatch_t",
                "CREATE TABLE hatch.hatch_t (id integer AUTO_INCREMENT PRIMARY KEY)",
                "CREATE ROLE IF NOT EXISTS hatch_role");
    }

    public static List<Trace> all() {
        List<Trace> all = new ArrayList<>(List.of(
                new Trace(
                        "uncommitted work under setAutoCommit(false)",
                        c -> {
                            c.setAutoCommit(false);
                            execute(c, "INSERT INTO hatch.hatch_t VALUES ()");
                        },
                        c -> value(c, ROWS) + " rows"),
                Trace.of("SET autocommit = 0", "SELECT @@autocommit", "SET autocommit = 0"),
                Trace.of("SET SESSION", "SELECT @@sort_buffer_size", "SET SESSION sort_buffer_size = 1048576"),
                Trace.of("SQL mode", "SELECT @@sql_mode", "SET sql_mode = 'ANSI'"),
                Trace.of("SET time_zone", "SELECT @@time_zone", "SET time_zone = '+05:45'"),
                Trace.of("SET NAMES", "SELECT @@collation_connection", "SET NAMES utf8mb4 COLLATE utf8mb4_bin"),
                Trace.of("session time-outs", "SELECT @@max_statement_time", "SET max_statement_time = 59"),
                Trace.of("SQL_SELECT_LIMIT", "SELECT @@sql_select_limit", "SET sql_select_limit = 59"),
                Trace.of("SET timestamp", "SELECT now() < '2001-01-01'", "SET timestamp = 1"),
                Trace.of("user variable", "SELECT coalesce(@hatch_v, 'none')", "SET @hatch_v = 'left'"),
                Trace.of("USE", "SELECT database()", "USE hatch_other"),
                Trace.working(
                        "temporary table",
                        "SELECT count(*) FROM hatch.hatch_tt",
                        "CREATE TEMPORARY TABLE IF NOT EXISTS hatch.hatch_tt (id integer)"),
                Trace.working("PREPARE", "EXECUTE hatch_p", "PREPARE hatch_p FROM 'SELECT 42'"),
                Trace.of("user's lock", "SELECT is_used_lock('hatch_l') IS NULL", "SELECT get_lock('hatch_l', 1)"),
                Trace.of("last insert id", "SELECT last_insert_id()", "SELECT last_insert_id(4711)"),
                Trace.of("SET ROLE", "SELECT coalesce(current_role(), 'none')", "SET ROLE hatch_role"),
                Trace.of(
                        "SET SESSION TRANSACTION",
                        "SELECT @@tx_isolation",
                        "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE")));
        all.addAll(JdbcTraces.all("hatch_other", "hatch_other"));
        return all;
    }

    /** What commits what was done before it, and what takes long. */
    public static List<Trace> alone() {
        return List.of(
                Trace.of("text BEGIN left open", ROWS, "BEGIN", "INSERT INTO hatch.hatch_t VALUES ()"),
                Trace.working("table lock", "SELECT count(*) FROM mysql.user", "LOCK TABLES hatch.hatch_t WRITE"),
                JdbcTraces.runningQuery("SELECT sleep(5)"));
    }
}

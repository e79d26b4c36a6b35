package dev.hatch.conformance;

import static dev.hatch.conformance.Trace.execute;
import static dev.hatch.conformance.Trace.value;

import java.util.ArrayList;
import java.util.List;

/** What can be left on a connection to PostgreSQL. */
public final class PostgresTraces {
    private static final String DRIVER = "org.postgresql.PGConnection";
    private static final String ROWS = "SELECT count(*) FROM hatch_t";
    private static final String LOCKS =
            "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND (locktype = 'advisory' OR mode = 'AccessExclusiveLock')";
    private static final String TEMPORARY =
            "SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relname LIKE 'hatch%'";

    private PostgresTraces() {}

    /** What must be there before anybody leaves anything; run it as a superuser. */
    public static List<String> setUp() {
        return List.of(
                "DROP TABLE IF EXISTS hatch_t",
                "CREATE TABLE hatch_t (id integer)",
                "DROP SEQUENCE IF EXISTS hatch_s",
                "CREATE SEQUENCE hatch_s",
                "CREATE SCHEMA IF NOT EXISTS hatch_other",
                "DROP ROLE IF EXISTS hatch_role",
                "CREATE ROLE hatch_role");
    }

    public static List<Trace> all() {
        List<Trace> all = new ArrayList<>(List.of(
                new Trace(
                        "uncommitted work under setAutoCommit(false)",
                        c -> {
                            c.setAutoCommit(false);
                            execute(c, "INSERT INTO hatch_t VALUES (1)");
                        },
                        c -> value(c, ROWS) + " rows"),
                Trace.of("text BEGIN left open", ROWS, "BEGIN", "INSERT INTO hatch_t VALUES (2)"),
                new Trace(
                        "aborted transaction",
                        c -> {
                            c.setAutoCommit(false);
                            Trace.fail(c, "SELECT 1 / 0");
                        },
                        c -> value(c, "SELECT 42")),
                new Trace(
                        "aborted transaction of a text BEGIN",
                        c -> {
                            execute(c, "BEGIN");
                            Trace.fail(c, "SELECT 1 / 0");
                        },
                        c -> value(c, "SELECT 42")),
                Trace.of("SET", "SHOW work_mem", "SET work_mem = '5432kB'"),
                Trace.of(
                        "SET LOCAL in an open transaction",
                        "SHOW temp_buffers",
                        "BEGIN",
                        "SET LOCAL temp_buffers = '9MB'"),
                Trace.of("SET search_path", "SHOW search_path", "SET search_path = hatch_other, public"),
                Trace.of("SET TIME ZONE", "SHOW TimeZone", "SET TIME ZONE 'Asia/Kathmandu'"),
                Trace.of("SET DateStyle", "SHOW DateStyle", "SET DateStyle = 'ISO, YMD'"),
                Trace.of(
                        "a setting of the user's own",
                        "SELECT coalesce(nullif(current_setting('hatch.user', true), ''), 'none')",
                        "SELECT set_config('hatch.user', 'left', false)"),
                Trace.of(
                        "session time-outs",
                        "SELECT current_setting('statement_timeout') || current_setting('lock_timeout')",
                        "SET statement_timeout = '59s'",
                        "SET lock_timeout = '58s'"),
                Trace.of(
                        "SET SESSION CHARACTERISTICS",
                        "SHOW default_transaction_isolation",
                        "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ"),
                Trace.of("temporary table", TEMPORARY, "CREATE TEMPORARY TABLE hatch_tt (id integer)"),
                Trace.of("temporary view", TEMPORARY, "CREATE TEMPORARY VIEW hatch_tv AS SELECT 1"),
                Trace.of("temporary sequence", TEMPORARY, "CREATE TEMPORARY SEQUENCE hatch_ts"),
                Trace.of(
                        "temporary function",
                        "SELECT count(*) FROM pg_proc WHERE pronamespace = pg_my_temp_schema()",
                        "CREATE FUNCTION pg_temp.hatch_f() RETURNS integer LANGUAGE sql AS 'SELECT 1'"),
                Trace.of("value of a sequence", "SELECT currval('hatch_s') IS NOT NULL", "SELECT nextval('hatch_s')"),
                Trace.of(
                        "PREPARE",
                        "SELECT count(*) FROM pg_prepared_statements WHERE from_sql",
                        "PREPARE hatch_p AS SELECT 1"),
                Trace.of(
                        "cursor",
                        "SELECT count(*) FROM pg_cursors WHERE name = 'hatch_c'",
                        "DECLARE hatch_c CURSOR WITH HOLD FOR SELECT 1"),
                Trace.of("advisory lock", LOCKS, "SELECT pg_advisory_lock(4711)"),
                Trace.of("table lock", LOCKS, "BEGIN", "LOCK TABLE hatch_t"),
                Trace.of("LISTEN", "SELECT count(*) FROM pg_listening_channels()", "LISTEN hatch_n"),
                Trace.of("SET ROLE", "SELECT current_user", "SET ROLE hatch_role"),
                Trace.of("SET SESSION AUTHORIZATION", "SELECT session_user", "SET SESSION AUTHORIZATION hatch_role")));
        all.add(JdbcTraces.unclosedStatement("SELECT generate_series(1, 10)"));
        // The driver warns of a name that it does not know.
        all.add(new Trace("warning", c -> c.setClientInfo("hatch", "left"), c -> "" + c.getWarnings()));
        all.addAll(JdbcTraces.all("postgres", "hatch_other"));
        return all;
    }

    /** What it takes an {@code unwrap} to see, after which a pool may replace the connection, and what takes long. */
    public static List<Trace> alone() {
        return List.of(
                JdbcTraces.runningQuery("SELECT pg_sleep(5)"),
                DriverTraces.set(DRIVER, "SET work_mem = '4321kB'", "SHOW work_mem"),
                DriverTraces.property(DRIVER, "DefaultFetchSize", 59),
                DriverTraces.property(DRIVER, "PrepareThreshold", 59));
    }
}

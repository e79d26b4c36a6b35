package dev.hatch.conformance;

import static dev.hatch.conformance.Trace.execute;
import static dev.hatch.conformance.Trace.value;

import java.util.ArrayList;
import java.util.List;

/** What can be left on a connection to DuckDB. */
public final class DuckDbTraces {
    private static final String ROWS = "SELECT count(*) FROM main.hatch_t";

    private DuckDbTraces() {}

    /** What must be there before anybody leaves anything. */
    public static List<String> setUp() {
        return List.of(
                "CREATE OR REPLACE TABLE hatch_t (id integer)",
                "CREATE OR REPLACE SEQUENCE hatch_s",
                "CREATE SCHEMA IF NOT EXISTS hatch_other",
                "ATTACH IF NOT EXISTS ':memory:' AS hatch_other_db");
    }

    public static List<Trace> all() {
        List<Trace> all = new ArrayList<>(List.of(
                new Trace(
                        "uncommitted work under setAutoCommit(false)",
                        c -> {
                            c.setAutoCommit(false);
                            execute(c, "INSERT INTO main.hatch_t VALUES (1)");
                        },
                        c -> value(c, ROWS) + " rows"),
                Trace.of("text BEGIN left open", ROWS, "BEGIN", "INSERT INTO main.hatch_t VALUES (2)"),
                new Trace(
                        "aborted transaction",
                        c -> {
                            c.setAutoCommit(false);
                            Trace.fail(c, "SELECT error('left')");
                        },
                        c -> value(c, "SELECT 42")),
                new Trace(
                        "aborted transaction of a text BEGIN",
                        c -> {
                            execute(c, "BEGIN");
                            Trace.fail(c, "SELECT error('left')");
                        },
                        c -> value(c, "SELECT 42")),
                Trace.working(
                        "read-only transaction", "SELECT nextval('main.hatch_s') > 0", "BEGIN TRANSACTION READ ONLY"),
                Trace.of("SET", "SELECT current_setting('null_order')", "SET null_order = 'nulls_first'"),
                Trace.of("SET search_path", "SELECT current_setting('search_path')", "SET search_path = 'hatch_other'"),
                Trace.of("SET schema", "SELECT current_schema()", "SET schema = 'hatch_other'"),
                Trace.of("SET TimeZone", "SELECT current_setting('TimeZone')", "SET TimeZone = 'Asia/Kathmandu'"),
                Trace.of("USE schema", "SELECT current_schema()", "USE hatch_other"),
                Trace.of("USE database", "SELECT current_database()", "USE hatch_other_db"),
                Trace.of(
                        "SET VARIABLE",
                        "SELECT coalesce(getvariable('hatch_v'), 'none')",
                        "SET VARIABLE hatch_v = 'left'"),
                Trace.working(
                        "temporary table",
                        "SELECT count(*) FROM hatch_tt",
                        "CREATE TEMPORARY TABLE IF NOT EXISTS hatch_tt (id integer)"),
                Trace.working(
                        "temporary view",
                        "SELECT count(*) FROM hatch_tv",
                        "CREATE OR REPLACE TEMPORARY VIEW hatch_tv AS SELECT 1"),
                Trace.working(
                        "temporary macro", "SELECT hatch_tm()", "CREATE OR REPLACE TEMPORARY MACRO hatch_tm() AS 1"),
                Trace.working(
                        "temporary sequence",
                        "SELECT nextval('hatch_ts')",
                        "CREATE OR REPLACE TEMPORARY SEQUENCE hatch_ts"),
                Trace.working("PREPARE", "EXECUTE hatch_p", "PREPARE hatch_p AS SELECT 42"),
                Trace.of(
                        "session time-outs",
                        "SELECT current_setting('max_execution_time')",
                        "SET max_execution_time = 59000"),
                Trace.of(
                        "profiling",
                        "SELECT current_setting('enable_profiling')",
                        "SET enable_profiling = 'no_output'")));
        all.add(JdbcTraces.unclosedStatement("FROM range(10)"));
        all.addAll(JdbcTraces.all("hatch_other_db", "hatch_other"));
        return all;
    }

    /** What takes an {@code unwrap}, and what takes long. */
    public static List<Trace> alone() {
        return List.of(
                JdbcTraces.runningQuery("SELECT sum(a.range * b.range) FROM range(100000) a, range(100000) b"),
                DriverTraces.set(
                        "org.duckdb.DuckDBConnection",
                        "SET null_order = 'nulls_first'",
                        "SELECT current_setting('null_order')"));
    }
}

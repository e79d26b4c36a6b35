package dev.hatch.contract;

import static java.util.Map.entry;

import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBPreparedStatement;

/** A database in memory for each pool, through the source that the DSN finds. */
final class DuckDbContractTest extends ConnectionPoolContract {
    @Override
    ConnectionPoolConfig.Builder config() {
        return ConnectionPoolConfig.builder().dsn(":memory:");
    }

    @Override
    List<String> tables() {
        return List.of(
                "CREATE SEQUENCE ids",
                "CREATE TABLE t (id INTEGER DEFAULT nextval('ids'), name VARCHAR)",
                "CREATE SCHEMA other",
                "ATTACH ':memory:' AS other");
    }

    @Override
    String failing() {
        return "SELECT error('as told')";
    }

    @Override
    Class<? extends Connection> driversConnection() {
        return DuckDBConnection.class;
    }

    @Override
    Class<? extends Statement> driversStatement() {
        return DuckDBPreparedStatement.class;
    }

    @Override
    Map<Enum<?>, String> lacks() {
        return Map.ofEntries(
                entry(Ability.KILL, "DuckDB runs in this process: nobody else can end a connection"),
                entry(Ability.CALL, "DuckDB has no procedures: its driver refuses prepareCall"),
                entry(Ability.WARNINGS, "DuckDB's driver never has a warning"),
                entry(Ability.BATCHED_BEGIN, "DuckDB's driver runs a batch in a transaction of its own"),
                entry(Setting.READ_ONLY, "DuckDB is read-only as a whole or not at all"),
                entry(Setting.ISOLATION, "DuckDB has one isolation"),
                entry(Setting.HOLDABILITY, "DuckDB's driver refuses getHoldability"),
                entry(Setting.NETWORK_TIMEOUT, "DuckDB runs in this process: there is no network"),
                entry(Setting.CLIENT_INFO, "DuckDB's driver refuses getClientInfo"),
                entry(Setting.TYPE_MAP, "DuckDB's driver refuses setTypeMap"));
    }
}

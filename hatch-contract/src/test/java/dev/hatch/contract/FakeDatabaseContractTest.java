package dev.hatch.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;

/** The fake, which lets all be set that JDBC knows, and is as strict as drivers come. */
final class FakeDatabaseContractTest extends ConnectionPoolContract {
    private final FakeDatabase database = new FakeDatabase();

    @Override
    ConnectionPoolConfig.Builder config() {
        return ConnectionPoolConfig.builder().dsn("fake").source(database);
    }

    @Override
    List<String> tables() {
        return List.of("DROP TABLE t", "CREATE TABLE t");
    }

    @Override
    String failing() {
        return "FAIL";
    }

    @Override
    Class<? extends Connection> driversConnection() {
        return FakeDatabase.FakeConnection.class;
    }

    @Override
    Class<? extends Statement> driversStatement() {
        return FakeDatabase.FakeStatement.class;
    }

    @Override
    Map<Enum<?>, String> lacks() {
        return Map.of(
                Ability.CALL, "the fake has no procedures",
                Ability.ARRAYS, "the fake has no arrays");
    }

    @Override
    void kill(Connection lease) throws SQLException {
        execute(lease, "KILL");
    }

    @Override
    void warn(Connection lease) throws SQLException {
        execute(lease, "WARN");
    }

    @Override
    void assertNoneIsOpen() {
        assertThat(database.openConnections()).isZero();
    }
}

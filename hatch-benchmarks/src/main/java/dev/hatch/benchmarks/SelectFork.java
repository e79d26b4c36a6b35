package dev.hatch.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** One fork in which each thread that holds a connection has the database answer {@code SELECT 1}, and resets it by hand if its pool does not. */
final class SelectFork {
    private SelectFork() {}

    public static void main(String[] args) {
        PoolRun.main(args, SelectFork::measure);
    }

    static List<Measurement> measure(PoolRun run) throws Exception {
        String reset = run.rival() == ConnectionRival.HATCH
                ? null
                : run.benchmarkCase().resetByHand();
        return HoldFork.measure(
                run,
                lease -> {
                    Connection connection = (Connection) lease;
                    selectOne(connection);
                    if (reset != null) {
                        try (Statement statement = connection.createStatement()) {
                            statement.execute(reset);
                        }
                    }
                },
                () -> {});
    }

    static void selectOne(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT 1");
                ResultSet result = statement.executeQuery()) {
            if (!result.next() || result.getInt(1) != 1) {
                throw new IllegalStateException("SELECT 1 gave something else");
            }
        }
    }
}

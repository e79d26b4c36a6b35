package dev.hatch.pool.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is said of a database that cannot be connected to: enough, once, and nothing secret. */
@Timeout(60)
final class ConnectFailuresTest {
    private static final Duration SHORT = Duration.ofMillis(50);

    @Test
    void an_outage_is_logged_once_and_its_end_once() throws SQLException {
        FakeDatabase database = new FakeDatabase();
        database.refuse.set(new SQLException("connection refused"));
        try (LogLines log = new LogLines(ConnectionPool.class);
                ConnectionPool pool = ConnectionPool.create(ConnectionPoolConfig.builder()
                        .name("down")
                        .dsn("fake")
                        .source(database)
                        .startWhileDown(true)
                        .build())) {
            String down = "Pool 'down': cannot connect, and goes on trying while somebody waits: connection refused";
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> pool.getConnection(SHORT)).isInstanceOf(SQLTransientConnectionException.class);
            }
            await().until(() -> log.lines.contains(down));
            database.refuse.set(null);
            pool.getConnection(Duration.ofSeconds(30)).close();
            await().until(() -> log.lines.contains("Pool 'down': connects again"));
            assertThat(log.lines).containsExactly(down, "Pool 'down': connects again");
        }
    }

    @Test
    void a_pool_that_could_not_be_created_says_so_by_its_exception_and_does_not_log_that_it_goes_on() {
        FakeDatabase database = new FakeDatabase();
        database.refuse.set(new SQLException("connection refused"));
        try (LogLines log = new LogLines(ConnectionPool.class)) {
            assertThatThrownBy(() -> ConnectionPool.create(ConnectionPoolConfig.builder()
                            .name("down")
                            .dsn("fake")
                            .source(database)
                            .build()))
                    .hasMessageContaining("connection refused");
            assertThat(log.lines).noneMatch(line -> line.contains("goes on trying"));
        }
    }

    @Test
    void what_a_driver_says_reaches_nobody_with_a_secret_in_it() throws SQLException {
        Talkative driver = new Talkative();
        DriverManager.registerDriver(driver);
        List<String> told = new CopyOnWriteArrayList<>();
        ConnectionPoolListener listener = new ConnectionPoolListener() {
            @Override
            public void creationFailed(Throwable failure) {
                told.add(LogLines.stackTrace(failure));
            }
        };
        try (LogLines log = new LogLines(ConnectionPool.class);
                ConnectionPool pool = ConnectionPool.create(ConnectionPoolConfig.builder()
                        .name("down")
                        .dsn("jdbc:talkative://db?token=s3cret1")
                        .user("ada")
                        .password("s3cret2")
                        .listener(listener)
                        .startWhileDown(true)
                        .build())) {
            assertThatThrownBy(() -> pool.getConnection(SHORT)).satisfies(e -> told.add(LogLines.stackTrace(e)));
            told.add(pool.healthCheck().toString());
            await().until(() -> told.size() > 2);
            told.addAll(log.lines);
            assertThat(told).allSatisfy(text -> assertThat(text).doesNotContain("s3cret"));
            assertThat(told).anySatisfy(text -> assertThat(text).contains("cannot reach"));
        } finally {
            DriverManager.deregisterDriver(driver);
        }
    }

    /** A driver that refuses, and tells all that it was given. */
    private static final class Talkative extends FakeDriver {
        Talkative() {
            super("jdbc:talkative:");
        }

        @Override
        public Connection connect(String url, Properties info) throws SQLException {
            throw new SQLException(
                    "cannot reach " + url,
                    "08001",
                    new IllegalStateException("as " + info.get("user") + " with " + info.get("password")));
        }
    }
}

package dev.hatch.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SparesTest {
    private final List<Connection> made = new ArrayList<>();
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final Spares spares = new Spares(this::make, tasks::add);

    private Connection make() throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        made.add(connection);
        return connection;
    }

    private void run() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private long open() throws SQLException {
        long open = 0;
        for (Connection connection : made) {
            open += connection.isClosed() ? 0 : 1;
        }
        return open;
    }

    @AfterEach
    void nothing_stays_open() throws SQLException {
        spares.close();
        run();
        assertThat(open()).isZero();
    }

    @Test
    void the_first_who_asks_has_to_make_his_own_and_the_next_ones_do_not() throws SQLException {
        assertThat(spares.take()).isNull();
        assertThat(spares.take()).isNull();
        assertThat(tasks).as("asked for once").hasSize(1);
        run();
        assertThat(made).hasSize(Spares.MOST);
        Connection first = spares.take();
        assertThat(first).isNotNull().isNotSameAs(spares.take());
        assertThat(tasks).as("enough are left").isEmpty();
        for (Connection taken : made) {
            taken.close();
        }
    }

    @Test
    void more_are_made_when_few_are_left() throws SQLException {
        spares.take();
        run();
        for (int i = 0; i < Spares.MOST / 2; i++) {
            spares.take().close();
        }
        run();
        assertThat(open()).isEqualTo(Spares.MOST);
    }

    @Test
    void one_that_is_made_after_the_close_is_closed() {
        spares.take();
        spares.close();
        run();
        assertThat(made).isEmpty();
        assertThat(spares.take()).isNull();
        assertThat(tasks).isEmpty();
    }

    @Test
    void without_a_thread_callers_make_their_own_and_it_is_tried_again() throws SQLException {
        List<Runnable> refused = new ArrayList<>();
        Spares alone = new Spares(this::make, task -> {
            refused.add(task);
            throw new RejectedExecutionException("planted");
        });
        assertThat(alone.take()).isNull();
        assertThat(alone.take()).isNull();
        assertThat(refused).hasSize(2);
    }

    @Test
    void after_a_failure_it_is_tried_again() {
        List<String> tries = new ArrayList<>();
        Spares failing = new Spares(
                () -> {
                    tries.add("one");
                    throw new SQLException("planted");
                },
                tasks::add);
        assertThat(failing.take()).isNull();
        run();
        assertThat(failing.take()).isNull();
        run();
        assertThat(tries).hasSize(2);
    }
}

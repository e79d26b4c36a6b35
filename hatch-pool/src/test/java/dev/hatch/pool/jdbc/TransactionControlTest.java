package dev.hatch.pool.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TransactionControlTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "BEGIN",
                "  begin transaction",
                "Start Transaction",
                "SET autocommit = 0",
                "-- a comment\nBEGIN",
                "/* a comment */ BEGIN",
                "# a comment\nBEGIN",
                "SELECT 1; /* a comment */ BEGIN",
                "-- ended by a carriage return\rBEGIN",
                "/* one /* within */ another */ BEGIN",
                "SELECT ';--'; BEGIN",
                "SELECT ';/*'; BEGIN",
                "SELECT ';#'; BEGIN",
                "XA START 'x'",
            })
    void what_may_begin_a_transaction_is_found(String sql) {
        assertThat(TransactionControl.mayBegin(sql)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "SELECT 1",
                "select 1;",
                "SETTINGS",
                "INSERT INTO t VALUES (1)",
                "beginning",
                "x",
                "-- BEGIN",
                "/* BEGIN",
                "/* a comment */ -- another\nSELECT 1",
                "a; b;"
            })
    void what_cannot_is_let_pass(String sql) {
        assertThat(TransactionControl.mayBegin(sql)).isFalse();
    }
}

package dev.hatch.pool.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SecretsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://db:5432/orders?user=ada&password=s3cret&ssl=true",
                "jdbc:postgresql://ada:s3cret@db:5432/orders",
                "jdbc:mysql://ada:s3cret@db/orders?useSSL=true",
                "jdbc:oracle:thin:ada/s3cret@//db:1521/orders",
                "jdbc:sqlserver://db;user=ada;password={s3cret};encrypt=true",
                "jdbc:snowflake://x?token=s3cret",
                "cannot connect with PWD=s3cret; giving up",
                "accessToken: s3cret, retried",
                "{user=ada, password=s3cret}",
                "sslpassword = 's3cret and more'",
            })
    void no_secret_of_any_kind_of_url_is_left(String text) {
        assertThat(Secrets.mask(text)).doesNotContain("s3cret").contains("***");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Pool 'orders' had nothing within 50 ms: open 2 of 2, leased 2",
                "Connection to localhost:5432 refused. Check that the hostname and port are correct",
                "Access denied for user 'ada'@'localhost' (using password: YES)",
                "lease of org.postgresql.jdbc.PgConnection@1b2c",
            })
    void what_is_no_secret_is_left_as_it_is(String text) {
        assertThat(Secrets.mask(text)).isEqualTo(text);
    }

    @Test
    void a_failure_without_a_secret_is_left_as_it_is() {
        SQLException failure = new SQLException("gone", "08006", new IllegalStateException("broken pipe"));
        assertThat(Secrets.masked(failure, Secrets::mask)).isSameAs(failure);
    }

    @Test
    void a_failure_that_carries_a_secret_anywhere_is_told_by_one_that_does_not() {
        SQLException failure = new SQLTransientConnectionException(
                "gone", "08006", 7, new IllegalStateException("jdbc:x://ada:s3cret@db", new Error("plain")));
        failure.setNextException(new SQLException("token=s3cret"));
        failure.addSuppressed(new RuntimeException("pwd=s3cret"));
        SQLException masked = (SQLException) Secrets.masked(failure, Secrets::mask);
        assertThat((Throwable) masked)
                .hasStackTraceContaining("plain")
                .hasMessageEndingWith("SQLTransientConnectionException: gone");
        assertThat(LogLines.stackTrace(masked) + masked.getNextException().getMessage())
                .contains("***")
                .doesNotContain("s3cret");
        assertThat(masked.getSQLState()).isEqualTo("08006");
        assertThat(masked.getErrorCode()).isEqualTo(7);
        assertThat(masked.getStackTrace()).isEqualTo(failure.getStackTrace());
    }

    @Test
    void a_failure_that_causes_itself_has_an_end() {
        SQLException one = new SQLException("password=s3cret");
        SQLException two = new SQLException("two", one);
        one.initCause(two);
        assertThat(Secrets.masked(two, Secrets::mask).getCause()).hasMessage("java.sql.SQLException: password=***");
    }

    @Test
    void a_secret_that_lies_too_deep_to_be_found_is_left_out() {
        Throwable failure = new IllegalStateException("password=s3cret");
        for (int i = 0; i < 20; i++) {
            failure = new SQLException("link", failure);
        }
        assertThat(LogLines.stackTrace(Secrets.masked(failure, Secrets::mask)))
                .contains("link")
                .doesNotContain("s3cret");
    }

    @Test
    void of_two_secrets_of_which_one_is_part_of_the_other_nothing_is_left() {
        assertThat(Secrets.maskOf(List.of("s3", "s3cret")).apply("with s3cret")).isEqualTo("with ***");
    }

    @Test
    void secrets_that_are_known_are_masked_wherever_they_stand() {
        assertThat(Secrets.maskOf(List.of("", "s3cret")).apply("ada/s3cret was refused"))
                .isEqualTo("ada/*** was refused");
    }

    @Test
    void of_a_failure_its_first_line_is_told_or_its_kind() {
        assertThat(Secrets.firstLine(new IllegalStateException("one password=x\ntwo")))
                .isEqualTo("one password=***");
        assertThat(Secrets.firstLine(new IllegalStateException())).isEqualTo("java.lang.IllegalStateException");
    }
}

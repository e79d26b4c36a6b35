package dev.hatch.pool.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

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
                "lease of org.postgresql.jdbc.PgConnection@1b2c",
            })
    void what_is_no_secret_is_left_as_it_is(String text) {
        assertThat(Secrets.mask(text)).isEqualTo(text);
    }

    @Test
    void of_a_failure_its_first_line_is_told_or_its_kind() {
        assertThat(Secrets.firstLine(new IllegalStateException("one password=x\ntwo")))
                .isEqualTo("one password=***");
        assertThat(Secrets.firstLine(new IllegalStateException())).isEqualTo("java.lang.IllegalStateException");
    }
}

package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hatch.arrow.JavaValues;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.flight.FlightStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("try") // FlightStream.close may be interrupted.
class TypesTest {
    /** A value in SQL, and what arrives: the object itself, or what it prints. */
    record Sample(String sql, Object arrives) {
        @Override
        public String toString() {
            return sql;
        }
    }

    static final List<Sample> SAMPLES = List.of(
            new Sample("true", true),
            new Sample("(-128)::TINYINT", (byte) -128),
            new Sample("(-32768)::SMALLINT", (short) -32768),
            new Sample("2147483647::INTEGER", 2147483647),
            new Sample("(-9223372036854775808)::BIGINT", Long.MIN_VALUE),
            new Sample("255::UTINYINT", 255L),
            new Sample("65535::USMALLINT", 65535L),
            new Sample("4294967295::UINTEGER", 4294967295L),
            new Sample("18446744073709551615::UBIGINT", new BigInteger("18446744073709551615")),
            new Sample("123456789012345678901234567890::HUGEINT", new BigDecimal("123456789012345678901234567890")),
            new Sample("123456789012345678901234567890::UHUGEINT", new BigDecimal("123456789012345678901234567890")),
            new Sample("1.5::FLOAT", 1.5f),
            new Sample("'-infinity'::DOUBLE", Double.NEGATIVE_INFINITY),
            new Sample("-1.5::DECIMAL(4,1)", new BigDecimal("-1.5")),
            new Sample("12345.678::DECIMAL(9,3)", new BigDecimal("12345.678")),
            new Sample("1.000000000000000001::DECIMAL(18,10)", new BigDecimal("1.0000000000")),
            new Sample(
                    "-12345678901234567890.123456789012345678::DECIMAL(38,18)",
                    new BigDecimal("-12345678901234567890.123456789012345678")),
            new Sample("'Grüße, 世界 \ud83d\ude00'", "Grüße, 世界 \ud83d\ude00"),
            new Sample("''", ""),
            new Sample("'{\"a\": [1, null]}'::JSON", "{\"a\": [1, null]}"),
            new Sample("'9f6a2c1e-0b7d-4c53-8a12-3d5e6f708192'::UUID", "9f6a2c1e-0b7d-4c53-8a12-3d5e6f708192"),
            new Sample("'\\x00\\xFFa'::BLOB", new byte[] {0, -1, 'a'}),
            new Sample("DATE '1969-12-31'", LocalDate.of(1969, 12, 31)),
            new Sample("TIME '23:59:59.999999'", LocalTime.of(23, 59, 59, 999_999_000)),
            new Sample("'23:59:59.123456789'::TIME_NS", LocalTime.of(23, 59, 59, 123_456_789)),
            new Sample(
                    "TIMESTAMP '1969-07-20 20:17:40.123456'", LocalDateTime.of(1969, 7, 20, 20, 17, 40, 123_456_000)),
            new Sample("TIMESTAMP_S '2024-02-29 12:00:01'", LocalDateTime.of(2024, 2, 29, 12, 0, 1)),
            new Sample("TIMESTAMP_MS '2024-02-29 12:00:01.001'", LocalDateTime.of(2024, 2, 29, 12, 0, 1, 1_000_000)),
            new Sample("TIMESTAMP_NS '2024-02-29 12:00:01.000000001'", LocalDateTime.of(2024, 2, 29, 12, 0, 1, 1)),
            new Sample(
                    "TIMESTAMPTZ '2024-02-29 12:00:01.5+02'",
                    OffsetDateTime.of(2024, 2, 29, 10, 0, 1, 500_000_000, ZoneOffset.UTC)),
            new Sample("INTERVAL '1 year 2 days 3 seconds'", "P12M2D PT3S"),
            new Sample("'happy'::mood", "happy"),
            new Sample("[1, NULL, 3]", "[1, null, 3]"),
            new Sample("[['a'], [], NULL]", "[[a], [], null]"),
            new Sample("[1, 2, 3]::INTEGER[3]", "[1, 2, 3]"),
            new Sample("[[1, 2], [3, 4]]::INTEGER[2][2]", "[[1, 2], [3, 4]]"),
            new Sample("[[1, 2], [3, 4], [5, 6]]::INTEGER[2][]", "[[1, 2], [3, 4], [5, 6]]"),
            new Sample("{'a': 1, 'b': 'x'}", "{a=1, b=x}"),
            new Sample(
                    "{'a b': 1, 'say \"hi\", (you)': {'x[]': [DATE '2024-01-02']}, 'null': 1.50::DECIMAL(5,2)}",
                    "{a b=1, say \"hi\", (you)={x[]=[2024-01-02]}, null=1.50}"),
            new Sample("[{'k': TIMESTAMPTZ '1970-01-01 00:00:01+00', 'v': '1 day'::INTERVAL}]", null),
            new Sample("MAP {'a': 1, 'b': NULL}", "{a=1, b=null}"),
            new Sample("MAP {1: [{'x': 2}]}", "{1=[{x=2}]}"),
            new Sample("union_value(num := 7)::UNION(num INTEGER, \"my str\" VARCHAR)", 7),
            new Sample("'x'::UNION(num INTEGER, \"my str\" VARCHAR)", "x"),
            new Sample("'101'::BIT", null),
            new Sample("12345678901234567890123456789012345678901234567890::BIGNUM", null),
            new Sample("[12::BIGNUM]", null),
            new Sample("MAP {{'k': 12::BIGNUM}: [[1]]}", null),
            new Sample("TIMETZ '12:00:00+02'", null));

    /** It says of each BIGNUM that it does not know DuckDB's extension type. */
    private static final Logger ARROW = Logger.getLogger("org.apache.arrow");

    private static TestServer server;
    private static TestServer.Client client;

    @BeforeAll
    static void start() {
        ARROW.setLevel(Level.WARNING);
        server = TestServer.start(2);
        server.execute("CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')");
        client = server.client();
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    @ParameterizedTest
    @FieldSource("SAMPLES")
    void the_promised_schema_is_that_of_the_stream_and_the_value_arrives(Sample sample) throws Exception {
        String sql = "SELECT " + sample.sql() + " AS \"the value\" UNION ALL SELECT NULL";
        FlightInfo info = client.sql.execute(sql);
        try (FlightStream stream = client.stream(info)) {
            assertThat(stream.getSchema()).isEqualTo(info.getSchemaOptional().orElseThrow());
            assertThat(client.sql.getExecuteSchema(sql).getSchema()).isEqualTo(stream.getSchema());
            assertThat(stream.getSchema().getFields().get(0).getName()).isEqualTo("the value");
            assertThat(stream.next()).isTrue();
            assertThat(stream.getRoot().getRowCount()).isEqualTo(2);
            Object value = JavaValues.get(stream.getRoot().getVector(0), 0);
            if (sample.arrives() instanceof String text) {
                assertThat(String.valueOf(value)).isEqualTo(text);
            } else if (sample.arrives() == null) {
                assertThat(value).isNotNull();
            } else {
                assertThat(value).isEqualTo(sample.arrives());
            }
            assertThat(JavaValues.get(stream.getRoot().getVector(0), 1)).isNull();
            assertThat(stream.next()).isFalse();
        }
    }

    @Test
    void a_column_of_nulls_without_a_type_arrives() throws Exception {
        FlightInfo info = client.sql.execute("SELECT NULL AS n, {'n': NULL} AS s, [NULL] AS l");
        try (FlightStream stream = client.stream(info)) {
            assertThat(stream.getSchema()).isEqualTo(info.getSchemaOptional().orElseThrow());
            assertThat(stream.next()).isTrue();
            assertThat(stream.getRoot().getVector(0).getObject(0)).isNull();
        }
    }

    @Test
    void enums_arrive_as_text_over_many_batches_and_beside_other_columns() throws Exception {
        String sql =
                "SELECT range AS i, CASE range % 4 WHEN 0 THEN 'sad' WHEN 1 THEN 'ok' WHEN 2 THEN 'happy' END::mood"
                        + " AS m, 'x' || range AS s, (['sad', 'ok'])[1 + range % 2]::mood AS m FROM range(100_000)";
        try (FlightStream stream = client.query(sql)) {
            long rows = 0;
            List<String> moods = new ArrayList<>(List.of("sad", "ok", "happy"));
            moods.add(null);
            while (stream.next()) {
                for (int row = 0; row < stream.getRoot().getRowCount(); row++, rows++) {
                    assertThat(JavaValues.get(stream.getRoot().getVector(0), row))
                            .isEqualTo(rows);
                    assertThat(JavaValues.get(stream.getRoot().getVector(1), row))
                            .isEqualTo(moods.get((int) (rows % 4)));
                    assertThat(JavaValues.get(stream.getRoot().getVector(2), row))
                            .isEqualTo("x" + rows);
                    assertThat(JavaValues.get(stream.getRoot().getVector(3), row))
                            .isEqualTo(moods.get((int) (rows % 2)));
                }
            }
            assertThat(rows).isEqualTo(100_000);
        }
    }

    @Test
    void columns_of_the_same_name_keep_their_order() throws Exception {
        try (FlightStream stream = client.query("SELECT 1 AS a, 'x' AS a, true AS a")) {
            assertThat(stream.next()).isTrue();
            List<Object> row = new ArrayList<>();
            stream.getRoot().getFieldVectors().forEach(vector -> row.add(JavaValues.get(vector, 0)));
            assertThat(row).containsExactly(1, "x", true);
        }
    }

    @Test
    void long_text_and_bytes_arrive_whole() throws Exception {
        try (FlightStream stream =
                client.query("SELECT repeat('é', 3_000_000) AS s, repeat('b', 3_000_000)::BLOB AS b")) {
            assertThat(stream.next()).isTrue();
            assertThat(JavaValues.get(stream.getRoot().getVector(0), 0)).isEqualTo("é".repeat(3_000_000));
            assertThat(JavaValues.get(stream.getRoot().getVector(1), 0))
                    .isEqualTo("b".repeat(3_000_000).getBytes(StandardCharsets.UTF_8));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "['ok'::mood]",
                "{'a': 'ok'::mood}",
                "MAP {'ok'::mood: 1}",
                "['ok']::mood[1]",
                "union_value(m := 'ok'::mood)",
                "1::VARIANT"
            })
    void an_enum_within_another_type_or_a_variant_is_refused_by_the_name_of_its_column(String value) {
        FlightRuntimeException failure = catchThrowableOfType(
                FlightRuntimeException.class, () -> client.sql.execute("SELECT 1 AS a, " + value + " AS \"my moods\""));
        assertThat(failure).isNotNull().hasMessageContaining("column my moods").hasMessageContaining("cast it");
        assertThat(failure.status().code()).isEqualTo(FlightStatusCode.UNIMPLEMENTED);
    }
}

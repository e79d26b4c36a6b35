package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.arrow.flight.AsyncPutListener;
import org.apache.arrow.flight.FlightClient.ClientStreamListener;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest.TableDefinitionOptions;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest.TableDefinitionOptions.TableExistsOption;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest.TableDefinitionOptions.TableNotExistOption;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.IntervalUnit;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.UnionMode;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

@SuppressWarnings("try") // FlightStream.close may be interrupted.
class IngestTypesTest {
    /** But for the two of which a query does not give all. */
    static final List<TypesTest.Sample> SAMPLES = TypesTest.SAMPLES.stream()
            .filter(sample -> !sample.sql().endsWith("::BIT") && !sample.sql().startsWith("TIMETZ"))
            // Which are refused.
            .filter(sample -> !sample.sql().contains("UNION"))
            .toList();

    private static final FlightDescriptor INTO_COPY =
            FlightDescriptor.command(Any.pack(CommandStatementIngest.newBuilder()
                            .setTable("copy")
                            .setTableDefinitionOptions(TableDefinitionOptions.newBuilder()
                                    .setIfNotExist(TableNotExistOption.TABLE_NOT_EXIST_OPTION_CREATE)
                                    .setIfExists(TableExistsOption.TABLE_EXISTS_OPTION_REPLACE))
                            .build())
                    .toByteArray());

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
        ARROW.setLevel(null);
    }

    @ParameterizedTest
    @FieldSource("SAMPLES")
    void what_a_query_gives_can_be_ingested(TypesTest.Sample sample) throws Exception {
        server.execute("CREATE OR REPLACE TABLE source AS SELECT " + sample.sql() + " AS v UNION ALL SELECT NULL");
        try (FlightStream stream = client.query("FROM source")) {
            AsyncPutListener listener = new AsyncPutListener();
            ClientStreamListener put =
                    client.flight.startPut(INTO_COPY, stream.getRoot(), stream.getDictionaryProvider(), listener);
            while (stream.next()) {
                put.putNext();
            }
            put.completed();
            listener.getResult();
        }
        assertThat(text("SELECT v FROM copy ORDER BY v IS NULL"))
                .isEqualTo(text("SELECT v FROM source ORDER BY v IS NULL"));
    }

    private static String text(String query) throws SQLException {
        try (Connection connection = server.hatch().dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(
                        "SELECT string_agg(coalesce(v::VARCHAR, 'NULL'), ';'), count(*) FROM (" + query + ")")) {
            result.next();
            return result.getString(1) + " in " + result.getLong(2);
        }
    }

    /** An Arrow type that DuckDB does not send, and what a column of it becomes. */
    record Other(ArrowType type, String becomes) {}

    static final List<Other> OTHERS = List.of(
            new Other(ArrowType.LargeUtf8.INSTANCE, "VARCHAR"),
            new Other(ArrowType.LargeBinary.INSTANCE, "BLOB"),
            new Other(ArrowType.Null.INSTANCE, "\"NULL\""),
            new Other(new ArrowType.FixedSizeBinary(5), "BLOB"),
            new Other(new ArrowType.Date(DateUnit.MILLISECOND), "DATE"),
            new Other(new ArrowType.Time(TimeUnit.SECOND, 32), "TIME"),
            new Other(new ArrowType.Time(TimeUnit.MILLISECOND, 32), "TIME"),
            new Other(new ArrowType.Duration(TimeUnit.MICROSECOND), "INTERVAL"),
            new Other(new ArrowType.Interval(IntervalUnit.DAY_TIME), "INTERVAL"),
            new Other(new ArrowType.Interval(IntervalUnit.YEAR_MONTH), "INTERVAL"),
            new Other(new ArrowType.Timestamp(TimeUnit.SECOND, "Europe/Berlin"), "TIMESTAMP WITH TIME ZONE"),
            new Other(new ArrowType.Timestamp(TimeUnit.NANOSECOND, "UTC"), "TIMESTAMPTZ_NS"));

    @ParameterizedTest
    @FieldSource("OTHERS")
    void what_duckdb_does_not_send_it_takes_all_the_same(Other other) throws SQLException {
        putNulls(other.type());
        assertThat(text("SELECT typeof(v) AS v FROM copy LIMIT 1")).isEqualTo(other.becomes() + " in 1");
    }

    static final List<ArrowType> UNKNOWN =
            List.of(new ArrowType.FloatingPoint(FloatingPointPrecision.HALF), new ArrowType.Decimal(60, 2, 256));

    @ParameterizedTest
    @FieldSource("UNKNOWN")
    void what_duckdb_does_not_know_is_refused(ArrowType type) {
        FlightRuntimeException refused = catchThrowableOfType(FlightRuntimeException.class, () -> putNulls(type));
        assertThat(refused).hasMessageContaining("Unsupported Internal Arrow Type");
        assertThat(refused.status().code()).isEqualTo(FlightStatusCode.UNIMPLEMENTED);
    }

    private static void putNulls(ArrowType type) {
        Schema schema = new Schema(List.of(Field.nullable("v", type)));
        try (VectorSchemaRoot root = VectorSchemaRoot.create(schema, client.allocator)) {
            root.allocateNew();
            root.getVector(0).setValueCount(3);
            root.setRowCount(3);
            put(root);
        }
    }

    private static void put(VectorSchemaRoot root) {
        AsyncPutListener listener = new AsyncPutListener();
        ClientStreamListener put = client.flight.startPut(INTO_COPY, root, listener);
        put.putNext();
        put.completed();
        listener.getResult();
    }

    @Test
    void views_and_unions_are_refused_by_the_name_of_their_column() {
        for (ArrowType type : List.of(
                ArrowType.Utf8View.INSTANCE,
                ArrowType.BinaryView.INSTANCE,
                new ArrowType.Union(UnionMode.Sparse, new int[] {0}))) {
            Field child = Field.nullable("child", new ArrowType.Int(32, true));
            Field field = new Field(
                    "v", FieldType.nullable(type), type instanceof ArrowType.Union ? List.of(child) : List.of());
            try (VectorSchemaRoot root = VectorSchemaRoot.create(new Schema(List.of(field)), client.allocator)) {
                FlightRuntimeException refused = catchThrowableOfType(FlightRuntimeException.class, () -> put(root));
                assertThat(refused).isNotNull().hasMessageContaining("column v is of the Arrow type");
                assertThat(refused.status().code()).isEqualTo(FlightStatusCode.UNIMPLEMENTED);
            }
        }
    }
}

package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.arrow.flight.sql.impl.FlightSql.XdbcDataType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class XdbcTypeTest {
    private static final int NAME = 0;
    private static final int SIZE = 2;
    private static final int PREFIX = 3;
    private static final int PARAMETERS = 5;
    private static final int MAX_SCALE = 14;

    /** The longest values of the types whose literals are texts. */
    private static final Map<String, String> LONGEST = Map.ofEntries(
            Map.entry("BIGNUM", "12345678901234567890123456789012345678901234567890"),
            Map.entry("BIT", "101"),
            Map.entry("BLOB", "\\xAA\\x00"),
            Map.entry("DATE", "2024-02-29"),
            Map.entry("INTERVAL", "1 month 2 days 00:00:00.123456"),
            Map.entry("JSON", "{\"a\": 1}"),
            Map.entry("TIME", "23:59:59.123456"),
            Map.entry("TIME WITH TIME ZONE", "23:59:59.123456+15:59:59"),
            Map.entry("TIMESTAMP", "2024-02-29 23:59:59.123456"),
            Map.entry("TIMESTAMP WITH TIME ZONE", "2024-02-29 23:59:59.123456+00"),
            Map.entry("TIMESTAMP_MS", "2024-02-29 23:59:59.123"),
            Map.entry("TIMESTAMP_NS", "2024-02-29 23:59:59.123456789"),
            Map.entry("TIMESTAMP_S", "2024-02-29 23:59:59"),
            Map.entry("TIME_NS", "23:59:59.123456789"),
            Map.entry("UUID", "9f6a2c1e-0b7d-4c53-8a12-3d5e6f708192"),
            Map.entry("VARCHAR", "text"));

    private static TestServer server;
    private static TestServer.Client client;

    @BeforeAll
    static void start() {
        server = TestServer.start(1);
        client = server.client();
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    /** A line for each type, its columns in the order of Flight SQL, those that are null empty. */
    private static final String ALL = """
            BOOLEAN|-7|1||||1|no|2||no|||||-7|||
            TINYINT|-6|3||||1|no|2|no|no|no||0|0|-6||10|
            UTINYINT|-6|3||||1|no|2|yes|no|no||0|0|-6||10|
            BIGINT|-5|19||||1|no|2|no|no|no||0|0|-5||10|
            UBIGINT|-5|20||||1|no|2|yes|no|no||0|0|-5||10|
            BLOB|-3||BLOB '|'||1|no|2||no|||||-3|||
            JSON|-1||JSON '|'||1|yes|3||no|||||-1|||
            BIGNUM|0||BIGNUM '|'||1|no|2||no|||||0|||
            BIT|0||BIT '|'||1|no|2||no|||||0|||
            ENUM|0||||values|1|yes|3||no|||||0|||
            GEOMETRY|0|||||1|no|2||no|||||0|||
            MAP|0||||key type+value type|1|no|2||no|||||0|||
            STRUCT|0||||names and types|1|no|2||no|||||0|||
            UNION|0||||names and types|1|no|2||no|||||0|||
            VARIANT|0|||||1|no|2||no|||||0|||
            UUID|1|36|UUID '|'||1|no|2||no|||||1|||
            DECIMAL|3|38|||precision+scale|1|no|2|no|no|no||0|38|3||10|
            HUGEINT|3|39||||1|no|2|no|no|no||0|0|3||10|
            UHUGEINT|3|39||||1|no|2|yes|no|no||0|0|3||10|
            INTEGER|4|10||||1|no|2|no|no|no||0|0|4||10|
            UINTEGER|4|10||||1|no|2|yes|no|no||0|0|4||10|
            SMALLINT|5|5||||1|no|2|no|no|no||0|0|5||10|
            USMALLINT|5|5||||1|no|2|yes|no|no||0|0|5||10|
            FLOAT|7|24||||1|no|2|no|no|no||||7||2|
            DOUBLE|8|53||||1|no|2|no|no|no||||8||2|
            INTERVAL|10||INTERVAL '|'||1|no|2||no|||6|6|10|0||
            VARCHAR|12||'|'||1|yes|3||no|||||12|||
            DATE|91|10|DATE '|'||1|no|2||no|||||9|1||
            TIME|92|15|TIME '|'||1|no|2||no|||6|6|9|2||
            TIME WITH TIME ZONE|92|24|TIME WITH TIME ZONE '|'||1|no|2||no|||6|6|9|4||
            TIME_NS|92|18|TIME_NS '|'||1|no|2||no|||9|9|9|2||
            TIMESTAMP|93|26|TIMESTAMP '|'||1|no|2||no|||6|6|9|3||
            TIMESTAMP WITH TIME ZONE|93|32|TIMESTAMP WITH TIME ZONE '|'||1|no|2||no|||6|6|9|5||
            TIMESTAMP_MS|93|23|TIMESTAMP_MS '|'||1|no|2||no|||3|3|9|3||
            TIMESTAMP_NS|93|29|TIMESTAMP_NS '|'||1|no|2||no|||9|9|9|3||
            TIMESTAMP_S|93|19|TIMESTAMP_S '|'||1|no|2||no|||0|0|9|3||
            """;

    @Test
    void all_types_are_ordered_by_what_they_are_to_odbc_and_by_name() throws Exception {
        StringBuilder lines = new StringBuilder();
        for (List<Object> row : client.rows(client.sql.getXdbcTypeInfo())) {
            lines.append(row.stream()
                            .map(value -> value == null
                                    ? ""
                                    : value instanceof Boolean is
                                            ? is ? "yes" : "no"
                                            : value instanceof List<?> list
                                                    ? list.stream()
                                                            .map(String::valueOf)
                                                            .collect(Collectors.joining("+"))
                                                    : value.toString())
                            .collect(Collectors.joining("|")))
                    .append('\n');
        }
        assertThat(lines.toString()).isEqualTo(ALL);
    }

    @Test
    void the_types_of_one_number_are_a_part_of_all() throws Exception {
        assertThat(names(XdbcDataType.XDBC_BIGINT_VALUE)).containsExactly("BIGINT", "UBIGINT");
        assertThat(names(XdbcDataType.XDBC_TIME_VALUE)).containsExactly("TIME", "TIME WITH TIME ZONE", "TIME_NS");
        assertThat(names(XdbcDataType.XDBC_UNKNOWN_TYPE_VALUE))
                .containsExactly("BIGNUM", "BIT", "ENUM", "GEOMETRY", "MAP", "STRUCT", "UNION", "VARIANT");
        assertThat(names(XdbcDataType.XDBC_WCHAR_VALUE)).isEmpty();
        assertThat(names(9_999)).isEmpty();
    }

    @Test
    void a_literal_is_of_its_type_and_no_longer_than_it_is_said() throws Exception {
        Map<String, String> types = new TreeMap<>();
        Map<String, String> expected = new TreeMap<>();
        for (List<Object> row : client.rows(client.sql.getXdbcTypeInfo())) {
            if (row.get(PREFIX) != null) {
                String name = (String) row.get(NAME);
                String literal = row.get(PREFIX) + LONGEST.get(name) + row.get(PREFIX + 1);
                types.put(name, first("SELECT typeof(" + literal + ")"));
                expected.put(name, name);
                if (row.get(SIZE) != null && !name.equals("TIMESTAMP WITH TIME ZONE")) {
                    assertThat(first("SELECT length(CAST(" + literal + " AS VARCHAR))"))
                            .as(literal)
                            .isEqualTo(row.get(SIZE).toString());
                }
            }
        }
        assertThat(types).isEqualTo(expected);
        assertThat(types.keySet()).isEqualTo(new TreeMap<>(LONGEST).keySet());
        assertThat(
                        first(
                                "SELECT length(CAST(TIMESTAMPTZ '2024-02-29 23:59:59.123456+00' AT TIME ZONE 'Asia/Kolkata' AS VARCHAR) || '+05:30')"))
                .isEqualTo("32");
    }

    @Test
    void a_table_takes_the_name_of_each_type_with_what_stands_behind_it() throws Exception {
        for (List<Object> row : client.rows(client.sql.getXdbcTypeInfo())) {
            String name = (String) row.get(NAME);
            String type = name
                    + switch (name) {
                        case "DECIMAL" -> "(" + row.get(SIZE) + ", " + row.get(MAX_SCALE) + ")";
                        case "ENUM" -> "('a', 'b')";
                        case "MAP" -> "(INTEGER, VARCHAR)";
                        case "STRUCT", "UNION" -> "(a INTEGER, b VARCHAR)";
                        default -> "";
                    };
            assertThat(type.endsWith(")")).as(type).isEqualTo(row.get(PARAMETERS) != null);
            assertThat(first("SELECT typeof(CAST(NULL AS " + type + "))")
                            .replace(" ", "")
                            .replace("\"", ""))
                    .isEqualTo(type.replace(" ", ""));
        }
    }

    private static List<Object> names(int dataType) throws Exception {
        return client.rows(client.sql.getXdbcTypeInfo(dataType)).stream()
                .map(row -> row.get(NAME))
                .toList();
    }

    private static String first(String sql) throws SQLException {
        try (Connection lease = server.hatch().dataSource().getConnection();
                Statement statement = lease.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            assertThat(result.next()).isTrue();
            return result.getString(1);
        }
    }
}

package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the Flight SQL JDBC driver tells a tool such as DBeaver. */
class JdbcMetadataTest {
    private static TestServer server;
    private static Connection jdbc;
    private static DatabaseMetaData metaData;

    @BeforeAll
    static void start() throws SQLException {
        server = TestServer.start(1);
        server.execute("CREATE TABLE city (id INTEGER PRIMARY KEY, \"Na_me\" VARCHAR NOT NULL, \"Nayme\" VARCHAR)");
        server.execute("CREATE SCHEMA shop");
        server.execute("CREATE TABLE shop.\"My \"\"Orders\"\" 100%\" (id BIGINT PRIMARY KEY, before BIGINT,"
                + " total DECIMAL(18, 4), made TIMESTAMP, lines STRUCT(n INTEGER)[], ok BOOLEAN, ratio REAL,"
                + " FOREIGN KEY (before) REFERENCES shop.\"My \"\"Orders\"\" 100%\"(id))");
        server.execute("COMMENT ON COLUMN shop.\"My \"\"Orders\"\" 100%\".total IS 'in €'");
        server.execute("CREATE VIEW shop.open_orders AS SELECT id FROM shop.\"My \"\"Orders\"\" 100%\"");
        server.execute("CREATE TABLE shop.open1orders (id INTEGER)");
        server.execute("ATTACH ':memory:' AS second");
        server.execute("CREATE TABLE second.city (id INTEGER)");
        jdbc = server.jdbc();
        metaData = jdbc.getMetaData();
    }

    @AfterAll
    static void stop() throws SQLException {
        jdbc.close();
        server.close();
    }

    @Test
    void catalogs_schemas_and_types_of_tables() throws SQLException {
        assertThat(rows(metaData.getCatalogs(), "TABLE_CAT")).containsExactly(row("memory"), row("second"));
        assertThat(rows(metaData.getSchemas(), "TABLE_CATALOG", "TABLE_SCHEM"))
                .containsExactly(row("memory", "main"), row("memory", "shop"), row("second", "main"));
        assertThat(rows(metaData.getSchemas("memory", "sh%"), "TABLE_CATALOG", "TABLE_SCHEM"))
                .containsExactly(row("memory", "shop"));
        assertThat(rows(metaData.getTableTypes(), "TABLE_TYPE"))
                .containsExactly(row("BASE TABLE"), row("LOCAL TEMPORARY"), row("VIEW"));
    }

    @Test
    void tables_by_types_and_patterns_that_are_escaped_as_the_driver_says() throws SQLException {
        List<String> mine = row("memory", "main", "city", "BASE TABLE");
        List<String> orders = row("memory", "shop", "My \"Orders\" 100%", "BASE TABLE");
        List<String> open1 = row("memory", "shop", "open1orders", "BASE TABLE");
        List<String> open = row("memory", "shop", "open_orders", "VIEW");
        List<String> theirs = row("second", "main", "city", "BASE TABLE");
        assertThat(tables(null, null, null)).containsExactly(mine, orders, open1, open, theirs);
        assertThat(tables("memory", "%", "%", "BASE TABLE", "VIEW")).containsExactly(mine, orders, open1, open);
        assertThat(tables("memory", "shop", "%", "VIEW")).containsExactly(open);
        assertThat(tables(null, null, "city", "TABLE")).containsExactly(mine, theirs);
        assertThat(tables("second", null, "%")).containsExactly(theirs);
        assertThat(tables("", null, "%")).isEmpty();
        assertThat(tables(null, "shop", "open_orders")).containsExactly(open1, open);
        String escape = metaData.getSearchStringEscape();
        assertThat(tables(null, "shop", "open" + escape + "_orders")).containsExactly(open);
        assertThat(tables(null, "shop", "My \"Orders\" 100" + escape + "%")).containsExactly(orders);
    }

    @Test
    void columns_with_all_that_the_driver_says_of_them() throws SQLException {
        String[] about = {
            "COLUMN_NAME",
            "DATA_TYPE",
            "TYPE_NAME",
            "COLUMN_SIZE",
            "DECIMAL_DIGITS",
            "NUM_PREC_RADIX",
            "NULLABLE",
            "IS_NULLABLE",
            "REMARKS",
            "IS_AUTOINCREMENT",
            "ORDINAL_POSITION"
        };
        assertThat(rows(metaData.getColumns("memory", "shop", "My \"Orders\" 100\\%", "%"), about))
                .containsExactly(
                        row("id", "-5", "BIGINT", "19", "0", "10", "0", "NO", null, "", "1"),
                        row("before", "-5", "BIGINT", "19", "0", "10", "1", "YES", null, "", "2"),
                        row("total", "3", "DECIMAL(18,4)", "18", "4", "10", "1", "YES", "in €", "", "3"),
                        row("made", "93", "TIMESTAMP", "26", "6", null, "1", "YES", null, "", "4"),
                        row("lines", "2003", "STRUCT(n INTEGER)[]", null, null, null, "1", "YES", null, "", "5"),
                        row("ok", "16", "BOOLEAN", "1", null, null, "1", "YES", null, "", "6"),
                        row("ratio", "6", "FLOAT", null, null, "10", "1", "YES", null, "", "7"));
        assertThat(rows(
                        metaData.getColumns(null, null, "city", null),
                        "TABLE_CAT",
                        "TABLE_SCHEM",
                        "TABLE_NAME",
                        "COLUMN_NAME"))
                .containsExactly(
                        row("memory", "main", "city", "id"),
                        row("memory", "main", "city", "Na_me"),
                        row("memory", "main", "city", "Nayme"),
                        row("second", "main", "city", "id"));
    }

    /** The driver looks for the names of columns itself, and has no escape there. */
    @Test
    void the_pattern_of_a_column_is_the_drivers_own() throws SQLException {
        assertThat(rows(metaData.getColumns("memory", "main", "city", "Na_me"), "COLUMN_NAME"))
                .containsExactly(row("Na_me"), row("Nayme"));
        assertThat(rows(metaData.getColumns("memory", "main", "city", "Na\\_me"), "COLUMN_NAME"))
                .isEmpty();
    }

    @Test
    void keys() throws SQLException {
        String orders = "My \"Orders\" 100%";
        assertThat(rows(
                        metaData.getPrimaryKeys("memory", "shop", orders),
                        "TABLE_CAT",
                        "TABLE_SCHEM",
                        "TABLE_NAME",
                        "COLUMN_NAME",
                        "KEY_SEQ",
                        "PK_NAME"))
                .containsExactly(row("memory", "shop", orders, "id", "1", orders + "_id_pkey"));
        String[] about = {
            "PKTABLE_CAT",
            "PKTABLE_SCHEM",
            "PKTABLE_NAME",
            "PKCOLUMN_NAME",
            "FKTABLE_CAT",
            "FKTABLE_SCHEM",
            "FKTABLE_NAME",
            "FKCOLUMN_NAME",
            "KEY_SEQ",
            "UPDATE_RULE",
            "DELETE_RULE",
            "FK_NAME",
            "PK_NAME"
        };
        List<String> key = row(
                "memory",
                "shop",
                orders,
                "id",
                "memory",
                "shop",
                orders,
                "before",
                "1",
                "3",
                "3",
                orders + "_before_id_fkey",
                orders + "_id_pkey");
        assertThat(DatabaseMetaData.importedKeyNoAction).isEqualTo(3);
        assertThat(rows(metaData.getImportedKeys("memory", "shop", orders), about))
                .containsExactly(key);
        assertThat(rows(metaData.getExportedKeys(null, null, orders), about)).containsExactly(key);
        assertThat(rows(metaData.getCrossReference(null, "shop", orders, "memory", null, orders), about))
                .containsExactly(key);
        assertThat(rows(metaData.getImportedKeys("memory", "main", "city"), about))
                .isEmpty();
        assertThat(rows(metaData.getExportedKeys("memory", "main", "missing"), about))
                .isEmpty();
        assertThat(rows(metaData.getCrossReference(null, null, "city", null, null, orders), about))
                .isEmpty();
    }

    /** The driver does not ask the server for them. */
    @Test
    void types_are_none_to_the_driver() throws SQLException {
        assertThat(rows(metaData.getTypeInfo())).isEmpty();
    }

    @Test
    void what_the_server_is() throws SQLException {
        assertThat(metaData.getDatabaseProductName()).isEqualTo("Hatch");
        assertThat(metaData.getDatabaseProductVersion()).isEqualTo(Versions.hatch());
        assertThat(metaData.isReadOnly()).isFalse();
        assertThat(metaData.getIdentifierQuoteString()).isEqualTo("\"");
        assertThat(metaData.getSearchStringEscape()).isEqualTo("\\");
        assertThat(metaData.getExtraNameCharacters()).isEqualTo("$");
        assertThat(metaData.getSchemaTerm()).isEqualTo("schema");
        assertThat(metaData.getCatalogTerm()).isEqualTo("database");
        assertThat(metaData.getProcedureTerm()).isEmpty();
        assertThat(metaData.isCatalogAtStart()).isTrue();
        assertThat(metaData.getSQLKeywords().split(", ")).contains("SELECT", "QUALIFY", "SUMMARIZE");
        assertThat(metaData.getNumericFunctions())
                .isEqualTo(
                        "ABS, ACOS, ASIN, ATAN, ATAN2, CEILING, COS, COT, DEGREES, EXP, FLOOR, LOG10, MOD, PI, POWER,"
                                + " RADIANS, ROUND, SIGN, SIN, SQRT, TAN");
        assertThat(metaData.getStringFunctions())
                .isEqualTo("ASCII, BIT_LENGTH, CHARACTER_LENGTH, CHAR_LENGTH, CONCAT, LCASE, LEFT, LENGTH, LTRIM,"
                        + " REPEAT, REPLACE, RIGHT, RTRIM, SUBSTRING, UCASE");
        assertThat(metaData.getSystemFunctions()).isEqualTo("IFNULL");
        assertThat(metaData.getTimeDateFunctions())
                .isEqualTo("CURRENT_DATE, CURRENT_TIME, CURRENT_TIMESTAMP, DAYNAME, DAYOFMONTH, DAYOFYEAR, EXTRACT,"
                        + " HOUR, MINUTE, MONTH, MONTHNAME, NOW, QUARTER, SECOND, WEEK, YEAR");
    }

    @Test
    void what_its_sql_can_do() throws SQLException {
        assertThat(metaData.supportsColumnAliasing()).isTrue();
        assertThat(metaData.nullPlusNonNullIsNull()).isTrue();
        assertThat(metaData.supportsTableCorrelationNames()).isTrue();
        assertThat(metaData.supportsDifferentTableCorrelationNames()).isFalse();
        assertThat(metaData.supportsExpressionsInOrderBy()).isTrue();
        assertThat(metaData.supportsOrderByUnrelated()).isTrue();
        assertThat(metaData.supportsGroupBy()).isTrue();
        assertThat(metaData.supportsGroupByUnrelated()).isTrue();
        assertThat(metaData.supportsLikeEscapeClause()).isTrue();
        assertThat(metaData.supportsNonNullableColumns()).isTrue();
        assertThat(metaData.supportsMinimumSQLGrammar()).isTrue();
        assertThat(metaData.supportsCoreSQLGrammar()).isFalse();
        assertThat(metaData.supportsExtendedSQLGrammar()).isFalse();
        assertThat(metaData.supportsANSI92EntryLevelSQL()).isTrue();
        assertThat(metaData.supportsANSI92FullSQL()).isFalse();
        assertThat(metaData.supportsIntegrityEnhancementFacility()).isTrue();
        assertThat(metaData.supportsOuterJoins()).isTrue();
        assertThat(metaData.supportsLimitedOuterJoins()).isTrue();
        assertThat(metaData.supportsFullOuterJoins()).isTrue();
        assertThat(metaData.supportsSchemasInIndexDefinitions()).isTrue();
        assertThat(metaData.supportsSchemasInProcedureCalls()).isFalse();
        assertThat(metaData.supportsSchemasInPrivilegeDefinitions()).isFalse();
        assertThat(metaData.supportsCatalogsInIndexDefinitions()).isTrue();
        assertThat(metaData.supportsCatalogsInPrivilegeDefinitions()).isFalse();
        assertThat(metaData.supportsPositionedDelete()).isFalse();
        assertThat(metaData.supportsPositionedUpdate()).isFalse();
        assertThat(metaData.supportsSelectForUpdate()).isFalse();
        assertThat(metaData.supportsStoredProcedures()).isFalse();
        assertThat(metaData.supportsStoredFunctionsUsingCallSyntax()).isFalse();
        assertThat(metaData.supportsNamedParameters()).isFalse();
        assertThat(metaData.supportsSubqueriesInComparisons()).isTrue();
        assertThat(metaData.supportsSubqueriesInExists()).isTrue();
        assertThat(metaData.supportsSubqueriesInIns()).isTrue();
        assertThat(metaData.supportsSubqueriesInQuantifieds()).isTrue();
        assertThat(metaData.supportsCorrelatedSubqueries()).isTrue();
        assertThat(metaData.supportsUnion()).isTrue();
        assertThat(metaData.supportsUnionAll()).isTrue();
        assertThat(metaData.supportsConvert()).isTrue();
        assertThat(metaData.supportsConvert(Types.INTEGER, Types.VARCHAR)).isTrue();
        assertThat(metaData.supportsConvert(Types.DATE, Types.TIMESTAMP)).isTrue();
        assertThat(metaData.supportsConvert(Types.DATE, Types.INTEGER)).isFalse();
    }

    @Test
    void what_its_transactions_and_results_are() throws SQLException {
        assertThat(metaData.supportsTransactions()).isTrue();
        assertThat(metaData.supportsSavepoints()).isFalse();
        assertThat(metaData.supportsTransactionIsolationLevel(Connection.TRANSACTION_REPEATABLE_READ))
                .isTrue();
        assertThat(metaData.supportsTransactionIsolationLevel(Connection.TRANSACTION_READ_COMMITTED))
                .isFalse();
        assertThat(metaData.supportsTransactionIsolationLevel(Connection.TRANSACTION_SERIALIZABLE))
                .isFalse();
        // Flight SQL's number of the level, which the driver does not turn into JDBC's.
        assertThat(metaData.getDefaultTransactionIsolation()).isEqualTo(3);
        assertThat(metaData.dataDefinitionCausesTransactionCommit()).isFalse();
        assertThat(metaData.dataDefinitionIgnoredInTransactions()).isFalse();
        assertThat(metaData.supportsBatchUpdates()).isTrue();
        assertThat(metaData.locatorsUpdateCopy()).isTrue();
        assertThat(metaData.supportsResultSetType(ResultSet.TYPE_FORWARD_ONLY)).isTrue();
        assertThat(metaData.supportsResultSetType(ResultSet.TYPE_SCROLL_INSENSITIVE))
                .isFalse();
        assertThat(metaData.supportsResultSetType(ResultSet.TYPE_SCROLL_SENSITIVE))
                .isFalse();
    }

    @Test
    void it_knows_of_no_limits() throws SQLException {
        assertThat(List.of(
                        metaData.getMaxBinaryLiteralLength(),
                        metaData.getMaxCharLiteralLength(),
                        metaData.getMaxColumnNameLength(),
                        metaData.getMaxColumnsInGroupBy(),
                        metaData.getMaxColumnsInIndex(),
                        metaData.getMaxColumnsInOrderBy(),
                        metaData.getMaxColumnsInSelect(),
                        metaData.getMaxColumnsInTable(),
                        metaData.getMaxConnections(),
                        metaData.getMaxCursorNameLength(),
                        metaData.getMaxIndexLength(),
                        metaData.getMaxSchemaNameLength(),
                        metaData.getMaxProcedureNameLength(),
                        metaData.getMaxCatalogNameLength(),
                        metaData.getMaxRowSize(),
                        metaData.getMaxStatementLength(),
                        metaData.getMaxStatements(),
                        metaData.getMaxTableNameLength(),
                        metaData.getMaxTablesInSelect(),
                        metaData.getMaxUserNameLength()))
                .containsOnly(0);
        assertThat(metaData.doesMaxRowSizeIncludeBlobs()).isTrue();
    }

    private static List<List<String>> tables(String catalog, String schema, String table, String... types)
            throws SQLException {
        return rows(
                metaData.getTables(catalog, schema, table, types.length == 0 ? null : types),
                "TABLE_CAT",
                "TABLE_SCHEM",
                "TABLE_NAME",
                "TABLE_TYPE");
    }

    private static List<List<String>> rows(ResultSet result, String... columns) throws SQLException {
        List<List<String>> rows = new ArrayList<>();
        try (result) {
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (String column : columns) {
                    row.add(result.getString(column));
                }
                rows.add(row);
            }
        }
        return rows;
    }

    private static List<String> row(String... values) {
        return Arrays.asList(values);
    }
}

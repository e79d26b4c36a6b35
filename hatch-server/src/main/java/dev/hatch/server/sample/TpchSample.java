package dev.hatch.server.sample;

import io.trino.tpch.CustomerGenerator;
import io.trino.tpch.Distributions;
import io.trino.tpch.LineItemGenerator;
import io.trino.tpch.NationGenerator;
import io.trino.tpch.OrderGenerator;
import io.trino.tpch.PartGenerator;
import io.trino.tpch.PartSupplierGenerator;
import io.trino.tpch.RegionGenerator;
import io.trino.tpch.SupplierGenerator;
import io.trino.tpch.TextPool;
import io.trino.tpch.TpchColumn;
import io.trino.tpch.TpchEntity;
import io.trino.tpch.TpchTable;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/**
 * The eight tables of TPC-H at scale 0.01, 86,805 rows.
 *
 * <p>The rows are those of TPC-H's own generator, dbgen, except for the comment columns: dbgen cuts comments out of
 * 300 MiB of generated prose, which takes longer to write than all the tables, and here they are cut out of its first
 * 5 MiB. Of the 22 queries of TPC-H this changes the counts of Q13, and the comments that Q2 and Q10 return.
 */
public final class TpchSample {
    private static final double SCALE = 0.01;
    private static final int PROSE_BYTES = 5 << 20;

    private TpchSample() {}

    /**
     * Creates and fills region, nation, supplier, customer, part, partsupp, orders and lineitem, without keys or
     * indexes. Money and quantities are DECIMAL(15,2), keys BIGINT, and no column takes NULL.
     *
     * @param dataSource a DuckDB database without tables of these names; its connections unwrap to
     *     {@link DuckDBConnection}
     * @param progress is given one line, piece by piece: the name of each table when it is full, then rows and seconds
     * @throws SQLException if a table exists already or cannot be filled; what was made up to then stays
     */
    public static void load(DataSource dataSource, PrintStream progress) throws SQLException {
        long started = System.nanoTime();
        progress.print("loading TPC-H at scale " + SCALE + ":");
        progress.flush();
        try (Connection connection = dataSource.getConnection()) {
            long rows = 0;
            for (Content<?> content : contents()) {
                rows += content.load(connection);
                progress.print(" " + content.table.getTableName());
                progress.flush();
            }
            double seconds = (System.nanoTime() - started) / 1e9;
            progress.print(String.format(Locale.ROOT, ", %,d rows in %.1f s", rows, seconds));
        } finally {
            progress.println();
        }
    }

    private static List<Content<?>> contents() {
        Distributions words = Distributions.getDefaultDistributions();
        TextPool prose = new TextPool(PROSE_BYTES, words);
        return List.of(
                new Content<>(TpchTable.REGION, new RegionGenerator(words, prose)),
                new Content<>(TpchTable.NATION, new NationGenerator(words, prose)),
                new Content<>(TpchTable.SUPPLIER, new SupplierGenerator(SCALE, 1, 1, words, prose)),
                new Content<>(TpchTable.CUSTOMER, new CustomerGenerator(SCALE, 1, 1, words, prose)),
                new Content<>(TpchTable.PART, new PartGenerator(SCALE, 1, 1, words, prose)),
                new Content<>(TpchTable.PART_SUPPLIER, new PartSupplierGenerator(SCALE, 1, 1, prose)),
                new Content<>(TpchTable.ORDERS, new OrderGenerator(SCALE, 1, 1, words, prose)),
                new Content<>(TpchTable.LINE_ITEM, new LineItemGenerator(SCALE, 1, 1, words, prose)));
    }

    private record Content<E extends TpchEntity>(TpchTable<E> table, Iterable<E> rows) {
        long load(Connection connection) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute(table.getColumns().stream()
                        .map(column -> column.getColumnName() + " " + sqlType(column) + " NOT NULL")
                        .collect(Collectors.joining(", ", "CREATE TABLE " + table.getTableName() + " (", ")")));
            }
            List<TpchColumn<E>> columns = table.getColumns();
            long count = 0;
            try (DuckDBAppender appender =
                    connection.unwrap(DuckDBConnection.class).createAppender(table.getTableName())) {
                for (E row : rows) {
                    appender.beginRow();
                    for (TpchColumn<E> column : columns) {
                        append(appender, column, row);
                    }
                    appender.endRow();
                    count++;
                }
            }
            return count;
        }

        private static String sqlType(TpchColumn<?> column) {
            return switch (column.getType().getBase()) {
                case IDENTIFIER -> "BIGINT";
                case INTEGER -> "INTEGER";
                case DATE -> "DATE";
                case DOUBLE -> "DECIMAL(15,2)";
                case VARCHAR -> "VARCHAR";
            };
        }

        private void append(DuckDBAppender appender, TpchColumn<E> column, E row) throws SQLException {
            switch (column.getType().getBase()) {
                case IDENTIFIER -> appender.append(column.getIdentifier(row));
                case INTEGER -> appender.append(column.getInteger(row));
                case DATE -> appender.appendEpochDays(column.getDate(row));
                // Each double is a whole number of hundredths divided by 100, so rounding is exact.
                case DOUBLE -> appender.appendDecimal(Math.round(column.getDouble(row) * 100));
                case VARCHAR -> appender.append(column.getString(row));
            }
        }
    }
}

package dev.hatch.server;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.arrow.c.ArrowArrayStream;
import org.apache.arrow.c.Data;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest.TableDefinitionOptions;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest.TableDefinitionOptions.TableExistsOption;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest.TableDefinitionOptions.TableNotExistOption;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * Brings a client's batches into a table, all of them or none.
 *
 * <p>DuckDB reads the batches where they are, through Arrow's C data interface, but only once they have come: the call's
 * thread collects a portion of them and then has DuckDB insert it. A scan that waited for the client within DuckDB would
 * take a thread away from everybody's statements, since DuckDB's are shared by all of its connections, and could not be
 * cancelled. What an ingest holds is a portion and what Flight fetches ahead, however long it goes on.
 */
final class Ingest {
    /** A row group of DuckDB: enough for all of its threads, and for what an INSERT costs not to matter. */
    private static final int PORTION_ROWS = 122_880;

    private static final long PORTION_BYTES = 16L << 20;

    private final BufferAllocator allocator;
    private final Duration stallTimeout;

    /** @param stallTimeout how long a client may take for its next batch */
    Ingest(BufferAllocator allocator, Duration stallTimeout) {
        this.allocator = allocator;
        this.stallTimeout = stallTimeout;
    }

    /**
     * Reads the stream to its end; what fails leaves nothing.
     *
     * <p>A command without a transaction has one of its own here. One with a client's transaction leaves that uncommitted,
     * and aborted if it fails, as it cannot undo the rows before without undoing all.
     *
     * @param lent in the client's transaction, if there is one
     * @return the rows
     * @throws FlightRuntimeException if the command or the stream is wrong, or the call was stopped
     */
    long run(RunningCalls.Call call, Lent lent, CommandStatementIngest command, FlightStream stream)
            throws SQLException {
        Connection lease = lent.connection();
        boolean isClientsTransaction = lent.transaction() == Lent.Transaction.OF_CLIENT;
        requireUnderstood(command);
        if (!isClientsTransaction) {
            lease.setAutoCommit(false);
        }
        boolean settled = false;
        try {
            long rows = load(call, lease, command, stream);
            if (call.isStopped()) {
                throw call.stopped();
            }
            if (!isClientsTransaction) {
                lease.commit();
            }
            settled = true;
            return rows;
        } catch (SQLException | RuntimeException | Error e) {
            if (isClientsTransaction) {
                throw aborted(lease, call.isStopped() ? call.stopped() : FlightErrors.of(e));
            }
            lease.rollback();
            settled = true;
            throw e;
        } finally {
            // Of what was not rolled back this would be a commit.
            if (settled && !isClientsTransaction && lent.outlivesCall()) {
                lease.setAutoCommit(true);
            }
        }
    }

    /** What it does to its connection. */
    static SingleStatement asStatement(CommandStatementIngest command) {
        return new SingleStatement("", "INGEST", isTemporary(command) ? Effect.CREATES_TEMPORARY : Effect.NONE, null);
    }

    private long load(RunningCalls.Call call, Connection lease, CommandStatementIngest command, FlightStream stream)
            throws SQLException {
        boolean more = next(call, stream, stallTimeout);
        if (!stream.hasRoot()) {
            throw invalid("the stream has no schema: send one, even if there are no rows");
        }
        requireColumns(stream.getSchema());
        Target target = Target.find(call, lease, command);
        boolean create = target.mustBeCreated(command.getTableDefinitionOptions());
        try (BufferAllocator memory = allocator.newChildAllocator("ingest", 0, Long.MAX_VALUE);
                Portion portion = new Portion(memory, stream);
                Source source = new Source(memory, portion)) {
            if (create) {
                source.show(lease);
                execute(call, lease, target.create() + " (" + columns(lease, source) + ")");
            }
            String insert = "INSERT INTO " + target.sql() + " BY NAME SELECT * FROM " + source.name;
            long rows = 0;
            for (; more; more = next(call, stream, stallTimeout)) {
                portion.add(stream.getRoot());
                if (portion.isFull()) {
                    rows += insert(call, lease, insert, source);
                }
            }
            // Without rows too, so that wrong columns are told.
            rows += insert(call, lease, insert, source);
            execute(call, lease, "DROP VIEW " + source.name);
            return rows;
        }
    }

    private static long insert(RunningCalls.Call call, Connection lease, String sql, Source source)
            throws SQLException {
        source.show(lease);
        long rows = execute(call, lease, sql);
        source.isShown = false;
        return rows;
    }

    /**
     * The columns as DuckDB reads them. It could make the table by itself, by CREATE TABLE … AS of a stream without
     * rows, but then 2.0.0.1 loses what the same transaction inserts, if that is a row group or more.
     */
    private static String columns(Connection lease, Source source) throws SQLException {
        StringJoiner columns = new StringJoiner(", ");
        try (PreparedStatement statement = lease.prepareStatement("SELECT * FROM " + source.name)) {
            ResultSetMetaData found = statement.getMetaData();
            for (int column = 1; column <= found.getColumnCount(); column++) {
                columns.add(Sql.name(found.getColumnName(column)) + ' ' + found.getColumnTypeName(column));
            }
        }
        return columns.toString();
    }

    /** The next batch, which the client has to send in time. */
    static boolean next(RunningCalls.Call call, FlightStream stream, Duration stallTimeout) {
        long start = System.nanoTime();
        try {
            return call.awaitClient(stallTimeout, () -> Batches.next(stream));
        } catch (RuntimeException e) {
            if (call.isStopped()) {
                throw call.stopped();
            }
            if (System.nanoTime() - start >= stallTimeout.toNanos()) {
                throw CallStatus.TIMED_OUT
                        .withDescription("no batch came for " + stallTimeout.toMillis() + " ms")
                        .withCause(e)
                        .toRuntimeException();
            }
            if (e instanceof FlightRuntimeException status) {
                throw status;
            }
            throw CallStatus.INVALID_ARGUMENT
                    .withDescription("a batch cannot be read: " + e)
                    .withCause(e)
                    .toRuntimeException();
        }
    }

    private static long execute(RunningCalls.Call call, Connection lease, String sql) throws SQLException {
        try (PreparedStatement statement = lease.prepareStatement(sql)) {
            call.runs(statement);
            statement.execute();
            return statement.getLargeUpdateCount();
        } finally {
            call.runs(null);
        }
    }

    /** So that nothing but a rollback is taken from the client, whoever runs the next statement of its transaction. */
    private static FlightRuntimeException aborted(Connection lease, FlightRuntimeException failure) {
        try (Statement statement = lease.createStatement();
                ResultSet result = statement.executeQuery("SELECT error('aborted by a failed ingest') FROM range(1)")) {
            boolean unused = result.next();
        } catch (SQLException e) {
            failure.addSuppressed(e);
        }
        return failure.status()
                .withDescription(failure.status().description() + "; the transaction is aborted: roll it back")
                .withCause(failure)
                .toRuntimeException();
    }

    private static void requireUnderstood(CommandStatementIngest command) {
        TableDefinitionOptions options = command.getTableDefinitionOptions();
        if (options.getIfNotExist() != TableNotExistOption.TABLE_NOT_EXIST_OPTION_CREATE
                && options.getIfNotExist() != TableNotExistOption.TABLE_NOT_EXIST_OPTION_FAIL) {
            throw invalid("table_definition_options.if_not_exist is not set: give CREATE or FAIL");
        }
        if (options.getIfExists() != TableExistsOption.TABLE_EXISTS_OPTION_FAIL
                && options.getIfExists() != TableExistsOption.TABLE_EXISTS_OPTION_APPEND
                && options.getIfExists() != TableExistsOption.TABLE_EXISTS_OPTION_REPLACE) {
            throw invalid("table_definition_options.if_exists is not set: give FAIL, APPEND or REPLACE");
        }
        if (command.getTable().isEmpty()) {
            throw invalid("the command names no table");
        }
        if (!command.getOptionsMap().isEmpty()) {
            throw invalid(
                    "unknown options " + new TreeSet<>(command.getOptionsMap().keySet()) + ": an ingest has none");
        }
    }

    private static boolean isTemporary(CommandStatementIngest command) {
        return command.getTemporary() || command.getCatalog().equalsIgnoreCase(Target.TEMPORARY);
    }

    /** Columns are matched by name, which DuckDB does not tell from another in upper case. */
    private static void requireColumns(Schema schema) {
        if (schema.getFields().isEmpty()) {
            throw invalid("the stream has no columns");
        }
        Set<String> names = new HashSet<>();
        for (Field field : schema.getFields()) {
            if (field.getName() == null || field.getName().isEmpty()) {
                throw invalid("column " + (names.size() + 1) + " of the stream has no name");
            }
            if (!names.add(field.getName().toLowerCase(Locale.ROOT))) {
                throw invalid("the stream has two columns of the name " + field.getName());
            }
        }
    }

    private static FlightRuntimeException invalid(String message) {
        return CallStatus.INVALID_ARGUMENT.withDescription(message).toRuntimeException();
    }

    /** The table, by all three parts of its name, so that no other of the search path is meant. */
    private record Target(String catalog, String schema, String table, boolean exists) {
        static final String TEMPORARY = "temp";

        private static final String FIND = "WITH place AS (SELECT coalesce(?, current_database()) AS c,"
                + " coalesce(?, current_schema()) AS s, ? AS t)"
                + " SELECT c, s, EXISTS (FROM duckdb_tables() WHERE lower(database_name) = lower(c)"
                + " AND lower(schema_name) = lower(s) AND lower(table_name) = lower(t)) FROM place";

        static Target find(RunningCalls.Call call, Connection lease, CommandStatementIngest command)
                throws SQLException {
            String catalog = command.hasCatalog() ? command.getCatalog() : null;
            String schema = command.hasSchema() ? command.getSchema() : null;
            if (isTemporary(command)) {
                if ((catalog != null && !catalog.equalsIgnoreCase(TEMPORARY))
                        || (schema != null && !schema.equalsIgnoreCase(DuckDBConnection.DEFAULT_SCHEMA))) {
                    throw invalid("a temporary table is in the schema main of the catalog temp: leave both out");
                }
                catalog = TEMPORARY;
            }
            if (catalog != null && schema == null) {
                schema = DuckDBConnection.DEFAULT_SCHEMA;
            }
            try (PreparedStatement statement = lease.prepareStatement(FIND)) {
                statement.setString(1, catalog);
                statement.setString(2, schema);
                statement.setString(3, command.getTable());
                call.runs(statement);
                try (ResultSet found = statement.executeQuery()) {
                    found.next();
                    return new Target(found.getString(1), found.getString(2), command.getTable(), found.getBoolean(3));
                }
            } finally {
                call.runs(null);
            }
        }

        boolean mustBeCreated(TableDefinitionOptions options) {
            if (!exists) {
                if (options.getIfNotExist() == TableNotExistOption.TABLE_NOT_EXIST_OPTION_FAIL) {
                    throw CallStatus.NOT_FOUND
                            .withDescription("there is no table " + sql() + ": have the ingest create it")
                            .toRuntimeException();
                }
                return true;
            }
            if (options.getIfExists() == TableExistsOption.TABLE_EXISTS_OPTION_FAIL) {
                throw CallStatus.ALREADY_EXISTS
                        .withDescription("there is a table " + sql() + " already: append to it, or replace it")
                        .toRuntimeException();
            }
            return options.getIfExists() == TableExistsOption.TABLE_EXISTS_OPTION_REPLACE;
        }

        String create() {
            return "CREATE " + (exists ? "OR REPLACE " : "") + (catalog.equals(TEMPORARY) ? "TEMPORARY " : "")
                    + "TABLE " + sql();
        }

        String sql() {
            return Sql.name(catalog) + '.' + Sql.name(schema) + '.' + Sql.name(table);
        }
    }

    /** The name under which the lease's connection, and no other, sees a portion: a temporary view of it. */
    private static final class Source implements AutoCloseable {
        final String name = "hatch_ingest_" + UUID.randomUUID().toString().replace('-', '_');

        private final BufferAllocator memory;
        private final Portion portion;
        private final ArrowArrayStream stream;
        private boolean isShown;

        Source(BufferAllocator memory, Portion portion) {
            this.memory = memory;
            this.portion = portion;
            stream = ArrowArrayStream.allocateNew(memory);
        }

        /** Until it is scanned: DuckDB takes the stream, and a scan uses it up. */
        void show(Connection lease) throws SQLException {
            if (!isShown) {
                Data.exportArrayStream(memory, portion.reader, stream);
                lease.unwrap(DuckDBConnection.class).registerArrowStream(name, stream);
                isShown = true;
            }
        }

        @Override
        public void close() {
            stream.release();
            stream.close();
        }
    }

    /** Batches on their way from Flight to DuckDB, which share their memory. */
    private static final class Portion implements AutoCloseable {
        final ArrowReader reader;

        private final VectorSchemaRoot root;
        private final VectorLoader loader;
        private final boolean hasDictionaries;

        /** Guarded by this, since any thread of DuckDB's may come for the next. */
        private final Queue<ArrowRecordBatch> batches = new ArrayDeque<>();

        private long rows;
        private long bytes;

        Portion(BufferAllocator memory, FlightStream stream) {
            root = VectorSchemaRoot.create(stream.getSchema(), memory);
            loader = new VectorLoader(root);
            DictionaryProvider dictionaries = stream.getDictionaryProvider();
            hasDictionaries = !dictionaries.getDictionaryIds().isEmpty();
            reader = new Reader(memory, dictionaries);
        }

        synchronized void add(VectorSchemaRoot received) {
            if (received.getRowCount() > 0) {
                ArrowRecordBatch batch = new VectorUnloader(received).getRecordBatch();
                batches.add(batch);
                rows += batch.getLength();
                bytes += batch.computeBodyLength();
            }
        }

        /** With dictionaries, one batch is: the next may bring others in place of these. */
        synchronized boolean isFull() {
            return rows >= PORTION_ROWS || bytes >= PORTION_BYTES || (hasDictionaries && rows > 0);
        }

        private synchronized boolean load() {
            ArrowRecordBatch batch = batches.poll();
            if (batch == null) {
                return false;
            }
            try (batch) {
                rows -= batch.getLength();
                bytes -= batch.computeBodyLength();
                loader.load(batch);
            }
            return true;
        }

        @Override
        public synchronized void close() {
            batches.forEach(ArrowRecordBatch::close);
            root.close();
        }

        /** Empty after each portion, and never closed: what it shows is not its own. */
        private final class Reader extends ArrowReader {
            private final DictionaryProvider provider;

            Reader(BufferAllocator memory, DictionaryProvider provider) {
                super(memory);
                this.provider = provider;
            }

            @Override
            public boolean loadNextBatch() {
                return load();
            }

            @Override
            public VectorSchemaRoot getVectorSchemaRoot() {
                return root;
            }

            @Override
            public @Nullable Dictionary lookup(long id) {
                return provider.lookup(id);
            }

            @Override
            public Set<Long> getDictionaryIds() {
                return provider.getDictionaryIds();
            }

            @Override
            public Map<Long, Dictionary> getDictionaryVectors() {
                return provider.getDictionaryIds().stream().collect(Collectors.toMap(id -> id, provider::lookup));
            }

            @Override
            protected Schema readSchema() {
                return root.getSchema();
            }

            @Override
            public long bytesRead() {
                return 0;
            }

            @Override
            protected void closeReadSource() {}
        }
    }
}

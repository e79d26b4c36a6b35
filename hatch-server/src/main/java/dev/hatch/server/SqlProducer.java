package dev.hatch.server;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.hatch.arrow.RecordBuilderPool;
import dev.hatch.pool.jdbc.ConnectionPool;
import dev.hatch.server.admin.RunningStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.Criteria;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.FlightEndpoint;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.PutResult;
import org.apache.arrow.flight.Result;
import org.apache.arrow.flight.SchemaResult;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.flight.sql.BasicFlightSqlProducer;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionClosePreparedStatementRequest;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionCreatePreparedStatementRequest;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionCreatePreparedStatementResult;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetDbSchemas;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetSqlInfo;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetTables;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandPreparedStatementQuery;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandPreparedStatementUpdate;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementQuery;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementUpdate;
import org.apache.arrow.flight.sql.impl.FlightSql.DoPutUpdateResult;
import org.apache.arrow.flight.sql.impl.FlightSql.TicketStatementQuery;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The Flight SQL commands. Between two calls of a client the server keeps a text under a handle, never a connection: a
 * statement is described on one lease and run on another. A query's ticket is good for one DoGet, so that nothing is
 * run twice.
 *
 * <p>Called from many threads; its own state is in the two {@link Handles} and the {@link RunningCalls}.
 */
final class SqlProducer extends BasicFlightSqlProducer {
    private static final Duration FORGET_QUERY_AFTER = Duration.ofMinutes(10);
    private static final Duration FORGET_PREPARED_AFTER = Duration.ofHours(1);
    private static final long MAX_REMEMBERED_BYTES = 64L << 20;

    private static final Schema UNKNOWN_COLUMNS =
            new Schema(List.of(Field.nullable("unknown", ArrowType.Null.INSTANCE)));

    private final BufferAllocator allocator;
    private final Executor streams;
    private final int batchRows;
    private final Statements statements;
    private final Metadata metadata;
    private final RunningCalls running;

    private final Handles<Query> queries =
            new Handles<>("ticket", FORGET_QUERY_AFTER, MAX_REMEMBERED_BYTES, Query::weight);

    /** As clients prepared them, with the parameters that were last bound, for the next query. */
    private final Handles<Query> prepared =
            new Handles<>("prepared statement", FORGET_PREPARED_AFTER, MAX_REMEMBERED_BYTES, Query::weight);

    SqlProducer(
            ConnectionPool pool,
            BufferAllocator allocator,
            RecordBuilderPool builders,
            Executor streams,
            int batchRows,
            DuckDbTypes types) {
        running = new RunningCalls(pool);
        this.allocator = allocator;
        this.streams = streams;
        this.batchRows = batchRows;
        statements = new Statements(types);
        metadata = new Metadata(builders, statements);
    }

    // Statements.

    @Override
    public FlightInfo getFlightInfoStatement(
            CommandStatementQuery command, CallContext context, FlightDescriptor descriptor) {
        refuseTransaction(command.getTransactionId());
        return flightInfo(context, command.getQuery(), Query.NO_PARAMETERS, descriptor);
    }

    @Override
    public SchemaResult getSchemaStatement(
            CommandStatementQuery command, CallContext context, FlightDescriptor descriptor) {
        refuseTransaction(command.getTransactionId());
        Schema schema =
                describe(context, SingleStatement.require(command.getQuery())).schema();
        return new SchemaResult(schema == null ? new Schema(List.of()) : schema);
    }

    @Override
    public void getStreamStatement(TicketStatementQuery ticket, CallContext context, ServerStreamListener listener) {
        Query query = queries.take(ticket.getStatementHandle());
        RunningCalls.Call call =
                running.begin("query", Peer.of(context), listener::isCancelled).of(query.sql());
        try {
            streams.execute(new ResultStream(call, allocator, batchRows, query, listener));
        } catch (RejectedExecutionException e) {
            call.close();
            throw CallStatus.UNAVAILABLE
                    .withDescription("the server is being closed")
                    .toRuntimeException();
        }
    }

    @Override
    public Runnable acceptPutStatement(
            CommandStatementUpdate command,
            CallContext context,
            FlightStream stream,
            StreamListener<PutResult> acknowledgements) {
        return () -> update(context, acknowledgements, call -> {
            refuseTransaction(command.getTransactionId());
            String sql = SingleStatement.require(command.getQuery());
            return statements.update(call.of(sql), sql, List.of(Query.NO_PARAMETERS));
        });
    }

    // Prepared statements.

    @Override
    public void createPreparedStatement(
            ActionCreatePreparedStatementRequest request, CallContext context, StreamListener<Result> listener) {
        try {
            refuseTransaction(request.getTransactionId());
            String sql = SingleStatement.require(request.getQuery());
            Statements.Description description = describe(context, sql);
            ActionCreatePreparedStatementResult.Builder result = ActionCreatePreparedStatementResult.newBuilder()
                    .setPreparedStatementHandle(prepared.add(new Query(sql, Query.NO_PARAMETERS, null)));
            Schema schema = description.schema();
            if (schema == null) {
                // The types come with the FlightInfo or the stream; clients only ask here whether there are rows.
                schema = UNKNOWN_COLUMNS;
            }
            if (description.returnsRows()) {
                result.setDatasetSchema(serialized(schema));
            }
            if (!description.parameters().getFields().isEmpty()) {
                result.setParameterSchema(serialized(description.parameters()));
            }
            listener.onNext(new Result(Any.pack(result.build()).toByteArray()));
            listener.onCompleted();
        } catch (RuntimeException e) {
            listener.onError(FlightErrors.forListener(e));
        }
    }

    @Override
    public void closePreparedStatement(
            ActionClosePreparedStatementRequest request, CallContext context, StreamListener<Result> listener) {
        prepared.remove(request.getPreparedStatementHandle());
        listener.onCompleted();
    }

    @Override
    public Runnable acceptPutPreparedStatementQuery(
            CommandPreparedStatementQuery command,
            CallContext context,
            FlightStream stream,
            StreamListener<PutResult> acknowledgements) {
        return () -> {
            try {
                List<List<@Nullable Object>> rows = Parameters.read(stream);
                if (rows.size() != 1) {
                    throw CallStatus.INVALID_ARGUMENT
                            .withDescription("a query takes one row of parameters, found " + rows.size())
                            .toRuntimeException();
                }
                prepared.change(
                        command.getPreparedStatementHandle(), query -> new Query(query.sql(), rows.get(0), null));
                acknowledgements.onCompleted();
            } catch (RuntimeException e) {
                acknowledgements.onError(FlightErrors.forListener(e));
            }
        };
    }

    @Override
    public FlightInfo getFlightInfoPreparedStatement(
            CommandPreparedStatementQuery command, CallContext context, FlightDescriptor descriptor) {
        Query statement = prepared.get(command.getPreparedStatementHandle());
        return flightInfo(context, statement.sql(), statement.parameters(), descriptor);
    }

    @Override
    public Runnable acceptPutPreparedStatementUpdate(
            CommandPreparedStatementUpdate command,
            CallContext context,
            FlightStream stream,
            StreamListener<PutResult> acknowledgements) {
        return () -> update(context, acknowledgements, call -> {
            Query statement = prepared.get(command.getPreparedStatementHandle());
            List<List<@Nullable Object>> rows = Parameters.read(stream);
            return statements.update(
                    call.of(statement.sql()), statement.sql(), rows.isEmpty() ? List.of(Query.NO_PARAMETERS) : rows);
        });
    }

    // Metadata.

    @Override
    public void getStreamSqlInfo(CommandGetSqlInfo command, CallContext context, ServerStreamListener listener) {
        send(context, listener, call -> metadata.sendSqlInfo(command.getInfoList(), listener));
    }

    @Override
    public void getStreamCatalogs(CallContext context, ServerStreamListener listener) {
        send(context, listener, call -> metadata.sendCatalogs(call, listener));
    }

    @Override
    public void getStreamSchemas(CommandGetDbSchemas command, CallContext context, ServerStreamListener listener) {
        send(context, listener, call -> metadata.sendSchemas(call, command, listener));
    }

    @Override
    public void getStreamTables(CommandGetTables command, CallContext context, ServerStreamListener listener) {
        send(context, listener, call -> metadata.sendTables(call, command, listener));
    }

    @Override
    public void getStreamTableTypes(CallContext context, ServerStreamListener listener) {
        send(context, listener, call -> metadata.sendTableTypes(call, listener));
    }

    @Override
    public void listFlights(CallContext context, Criteria criteria, StreamListener<FlightInfo> listener) {
        listener.onError(CallStatus.UNIMPLEMENTED
                .withDescription("there is no list of flights: send a Flight SQL command")
                .toRuntimeException());
    }

    @Override
    protected <T extends Message> List<FlightEndpoint> determineEndpoints(
            T request, FlightDescriptor descriptor, Schema schema) {
        return endpoints(request);
    }

    /** Nothing to close: what it works on belongs to the server. */
    @Override
    public void close() {}

    /** Stops every call that is at work on the database; returns those that did not end within {@code bound}. */
    List<String> stop(Duration bound) {
        return running.stop(bound);
    }

    List<RunningStatement> running() {
        return running.list();
    }

    // What they share.

    private FlightInfo flightInfo(
            CallContext context, String text, List<@Nullable Object> parameters, FlightDescriptor descriptor) {
        String sql = SingleStatement.require(text);
        Schema schema = describe(context, sql).schema();
        ByteString handle = queries.add(new Query(sql, parameters, schema));
        TicketStatementQuery ticket =
                TicketStatementQuery.newBuilder().setStatementHandle(handle).build();
        return FlightInfo.builder(schema, descriptor, endpoints(ticket)).build();
    }

    /** Without a location: the client comes back to where it asked. */
    private static List<FlightEndpoint> endpoints(Message ticket) {
        return List.of(new FlightEndpoint(new Ticket(Any.pack(ticket).toByteArray())));
    }

    private Statements.Description describe(CallContext context, String sql) {
        try (RunningCalls.Call call = running.begin("description", Peer.of(context), context::isCancelled)
                .of(sql)) {
            return failingWell(call, () -> statements.describe(call, sql));
        }
    }

    private interface SqlWork<T> {
        T run() throws SQLException;
    }

    private interface SqlSend {
        void run(RunningCalls.Call call) throws SQLException;
    }

    private interface SqlUpdate {
        long run(RunningCalls.Call call) throws SQLException;
    }

    /** Throws nothing but what a client is to be told. */
    private static <T> T failingWell(RunningCalls.Call call, SqlWork<T> work) {
        try {
            return work.run();
        } catch (SQLException | RuntimeException e) {
            throw call.isStopped() ? call.stopped() : FlightErrors.of(e);
        }
    }

    private void send(CallContext context, ServerStreamListener listener, SqlSend work) {
        try (RunningCalls.Call call = running.begin("list", Peer.of(context), context::isCancelled)) {
            boolean unused = failingWell(call, () -> {
                work.run(call);
                return true;
            });
        } catch (FlightRuntimeException e) {
            listener.error(FlightErrors.forListener(e));
        }
    }

    private void update(CallContext context, StreamListener<PutResult> acknowledgements, SqlUpdate update) {
        try {
            acknowledge(acknowledgements, changed(context, update));
        } catch (RuntimeException e) {
            if (!context.isCancelled()) {
                acknowledgements.onError(FlightErrors.forListener(e));
            }
        }
    }

    private long changed(CallContext context, SqlUpdate update) {
        try (RunningCalls.Call call = running.begin("update", Peer.of(context), context::isCancelled)) {
            return failingWell(call, () -> update.run(call));
        }
    }

    private void acknowledge(StreamListener<PutResult> acknowledgements, long changed) {
        byte[] result =
                DoPutUpdateResult.newBuilder().setRecordCount(changed).build().toByteArray();
        try (BufferAllocator memory = allocator.newChildAllocator("acknowledgement", 0, Long.MAX_VALUE);
                ArrowBuf buffer = memory.buffer(result.length)) {
            buffer.writeBytes(result);
            acknowledgements.onNext(PutResult.metadata(buffer));
        }
        acknowledgements.onCompleted();
    }

    private static void refuseTransaction(ByteString transactionId) {
        if (!transactionId.isEmpty()) {
            throw CallStatus.UNIMPLEMENTED
                    .withDescription("this server has no transactions over several calls")
                    .toRuntimeException();
        }
    }

    private static ByteString serialized(Schema schema) {
        return ByteString.copyFrom(schema.serializeAsMessage());
    }
}

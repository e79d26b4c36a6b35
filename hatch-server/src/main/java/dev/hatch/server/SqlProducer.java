package dev.hatch.server;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.hatch.arrow.RecordBuilderPool;
import dev.hatch.pool.jdbc.ConnectionPool;
import dev.hatch.server.admin.RunningStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.CancelFlightInfoRequest;
import org.apache.arrow.flight.CancelStatus;
import org.apache.arrow.flight.CloseSessionRequest;
import org.apache.arrow.flight.CloseSessionResult;
import org.apache.arrow.flight.Criteria;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.FlightEndpoint;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.GetSessionOptionsRequest;
import org.apache.arrow.flight.GetSessionOptionsResult;
import org.apache.arrow.flight.PutResult;
import org.apache.arrow.flight.Result;
import org.apache.arrow.flight.SchemaResult;
import org.apache.arrow.flight.SetSessionOptionsRequest;
import org.apache.arrow.flight.SetSessionOptionsResult;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.flight.sql.BasicFlightSqlProducer;
import org.apache.arrow.flight.sql.CancelResult;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionBeginSavepointRequest;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionBeginSavepointResult;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionBeginTransactionRequest;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionBeginTransactionResult;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionClosePreparedStatementRequest;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionCreatePreparedStatementRequest;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionCreatePreparedStatementResult;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionEndSavepointRequest;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionEndTransactionRequest;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetCrossReference;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetDbSchemas;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetExportedKeys;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetImportedKeys;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetPrimaryKeys;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetSqlInfo;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetTables;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetXdbcTypeInfo;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandPreparedStatementQuery;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandPreparedStatementUpdate;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest;
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
 * The Flight SQL commands. Between two calls of a client the server keeps a text under a handle, not a connection, unless a
 * transaction or a session needs one ({@link Lenders}): a statement is described on one lease and run on another. A query's
 * ticket is good for one DoGet, so that nothing is run twice.
 *
 * <p>Called from many threads; its own state is in the two {@link Handles}, the {@link Lenders} and the {@link RunningCalls}.
 */
final class SqlProducer extends BasicFlightSqlProducer {
    private static final Duration FORGET_QUERY_AFTER = Duration.ofMinutes(10);
    private static final Duration FORGET_PREPARED_AFTER = Duration.ofHours(1);
    private static final long MAX_REMEMBERED_BYTES = 64L << 20;

    private static final Schema UNKNOWN_COLUMNS =
            new Schema(List.of(Field.nullable("unknown", ArrowType.Null.INSTANCE)));

    private final BufferAllocator allocator;
    private final Executor streams;
    private final ServerConfig config;
    private final Statements statements;
    private final Ingest ingest;
    private final Metadata metadata;
    private final Keys keys;
    private final SqlInfos sqlInfos;
    private final RecordBuilderPool builders;
    private final RunningCalls running;
    private final Lenders lenders;

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
            ServerConfig config,
            DuckDbTypes types) {
        lenders = new Lenders(config);
        running = new RunningCalls(pool, config, lenders::databaseFailed);
        this.allocator = allocator;
        this.streams = streams;
        this.config = config;
        statements = new Statements(types);
        ingest = new Ingest(allocator, config.stallTimeout());
        this.builders = builders;
        metadata = new Metadata(builders, types);
        keys = new Keys(builders);
        sqlInfos = new SqlInfos(builders, FORGET_PREPARED_AFTER, config.transactionIdleTimeout());
    }

    // Statements.

    @Override
    public FlightInfo getFlightInfoStatement(
            CommandStatementQuery command, CallContext context, FlightDescriptor descriptor) {
        Query query = new Query(
                SingleStatement.of(command.getQuery()), command.getTransactionId(), Query.NO_PARAMETERS, null, null);
        return flightInfo(context, query, descriptor);
    }

    @Override
    public SchemaResult getSchemaStatement(
            CommandStatementQuery command, CallContext context, FlightDescriptor descriptor) {
        return schema(context, SingleStatement.of(command.getQuery()), command.getTransactionId());
    }

    @Override
    public void getStreamStatement(TicketStatementQuery ticket, CallContext context, ServerStreamListener listener) {
        Caller caller = Caller.of(context);
        ByteString handle = ticket.getStatementHandle();
        RunningCalls.Call call =
                running.begin("query", caller, listener::isCancelled).of(handle);
        try {
            Query query = queries.take(handle, caller.user());
            Lender lender = lenders.of(caller, query.statement(), query.transaction());
            // What was not begun, since no connection was free, may be asked for again by the same ticket.
            Lender orBack = lent -> {
                try {
                    return lender.lend(lent);
                } catch (SQLException | RuntimeException e) {
                    queries.put(handle, caller.user(), query);
                    throw e;
                }
            };
            stream(
                    call.of(query.sql()),
                    listener,
                    client -> new ResultStream(
                                    call, allocator, config, query, orBack, () -> forgetSchema(query, caller), client)
                            .send());
        } catch (Throwable t) {
            call.close();
            throw t;
        }
    }

    @Override
    public Runnable acceptPutStatement(
            CommandStatementUpdate command,
            CallContext context,
            FlightStream stream,
            StreamListener<PutResult> acknowledgements) {
        return () -> update(context, acknowledgements, call -> {
            SingleStatement statement = SingleStatement.of(command.getQuery());
            return update(call, statement, command.getTransactionId(), Query.NO_PARAMETERS);
        });
    }

    @Override
    public Runnable acceptPutStatementBulkIngest(
            CommandStatementIngest command,
            CallContext context,
            FlightStream stream,
            StreamListener<PutResult> acknowledgements) {
        return () -> update(context, acknowledgements, call -> {
            Lender lender = lenders.of(call.caller(), Ingest.asStatement(command), command.getTransactionId());
            if (Lenders.isReadOnly(call.caller())) {
                throw Lenders.refusedToReadOnly(call.caller().user(), "an ingest");
            }
            try (Lent lent = lender.lend(call.of("INGEST INTO " + command.getTable()))) {
                long rows = ingest.run(call, lent, command, stream);
                lent.succeeded();
                return rows;
            }
        });
    }

    @Override
    public void cancelFlightInfo(
            CancelFlightInfoRequest request, CallContext context, StreamListener<CancelStatus> listener) {
        listener.onNext(cancel(request.getInfo(), Caller.of(context).user()));
        listener.onCompleted();
    }

    /** As clients did it before there was an action of Flight itself for that. */
    @Override
    @SuppressWarnings("deprecation")
    public void cancelQuery(FlightInfo info, CallContext context, StreamListener<CancelResult> listener) {
        listener.onNext(
                CancelResult.valueOf(cancel(info, Caller.of(context).user()).name()));
        listener.onCompleted();
    }

    private CancelStatus cancel(FlightInfo info, User user) {
        CancelStatus status = CancelStatus.NOT_CANCELLABLE;
        for (FlightEndpoint endpoint : info.getEndpoints()) {
            ByteString handle = handleOf(endpoint.getTicket());
            if (queries.remove(handle, user)) {
                status = CancelStatus.CANCELLED;
            } else if (running.cancel(handle, user)) {
                status = CancelStatus.CANCELLING;
            }
        }
        return status;
    }

    /** Empty, which is nobody's, if the ticket is not one of a query. */
    private static ByteString handleOf(Ticket ticket) {
        try {
            Any any = Any.parseFrom(ticket.getBytes());
            return any.is(TicketStatementQuery.class)
                    ? any.unpack(TicketStatementQuery.class).getStatementHandle()
                    : ByteString.EMPTY;
        } catch (InvalidProtocolBufferException e) {
            throw CallStatus.INVALID_ARGUMENT
                    .withDescription("the FlightInfo to cancel has a ticket that is none of this server's")
                    .withCause(e)
                    .toRuntimeException();
        }
    }

    // Prepared statements.

    @Override
    public void createPreparedStatement(
            ActionCreatePreparedStatementRequest request, CallContext context, StreamListener<Result> listener) {
        answer(listener, () -> {
            SingleStatement statement = SingleStatement.of(request.getQuery());
            Statements.Description description = describe(context, statement, request.getTransactionId());
            Query query =
                    new Query(statement, request.getTransactionId(), Query.NO_PARAMETERS, description.schema(), null);
            ActionCreatePreparedStatementResult.Builder result = ActionCreatePreparedStatementResult.newBuilder()
                    .setPreparedStatementHandle(prepared.add(User.of(context), query));
            if (description.returnsRows()) {
                // Unknown types come with the FlightInfo or the stream; clients only ask here whether there are rows.
                Schema schema = description.schema();
                result.setDatasetSchema(serialized(schema == null ? UNKNOWN_COLUMNS : schema));
            }
            if (!description.parameters().getFields().isEmpty()) {
                result.setParameterSchema(serialized(description.parameters()));
            }
            return new Result(Any.pack(result.build()).toByteArray());
        });
    }

    @Override
    public void closePreparedStatement(
            ActionClosePreparedStatementRequest request, CallContext context, StreamListener<Result> listener) {
        boolean unused = prepared.remove(request.getPreparedStatementHandle(), User.of(context));
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
                List<List<@Nullable Object>> rows =
                        inCall("parameters", context, call -> Parameters.read(call, stream, config.stallTimeout()));
                if (rows.isEmpty()) {
                    throw CallStatus.INVALID_ARGUMENT
                            .withDescription("a query takes one row of parameters or more, found none")
                            .toRuntimeException();
                }
                prepared.change(command.getPreparedStatementHandle(), User.of(context), query -> query.with(rows));
                acknowledgements.onCompleted();
            } catch (RuntimeException e) {
                acknowledgements.onError(FlightErrors.forListener(e));
            }
        };
    }

    @Override
    public FlightInfo getFlightInfoPreparedStatement(
            CommandPreparedStatementQuery command, CallContext context, FlightDescriptor descriptor) {
        ByteString handle = command.getPreparedStatementHandle();
        return flightInfo(context, prepared.get(handle, User.of(context)).of(handle), descriptor);
    }

    @Override
    public SchemaResult getSchemaPreparedStatement(
            CommandPreparedStatementQuery command, CallContext context, FlightDescriptor descriptor) {
        Query query = prepared.get(command.getPreparedStatementHandle(), User.of(context));
        return schema(context, query.statement(), query.transaction());
    }

    @Override
    public Runnable acceptPutPreparedStatementUpdate(
            CommandPreparedStatementUpdate command,
            CallContext context,
            FlightStream stream,
            StreamListener<PutResult> acknowledgements) {
        return () -> update(context, acknowledgements, call -> {
            Query query = prepared.get(
                    command.getPreparedStatementHandle(), call.caller().user());
            List<List<@Nullable Object>> rows = Parameters.read(call, stream, config.stallTimeout());
            return update(call, query.statement(), query.transaction(), rows.isEmpty() ? Query.NO_PARAMETERS : rows);
        });
    }

    // Transactions.

    @Override
    public void beginTransaction(
            ActionBeginTransactionRequest request,
            CallContext context,
            StreamListener<ActionBeginTransactionResult> listener) {
        answer(listener, () -> {
            ByteString id = inCall("transaction", context, call -> lenders.begin(call));
            return ActionBeginTransactionResult.newBuilder()
                    .setTransactionId(id)
                    .build();
        });
    }

    @Override
    public void endTransaction(
            ActionEndTransactionRequest request, CallContext context, StreamListener<Result> listener) {
        try {
            ByteString id = request.getTransactionId();
            switch (request.getAction()) {
                case END_TRANSACTION_COMMIT -> {
                    boolean unused = inCall("transaction", context, call -> {
                        lenders.transactions().commit(id, call);
                        return true;
                    });
                }
                case END_TRANSACTION_ROLLBACK -> lenders.transactions().rollBack(id, User.of(context));
                case END_TRANSACTION_UNSPECIFIED, UNRECOGNIZED ->
                    throw CallStatus.INVALID_ARGUMENT
                            .withDescription("EndTransaction says neither COMMIT nor ROLLBACK")
                            .toRuntimeException();
            }
            listener.onCompleted();
        } catch (RuntimeException e) {
            listener.onError(FlightErrors.forListener(e));
        }
    }

    @Override
    public void beginSavepoint(
            ActionBeginSavepointRequest request,
            CallContext context,
            StreamListener<ActionBeginSavepointResult> listener) {
        listener.onError(noSavepoints());
    }

    @Override
    public void endSavepoint(ActionEndSavepointRequest request, CallContext context, StreamListener<Result> listener) {
        listener.onError(noSavepoints());
    }

    private static FlightRuntimeException noSavepoints() {
        return CallStatus.UNIMPLEMENTED
                .withDescription(
                        "DuckDB has no savepoints: use a transaction of its own for what is to be undone alone")
                .toRuntimeException();
    }

    // Sessions.

    @Override
    public void setSessionOptions(
            SetSessionOptionsRequest request, CallContext context, StreamListener<SetSessionOptionsResult> listener) {
        answer(
                listener,
                () -> inCall(
                        "session",
                        context,
                        call -> new SetSessionOptionsResult(lenders.setOptions(call, request.getSessionOptions()))));
    }

    @Override
    public void getSessionOptions(
            GetSessionOptionsRequest request, CallContext context, StreamListener<GetSessionOptionsResult> listener) {
        answer(
                listener,
                () -> new GetSessionOptionsResult(
                        lenders.options(Caller.of(context)).asValues()));
    }

    @Override
    public void closeSession(
            CloseSessionRequest request, CallContext context, StreamListener<CloseSessionResult> listener) {
        boolean closed = lenders.closeSession(Caller.of(context));
        listener.onNext(new CloseSessionResult(
                closed ? CloseSessionResult.Status.CLOSED : CloseSessionResult.Status.NOT_CLOSABLE));
        listener.onCompleted();
    }

    // Metadata.

    @Override
    public void getStreamSqlInfo(CommandGetSqlInfo command, CallContext context, ServerStreamListener listener) {
        send(context, listener, (call, client) -> sqlInfos.send(call, command.getInfoList(), client));
    }

    @Override
    public void getStreamTypeInfo(CommandGetXdbcTypeInfo command, CallContext context, ServerStreamListener listener) {
        send(context, listener, (call, client) -> XdbcType.send(command, builders, client));
    }

    @Override
    public void getStreamCatalogs(CallContext context, ServerStreamListener listener) {
        send(context, listener, (call, client) -> metadata.sendCatalogs(call, client));
    }

    @Override
    public void getStreamSchemas(CommandGetDbSchemas command, CallContext context, ServerStreamListener listener) {
        send(context, listener, (call, client) -> metadata.sendSchemas(call, command, client));
    }

    @Override
    public void getStreamTables(CommandGetTables command, CallContext context, ServerStreamListener listener) {
        send(context, listener, (call, client) -> metadata.sendTables(call, command, client));
    }

    @Override
    public void getStreamTableTypes(CallContext context, ServerStreamListener listener) {
        send(context, listener, (call, client) -> metadata.sendTableTypes(client));
    }

    @Override
    public void getStreamPrimaryKeys(
            CommandGetPrimaryKeys command, CallContext context, ServerStreamListener listener) {
        send(context, listener, (call, client) -> keys.sendPrimary(call, command, client));
    }

    @Override
    public void getStreamExportedKeys(
            CommandGetExportedKeys command, CallContext context, ServerStreamListener listener) {
        send(context, listener, (call, client) -> keys.sendExported(call, command, client));
    }

    @Override
    public void getStreamImportedKeys(
            CommandGetImportedKeys command, CallContext context, ServerStreamListener listener) {
        send(context, listener, (call, client) -> keys.sendImported(call, command, client));
    }

    @Override
    public void getStreamCrossReference(
            CommandGetCrossReference command, CallContext context, ServerStreamListener listener) {
        send(context, listener, (call, client) -> keys.sendCrossReference(call, command, client));
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
        List<String> left = running.stop(bound);
        lenders.close();
        return left;
    }

    List<RunningStatement> running() {
        return running.list();
    }

    // What they share.

    private FlightInfo flightInfo(CallContext context, Query query, FlightDescriptor descriptor) {
        Schema known = query.schema();
        Schema schema = known != null
                ? known
                : describe(context, query.statement(), query.transaction()).schema();
        ByteString handle = queries.add(User.of(context), query.with(schema));
        TicketStatementQuery ticket =
                TicketStatementQuery.newBuilder().setStatementHandle(handle).build();
        return FlightInfo.builder(schema, descriptor, endpoints(ticket)).build();
    }

    /** So that a prepared statement is described anew whose columns have changed. */
    private void forgetSchema(Query query, Caller caller) {
        ByteString handle = query.prepared();
        if (handle != null) {
            prepared.changeIfThere(handle, caller.user(), changed -> changed.with((Schema) null));
        }
    }

    private SchemaResult schema(CallContext context, SingleStatement statement, ByteString transaction) {
        Schema schema = describe(context, statement, transaction).schema();
        return new SchemaResult(schema == null ? new Schema(List.of()) : schema);
    }

    /** Without a location: the client comes back to where it asked. */
    private static List<FlightEndpoint> endpoints(Message ticket) {
        return List.of(new FlightEndpoint(new Ticket(Any.pack(ticket).toByteArray())));
    }

    private Statements.Description describe(CallContext context, SingleStatement statement, ByteString transaction) {
        return inCall("description", context, call -> describe(call.of(statement.text()), statement, transaction));
    }

    /** Refuses what its caller may not run. */
    private Statements.Description describe(RunningCalls.Call call, SingleStatement statement, ByteString transaction)
            throws SQLException {
        // Nothing is run, so there is nothing to keep a connection for.
        Lender lender = lenders.of(call.caller(), statement.described(), transaction);
        Statements.Description description = statements.describe(call, lender, statement.text());
        if (Lenders.isReadOnly(call.caller()) && !description.returnsRows()) {
            throw Lenders.refusedToReadOnly(call.caller().user(), statement.verb());
        }
        return description;
    }

    private long update(
            RunningCalls.Call call,
            SingleStatement statement,
            ByteString transaction,
            List<List<@Nullable Object>> rows)
            throws SQLException {
        if (Lenders.isReadOnly(call.caller())) {
            Statements.Description unused = describe(call, statement, transaction);
        }
        Lender lender = lenders.of(call.caller(), statement, transaction);
        return statements.update(call.of(statement.text()), lender, statement.text(), rows);
    }

    private interface SqlWork<T> {
        T run(RunningCalls.Call call) throws SQLException;
    }

    private interface SqlSend {
        void run(RunningCalls.Call call, ClientStream client) throws SQLException;
    }

    /** Throws nothing but what a client is to be told. */
    private <T> T inCall(String kind, CallContext context, SqlWork<T> work) {
        try (RunningCalls.Call call = running.begin(kind, Caller.of(context), context::isCancelled)) {
            try {
                return work.run(call);
            } catch (SQLException | RuntimeException e) {
                throw call.failed(e);
            }
        }
    }

    private static <T> void answer(StreamListener<T> listener, Supplier<T> answer) {
        T value;
        try {
            value = answer.get();
        } catch (RuntimeException e) {
            listener.onError(FlightErrors.forListener(e));
            return;
        }
        listener.onNext(value);
        listener.onCompleted();
    }

    private void send(CallContext context, ServerStreamListener listener, SqlSend work) {
        Caller caller = Caller.of(context);
        RunningCalls.Call call = running.begin("list", caller, listener::isCancelled);
        try {
            Lender lender = lenders.of(caller);
            stream(call, listener, client -> work.run(call.on(lender), client));
        } catch (Throwable t) {
            call.close();
            throw t;
        }
    }

    /** On a thread that may wait for the client. */
    private void stream(RunningCalls.Call call, ServerStreamListener listener, ClientStream.Work work) {
        ClientStream client = new ClientStream(call, listener, config.stallTimeout());
        try {
            streams.execute(() -> client.run(work));
        } catch (RejectedExecutionException e) {
            throw CallStatus.UNAVAILABLE
                    .withDescription("the server is being closed")
                    .toRuntimeException();
        }
    }

    private void update(CallContext context, StreamListener<PutResult> acknowledgements, SqlWork<Long> update) {
        try {
            acknowledge(acknowledgements, inCall("update", context, update));
        } catch (RuntimeException e) {
            if (!context.isCancelled()) {
                acknowledgements.onError(FlightErrors.forListener(e));
            }
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

    private static ByteString serialized(Schema schema) {
        return ByteString.copyFrom(schema.serializeAsMessage());
    }
}

package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.hatch.server.RawCalls.Method;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.arrow.flight.Action;
import org.apache.arrow.flight.impl.Flight;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionCreatePreparedStatementRequest;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionCreatePreparedStatementResult;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandPreparedStatementQuery;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementQuery;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementUpdate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a call ends with that is malformed, whichever method it is of. */
class RequestGuardTest {
    private static final int MAX_MESSAGE = 1 << 20;
    private static final byte[] NOISE = {-1, -1, -1, -1};

    private TestServer server;
    private TestServer.Client client;

    @BeforeEach
    void start() {
        server = TestServer.start(TestServer.config(":memory:", 0, 2, ServerConfig.DEFAULT_BATCH_ROWS)
                .maxMessageBytes(MAX_MESSAGE));
        client = server.client();
    }

    @AfterEach
    void nothingIsLeft() {
        client.close();
        server.close();
    }

    private void refused(Status status, Status.Code code, String why) {
        assertThat(status.getCode()).as("%s", status).isEqualTo(code);
        assertThat(status.getDescription()).contains(why);
    }

    private void refused(Method method, byte[] message, String why) throws Exception {
        refused(RawCalls.send(client.channel, method, message), Status.Code.INVALID_ARGUMENT, why);
    }

    private ByteString prepared(String sql) throws Exception {
        byte[] request = Any.pack(ActionCreatePreparedStatementRequest.newBuilder()
                        .setQuery(sql)
                        .build())
                .toByteArray();
        byte[] result = client.flight
                .doAction(new Action("CreatePreparedStatement", request))
                .next()
                .getBody();
        return Any.parseFrom(result)
                .unpack(ActionCreatePreparedStatementResult.class)
                .getPreparedStatementHandle();
    }

    private static ByteString command(String update) {
        return Any.pack(CommandStatementUpdate.newBuilder().setQuery(update).build())
                .toByteString();
    }

    @Test
    void a_message_that_is_no_protobuf_is_refused() throws Exception {
        for (Method method :
                new Method[] {Method.DO_GET, Method.DO_PUT, Method.DO_ACTION, Method.GET_FLIGHT_INFO, Method.HANDSHAKE
                }) {
            Status status = RawCalls.send(client.channel, method, NOISE);
            assertThat(status.getCode()).as("%s: %s", method, status).isEqualTo(Status.Code.INVALID_ARGUMENT);
        }
    }

    @Test
    void a_call_that_ends_without_a_message_is_refused() throws Exception {
        for (Method method : new Method[] {Method.DO_GET, Method.DO_PUT, Method.DO_ACTION, Method.GET_FLIGHT_INFO}) {
            refused(RawCalls.send(client.channel, method), Status.Code.INVALID_ARGUMENT, "without a message");
        }
    }

    @Test
    void a_second_request_is_refused() throws Exception {
        byte[] info = UploadBytes.descriptor(Any.pack(CommandStatementQuery.newBuilder()
                                .setQuery("SELECT 1")
                                .build())
                        .toByteString())
                .toByteArray();
        refused(
                RawCalls.send(client.channel, Method.GET_FLIGHT_INFO, info, info),
                Status.Code.INVALID_ARGUMENT,
                "more than 1 message");
    }

    @Test
    void a_ticket_and_a_command_that_are_none_of_flight_sql_are_refused() throws Exception {
        ByteString nonsense = ByteString.copyFromUtf8("nonsense");
        refused(
                Method.DO_GET,
                Flight.Ticket.newBuilder().setTicket(nonsense).build().toByteArray(),
                "the ticket is not of Flight SQL");
        refused(
                Method.GET_FLIGHT_INFO,
                UploadBytes.descriptor(nonsense).toByteArray(),
                "the command is not of Flight SQL");
        Flight.FlightDescriptor path = Flight.FlightDescriptor.newBuilder()
                .setType(Flight.FlightDescriptor.DescriptorType.PATH)
                .addPath("t")
                .build();
        refused(Method.GET_FLIGHT_INFO, path.toByteArray(), "send a Flight SQL command");
    }

    @Test
    void a_schema_in_an_action_that_lies_about_its_length_is_refused() throws Exception {
        ByteBuffer schema = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        schema.putInt(-1).putInt(Integer.MAX_VALUE - 8);
        Flight.CancelFlightInfoRequest cancel = Flight.CancelFlightInfoRequest.newBuilder()
                .setInfo(Flight.FlightInfo.newBuilder().setSchema(ByteString.copyFrom(schema.array())))
                .build();
        Flight.Action action = Flight.Action.newBuilder()
                .setType("CancelFlightInfo")
                .setBody(cancel.toByteString())
                .build();
        refused(Method.DO_ACTION, action.toByteArray(), "a schema of 2147483639 bytes cannot be in 16 bytes");
    }

    @Test
    void a_handshake_that_says_too_much_is_refused() throws Exception {
        Flight.HandshakeRequest handshake = Flight.HandshakeRequest.newBuilder()
                .setPayload(ByteString.copyFrom(new byte[100_000]))
                .build();
        refused(Method.HANDSHAKE, handshake.toByteArray(), "a handshake of 100000 bytes");
    }

    @Test
    void a_handshake_without_a_message_is_answered() throws Exception {
        assertThat(RawCalls.send(client.channel, Method.HANDSHAKE).getCode()).isEqualTo(Status.Code.OK);
    }

    @Test
    void an_exchange_is_refused_before_it_says_anything() throws Exception {
        refused(
                RawCalls.open(client.channel, Method.DO_EXCHANGE, CallOptions.DEFAULT)
                        .status(),
                Status.Code.UNIMPLEMENTED,
                "there is no exchange");
    }

    @Test
    void a_message_above_the_bound_is_refused() throws Exception {
        byte[] info = UploadBytes.descriptor(command("-".repeat(MAX_MESSAGE))).toByteArray();
        refused(
                RawCalls.send(client.channel, Method.GET_FLIGHT_INFO, info),
                Status.Code.RESOURCE_EXHAUSTED,
                "exceeds maximum size");
    }

    @Test
    void compressed_messages_are_refused_as_a_few_bytes_may_be_many() throws Exception {
        RawCalls.Open open =
                RawCalls.open(client.channel, Method.GET_FLIGHT_INFO, CallOptions.DEFAULT.withCompression("gzip"));
        open.call().sendMessage(new byte[1_000]);
        open.call().halfClose();
        refused(open.status(), Status.Code.UNIMPLEMENTED, "gzip");
    }

    @Test
    void an_upload_whose_batch_comes_before_its_schema_ends_at_once() throws Exception {
        RawCalls.Open open = RawCalls.open(client.channel, Method.DO_PUT, CallOptions.DEFAULT);
        open.call().sendMessage(UploadBytes.numbersAndTextBatch(3).message(command("SELECT 1")));
        refused(open.status(), Status.Code.INVALID_ARGUMENT, "before the schema");
    }

    @Test
    void an_upload_that_is_refused_midway_frees_what_it_sent() throws Exception {
        ByteString command = Any.pack(CommandPreparedStatementQuery.newBuilder()
                        .setPreparedStatementHandle(prepared("SELECT ?::INTEGER, ?::VARCHAR"))
                        .build())
                .toByteString();
        RawCalls.Open open = RawCalls.open(client.channel, Method.DO_PUT, CallOptions.DEFAULT);
        open.call().sendMessage(UploadBytes.schema(UploadBytes.numbersAndText()).message(command));
        open.call().sendMessage(UploadBytes.numbersAndTextBatch(1).message());
        open.call().sendMessage(NOISE);
        refused(open.status(), Status.Code.INVALID_ARGUMENT, "malformed FlightData");
        server.awaitIdle();
    }

    @Test
    void an_upload_that_is_abandoned_frees_what_it_sent() throws Exception {
        ByteString command = Any.pack(CommandPreparedStatementQuery.newBuilder()
                        .setPreparedStatementHandle(prepared("SELECT ?::INTEGER, ?::VARCHAR"))
                        .build())
                .toByteString();
        RawCalls.Open open = RawCalls.open(client.channel, Method.DO_PUT, CallOptions.DEFAULT);
        open.call().sendMessage(UploadBytes.schema(UploadBytes.numbersAndText()).message(command));
        open.call().sendMessage(UploadBytes.numbersAndTextBatch(1_000).message());
        await().until(() -> server.hatch().allocatedBytes() > 0);
        open.call().cancel("abandoned", new StatusException(Status.CANCELLED));
        server.awaitIdle();
    }

    @Test
    void an_upload_that_nobody_reads_stays_small() throws Exception {
        server.execute("CREATE TABLE t AS SELECT range x FROM range(3000)");
        UploadBytes.Part batch = UploadBytes.numbersAndTextBatch(10_000);
        RawCalls.Open open = RawCalls.open(client.channel, Method.DO_PUT, CallOptions.DEFAULT);
        // It works for a while, and has no use for the batches.
        ByteString command =
                command("UPDATE t SET x = (SELECT count(*) FROM t a, t b, t c WHERE a.x + b.x + c.x = t.x)");
        open.call().sendMessage(UploadBytes.schema(UploadBytes.numbersAndText()).message(command));
        for (int i = 0; i < 50; i++) {
            open.call().sendMessage(batch.message());
        }
        await().until(() -> server.hatch().allocatedBytes() > batch.body().length);
        open.call().cancel("enough", new StatusException(Status.CANCELLED));
        server.awaitIdle();
        assertThat(server.hatch().peakBytes()).isLessThan(4L * batch.body().length);
    }

    @Test
    void parameters_whose_offsets_point_elsewhere_are_refused() throws Exception {
        ByteString command = Any.pack(CommandPreparedStatementQuery.newBuilder()
                        .setPreparedStatementHandle(prepared("SELECT ?::INTEGER, ?::VARCHAR"))
                        .build())
                .toByteString();
        UploadBytes.Part batch = UploadBytes.numbersAndTextBatch(1);
        byte[] body = batch.body().clone();
        byte[] text = "row 0".getBytes(StandardCharsets.UTF_8);
        int data = body.length - 8;
        assertThat(Arrays.copyOfRange(body, data, data + text.length)).isEqualTo(text);
        // The offset that ends the text.
        body[data - 4 + 3] = 100;
        body[data - 4] = 100;
        Status status = RawCalls.send(
                client.channel,
                Method.DO_PUT,
                UploadBytes.schema(UploadBytes.numbersAndText()).message(command),
                batch.withBody(body).message());
        refused(status, Status.Code.INVALID_ARGUMENT, "an offset is beyond its data");
    }
}

package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.hatch.server.RawCalls.Method;
import io.grpc.Status;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Scanner;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.flight.Action;
import org.apache.arrow.flight.Result;
import org.apache.arrow.flight.impl.Flight;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionCancelQueryRequest;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionClosePreparedStatementRequest;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionCreatePreparedStatementRequest;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionCreatePreparedStatementResult;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetCatalogs;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetDbSchemas;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetSqlInfo;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetTables;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandPreparedStatementQuery;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandPreparedStatementUpdate;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementQuery;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementUpdate;
import org.apache.arrow.flight.sql.impl.FlightSql.TicketStatementQuery;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Requests that lie, at a server with little memory in a JVM of its own. They are generated from a seed, which a failure
 * tells; {@code -Dtest.seed=…} repeats it.
 */
class MalformedTest {
    private static final int AT_ONCE = 16;
    private static final long MAX_PEAK = 64L << 20;

    /** What a client may be told; anything else is the server's fault. */
    private static final Set<Status.Code> REFUSALS = EnumSet.of(
            Status.Code.OK,
            Status.Code.CANCELLED,
            Status.Code.INVALID_ARGUMENT,
            Status.Code.NOT_FOUND,
            Status.Code.RESOURCE_EXHAUSTED,
            Status.Code.UNAUTHENTICATED,
            Status.Code.UNIMPLEMENTED);

    private static final long[] LIES = {
        0,
        1,
        -1,
        2,
        7,
        64,
        65_535,
        1 << 20,
        1 << 28,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        Integer.MAX_VALUE - 7,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };

    @TempDir
    Path folder;

    private final long seed = Long.getLong("test.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @Test
    void three_hundred_malformed_requests_for_each_method_leave_nothing_behind() throws Exception {
        send(300);
    }

    @Test
    @Tag("full")
    void ten_thousand_malformed_requests_for_each_method_leave_nothing_behind() throws Exception {
        send(10_000);
    }

    @SuppressWarnings("try") // The server ends when its input is closed, which is before the end of the block.
    private void send(int each) throws Exception {
        Path err = folder.resolve("err");
        Process process =
                new ProcessBuilder(command()).redirectError(err.toFile()).start();
        try (BufferedReader out = process.inputReader();
                PrintStream in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8)) {
            int port = Integer.parseInt(out.readLine());
            Map<String, Map<Status.Code, Integer>> outcomes = new TreeMap<>();
            try (TestServer.Client client = new TestServer.Client(port)) {
                Requests requests = new Requests(client);
                for (Method method : Method.values()) {
                    Map<Status.Code, Integer> outcome = new TreeMap<>(flood(client, method, requests, each));
                    outcomes.put(method.name(), outcome);
                    System.out.println("seed " + seed + ": " + each + " " + method + ": " + outcome);
                }
            }
            try (TestServer.Client client = new TestServer.Client(port)) {
                assertThat(client.count("SELECT * FROM range(1000)")).isEqualTo(1_000);
            }
            long[] stats = new long[3];
            await().pollInterval(Duration.ofMillis(20)).atMost(TestServer.SOON).untilAsserted(() -> {
                in.println("stats");
                String line = out.readLine();
                Scanner numbers = new Scanner(line);
                Arrays.setAll(stats, i -> numbers.nextLong());
                assertThat(stats[0]).as("leases out after seed %d", seed).isZero();
                assertThat(stats[1]).as("Arrow bytes left after seed %d", seed).isZero();
            });
            System.out.println("seed " + seed + ": peak of Arrow memory " + stats[2] + " bytes");
            for (Map.Entry<String, Map<Status.Code, Integer>> outcome : outcomes.entrySet()) {
                assertThat(outcome.getValue().keySet())
                        .as("%s of seed %d: %s", outcome.getKey(), seed, outcome.getValue())
                        .isSubsetOf(REFUSALS);
            }
            assertThat(stats[2]).as("peak of Arrow memory after seed %d", seed).isLessThanOrEqualTo(MAX_PEAK);
            in.close();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as("exit after seed %d", seed).isZero();
            assertThat(Files.readAllLines(err))
                    .as("the log after seed %d", seed)
                    .hasSizeLessThan(10)
                    .noneMatch(line -> line.contains("WARNING") || line.contains("SEVERE"));
        } finally {
            process.destroyForcibly();
            System.out.println(tail(err));
        }
    }

    private static String tail(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        return lines.size() + " lines of log\n" + String.join("\n", lines.subList(0, Math.min(60, lines.size())));
    }

    private static List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.startsWith("--") || flag.contains("Unrecognized"))
                .forEach(command::add);
        command.addAll(List.of("-Xmx256m", "-XX:MaxDirectMemorySize=256m"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), MalformedTest.class.getName()));
        return command;
    }

    /** The server: says its port, then for each line that it reads what it holds, and closes at the end of them. */
    public static void main(String[] args) throws Exception {
        HatchServer server = HatchServer.start(TestServer.config(":memory:", 0, 4, ServerConfig.DEFAULT_BATCH_ROWS)
                .build());
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE t (i INTEGER, s VARCHAR)");
        }
        System.out.println(server.port());
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (in.readLine() != null) {
            System.out.println(
                    server.pool().stats().inUse() + " " + server.allocatedBytes() + " " + server.peakBytes());
        }
        server.close();
        System.exit(0);
    }

    private Map<Status.Code, Integer> flood(TestServer.Client client, Method method, Requests requests, int count)
            throws Exception {
        Map<Status.Code, Integer> outcomes = new ConcurrentHashMap<>();
        Map<Status.Code, Status> examples = new ConcurrentHashMap<>();
        Semaphore room = new Semaphore(AT_ONCE);
        for (int i = 0; i < count; i++) {
            List<byte[]> messages = requests.next(method);
            boolean isAbandoned = random.nextInt(20) == 0;
            assertThat(room.tryAcquire(RawCalls.DEADLINE_SECONDS + 30, TimeUnit.SECONDS))
                    .isTrue();
            CompletableFuture<Status> unused = RawCalls.send(client.channel, method, messages, isAbandoned)
                    .whenComplete((status, failure) -> {
                        outcomes.merge(status.getCode(), 1, Integer::sum);
                        examples.putIfAbsent(status.getCode(), status);
                        room.release();
                    });
        }
        assertThat(room.tryAcquire(AT_ONCE, RawCalls.DEADLINE_SECONDS + 30, TimeUnit.SECONDS))
                .isTrue();
        examples.forEach((code, status) -> {
            if (!REFUSALS.contains(code)) {
                System.out.println("seed " + seed + ": " + method + " gave " + status);
            }
        });
        return outcomes;
    }

    /** Makes requests, of which most are valid but for one thing. */
    private final class Requests {
        private final List<ByteString> commands;
        private final List<ByteString> uploads;
        private final List<Flight.Action> actions;
        private final UploadBytes.Part numbers = UploadBytes.schema(UploadBytes.numbersAndText());
        private final UploadBytes.Part numbersBatch = UploadBytes.numbersAndTextBatch(3);
        private final UploadBytes.Part oneRow = UploadBytes.numbersAndTextBatch(1);
        private final UploadBytes.Part nested = UploadBytes.schema(UploadBytes.nested());
        private final UploadBytes.Part dictionary = UploadBytes.dictionary();
        private final UploadBytes.Part nestedBatch = UploadBytes.nestedBatch(5);

        @SuppressWarnings("deprecation") // Of the query's cancellation.
        Requests(TestServer.Client client) throws Exception {
            ByteString update = prepare(client, "DELETE FROM t WHERE i = ? AND s = ?");
            ByteString query = prepare(client, "SELECT ?::INTEGER, ?::VARCHAR");
            commands = List.of(
                    any(CommandStatementQuery.newBuilder().setQuery("SELECT 42").build()),
                    any(CommandPreparedStatementQuery.newBuilder()
                            .setPreparedStatementHandle(query)
                            .build()),
                    any(CommandGetCatalogs.getDefaultInstance()),
                    any(CommandGetDbSchemas.newBuilder().setCatalog("memory").build()),
                    any(CommandGetTables.newBuilder().setIncludeSchema(true).build()),
                    any(CommandGetSqlInfo.newBuilder().addInfo(1).build()),
                    any(TicketStatementQuery.newBuilder()
                            .setStatementHandle(ByteString.copyFromUtf8("sixteen bytes..."))
                            .build()));
            uploads = List.of(
                    any(CommandPreparedStatementUpdate.newBuilder()
                            .setPreparedStatementHandle(update)
                            .build()),
                    any(CommandPreparedStatementQuery.newBuilder()
                            .setPreparedStatementHandle(query)
                            .build()),
                    any(CommandStatementUpdate.newBuilder().setQuery("SELECT 1").build()),
                    any(CommandStatementIngest.newBuilder()
                            .setTable("malformed")
                            .setTemporary(true)
                            .build()));
            ByteString info = Flight.FlightInfo.newBuilder()
                    .setSchema(encapsulated(numbers.header()))
                    .setFlightDescriptor(UploadBytes.descriptor(commands.get(0)))
                    .build()
                    .toByteString();
            actions = List.of(
                    action(
                            "CreatePreparedStatement",
                            any(ActionCreatePreparedStatementRequest.newBuilder()
                                    .setQuery("SELECT 1")
                                    .build())),
                    action(
                            "ClosePreparedStatement",
                            any(ActionClosePreparedStatementRequest.newBuilder()
                                    .setPreparedStatementHandle(ByteString.copyFromUtf8("none"))
                                    .build())),
                    action(
                            "CancelQuery",
                            any(ActionCancelQueryRequest.newBuilder()
                                    .setInfo(info)
                                    .build())),
                    action(
                            "CancelFlightInfo",
                            Flight.CancelFlightInfoRequest.newBuilder()
                                    .setInfo(Flight.FlightInfo.parseFrom(info))
                                    .build()
                                    .toByteString()),
                    action(
                            "RenewFlightEndpoint",
                            Flight.RenewFlightEndpointRequest.newBuilder()
                                    .setEndpoint(Flight.FlightEndpoint.newBuilder()
                                            .addLocation(
                                                    Flight.Location.newBuilder().setUri("grpc://x:1")))
                                    .build()
                                    .toByteString()),
                    action(
                            "SetSessionOptions",
                            Flight.SetSessionOptionsRequest.newBuilder()
                                    .putSessionOptions(
                                            "a",
                                            Flight.SessionOptionValue.newBuilder()
                                                    .setInt64Value(1)
                                                    .build())
                                    .build()
                                    .toByteString()),
                    action("GetSessionOptions", ByteString.EMPTY),
                    action("CloseSession", ByteString.EMPTY),
                    action("BeginTransaction", any(CommandGetCatalogs.getDefaultInstance())));
        }

        private ByteString encapsulated(byte[] header) {
            ByteBuffer bytes = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
            return ByteString.copyFrom(
                    bytes.putInt(-1).putInt(header.length).put(header).flip());
        }

        private ByteString prepare(TestServer.Client client, String sql) throws Exception {
            ByteString request = any(ActionCreatePreparedStatementRequest.newBuilder()
                    .setQuery(sql)
                    .build());
            Result result = client.flight
                    .doAction(new Action("CreatePreparedStatement", request.toByteArray()))
                    .next();
            return Any.parseFrom(result.getBody())
                    .unpack(ActionCreatePreparedStatementResult.class)
                    .getPreparedStatementHandle();
        }

        private Flight.Action action(String type, ByteString body) {
            return Flight.Action.newBuilder().setType(type).setBody(body).build();
        }

        private ByteString any(Message message) {
            return Any.pack(message).toByteString();
        }

        List<byte[]> next(Method method) {
            List<byte[]> messages = new ArrayList<>(valid(method));
            if (random.nextInt(10) > 0) {
                int which = random.nextInt(messages.size());
                messages.set(which, mutated(messages.get(which)));
            }
            if (random.nextInt(20) == 0) {
                messages.add(noise(random.nextInt(200)));
            }
            return messages;
        }

        private List<byte[]> valid(Method method) {
            return switch (method) {
                case DO_GET ->
                    List.of(Flight.Ticket.newBuilder()
                            .setTicket(mutatedAtTimes(one(commands)))
                            .build()
                            .toByteArray());
                case GET_FLIGHT_INFO -> List.of(info());
                case DO_ACTION -> {
                    Flight.Action action = one(actions);
                    yield List.of(action.toBuilder()
                            .setBody(mutatedAtTimes(action.getBody()))
                            .build()
                            .toByteArray());
                }
                case HANDSHAKE ->
                    Collections.nCopies(
                            1 + random.nextInt(3),
                            Flight.HandshakeRequest.newBuilder()
                                    .setProtocolVersion(random.nextLong())
                                    .setPayload(ByteString.copyFrom(noise(random.nextInt(10) == 0 ? 200_000 : 100)))
                                    .build()
                                    .toByteArray());
                case DO_PUT, DO_EXCHANGE -> upload();
            };
        }

        private byte[] info() {
            Flight.FlightDescriptor descriptor = UploadBytes.descriptor(mutatedAtTimes(one(commands)));
            if (random.nextInt(10) == 0) {
                descriptor = descriptor.toBuilder()
                        .setTypeValue(random.nextInt(5))
                        .addPath("a path")
                        .build();
            }
            return descriptor.toByteArray();
        }

        private List<byte[]> upload() {
            List<UploadBytes.Part> parts = new ArrayList<>(
                    switch (random.nextInt(3)) {
                        case 0 -> List.of(numbers, oneRow);
                        case 1 -> List.of(numbers, numbersBatch, numbersBatch);
                        default -> List.of(nested, dictionary, nestedBatch);
                    });
            int which = random.nextInt(parts.size());
            UploadBytes.Part part = parts.get(which);
            switch (random.nextInt(8)) {
                case 0, 1, 2, 3 -> parts.set(which, new UploadBytes.Part(mutated(part.header()), part.body()));
                case 4 -> parts.set(which, part.withBody(part.body() == null ? noise(64) : mutated(part.body())));
                case 5 -> Collections.shuffle(parts, random);
                case 6 -> parts.add(which, parts.get(random.nextInt(parts.size())));
                default -> parts.remove(which);
            }
            List<byte[]> messages = new ArrayList<>();
            ByteString command = mutatedAtTimes(one(uploads));
            for (UploadBytes.Part each : parts) {
                messages.add(messages.isEmpty() && random.nextInt(20) > 0 ? each.message(command) : each.message());
            }
            return messages;
        }

        private <T> T one(List<T> of) {
            return of.get(random.nextInt(of.size()));
        }

        private ByteString mutatedAtTimes(ByteString bytes) {
            return random.nextBoolean() ? bytes : ByteString.copyFrom(mutated(bytes.toByteArray()));
        }

        private byte[] noise(int length) {
            byte[] noise = new byte[length];
            random.nextBytes(noise);
            return noise;
        }

        private byte[] mutated(byte[] bytes) {
            if (bytes.length == 0) {
                return noise(1 + random.nextInt(50));
            }
            byte[] changed = bytes.clone();
            ByteBuffer buffer = ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN);
            switch (random.nextInt(8)) {
                case 0 -> {
                    for (int flips = 1 + random.nextInt(8); flips > 0; flips--) {
                        changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
                    }
                }
                case 1 -> changed = Arrays.copyOf(bytes, random.nextInt(bytes.length));
                case 2, 3 -> {
                    if (changed.length >= 4) {
                        buffer.putInt(random.nextInt(changed.length / 4) * 4, (int) lie());
                    }
                }
                case 4, 5 -> {
                    if (changed.length >= 8) {
                        buffer.putLong(random.nextInt((changed.length - 4) / 4) * 4, lie());
                    }
                }
                case 6 -> {
                    // The varint of a length becomes one of 2 GiB; or the message is there twice.
                    int at = random.nextInt(changed.length);
                    byte[] inserted = random.nextBoolean() ? new byte[] {-1, -1, -1, -1, 7} : bytes;
                    changed = Arrays.copyOf(bytes, bytes.length + inserted.length);
                    System.arraycopy(bytes, at, changed, at + inserted.length, bytes.length - at);
                    System.arraycopy(inserted, 0, changed, at, inserted.length);
                }
                default -> changed = noise(random.nextInt(500));
            }
            return changed;
        }

        private long lie() {
            return random.nextInt(4) == 0 ? random.nextLong() : LIES[random.nextInt(LIES.length)];
        }
    }
}

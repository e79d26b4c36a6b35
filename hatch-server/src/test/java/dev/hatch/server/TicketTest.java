package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.flight.sql.impl.FlightSql.TicketStatementQuery;
import org.apache.arrow.vector.BigIntVector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // FlightStream.close may be interrupted.
class TicketTest {
    private TestServer server;
    private TestServer.Client client;

    @BeforeEach
    void start() {
        server = TestServer.start();
        server.execute("CREATE TABLE t (x INTEGER)");
        client = server.client();
    }

    @AfterEach
    void nothing_is_left() throws Exception {
        client.close();
        server.close();
    }

    @Test
    void a_ticket_is_good_for_one_get() throws Exception {
        FlightInfo info = client.sql.execute("SELECT 1");
        assertThat(rows(info)).isOne();
        assertThat(failure(info).status().code()).isEqualTo(FlightStatusCode.NOT_FOUND);
    }

    @Test
    void nothing_is_run_and_no_connection_is_held_until_the_get() throws Exception {
        FlightInfo info = client.sql.execute("INSERT INTO t VALUES (1), (2)");
        assertThat(server.inUse()).isZero();
        assertThat(server.number("SELECT count(*) FROM t")).isZero();
        try (FlightStream stream = client.stream(info)) {
            assertThat(stream.next()).isTrue();
            assertThat(((BigIntVector) stream.getRoot().getVector("Count")).get(0))
                    .isEqualTo(2);
            assertThat(stream.next()).isFalse();
        }
        assertThat(server.inUse()).isZero();
        assertThat(failure(info)).hasMessageContaining("unknown ticket");
        assertThat(server.number("SELECT count(*) FROM t")).isEqualTo(2);
    }

    @Test
    void of_many_gets_at_once_one_runs_the_statement() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            FlightInfo info = client.sql.execute("INSERT INTO t VALUES (1)");
            CountDownLatch go = new CountDownLatch(1);
            List<Future<Boolean>> outcomes = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                outcomes.add(threads.submit(() -> {
                    go.await();
                    try {
                        return rows(info) == 1;
                    } catch (FlightRuntimeException e) {
                        assertThat(e.status().code()).isEqualTo(FlightStatusCode.NOT_FOUND);
                        return false;
                    }
                }));
            }
            go.countDown();
            int ran = 0;
            for (Future<Boolean> outcome : outcomes) {
                ran += outcome.get(20, TimeUnit.SECONDS) ? 1 : 0;
            }
            assertThat(ran).isOne();
            assertThat(server.number("SELECT count(*) FROM t")).isOne();
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void a_statement_without_rows_or_count_gives_an_empty_result() throws Exception {
        FlightInfo info = client.sql.execute("CREATE TABLE made (x INTEGER)");
        assertThat(info.getSchemaOptional())
                .hasValueSatisfying(s -> assertThat(s.getFields()).isEmpty());
        assertThat(rows(info)).isZero();
        assertThat(server.number("SELECT count(*) FROM made")).isZero();
    }

    @Test
    void a_result_whose_columns_have_changed_since_is_refused() throws Exception {
        FlightInfo info = client.sql.execute("SELECT * FROM t");
        server.execute("ALTER TABLE t ADD COLUMN y VARCHAR");
        FlightRuntimeException failure = failure(info);
        assertThat(failure.status().code()).isEqualTo(FlightStatusCode.UNAVAILABLE);
        assertThat(failure).hasMessageContaining("send the query again");
        assertThat(rows(client.sql.execute("SELECT * FROM t"))).isZero();
    }

    @Test
    void a_made_up_ticket_is_refused() {
        Ticket unknown = new Ticket(Any.pack(TicketStatementQuery.newBuilder()
                        .setStatementHandle(ByteString.copyFromUtf8("sixteen bytes..."))
                        .build())
                .toByteArray());
        assertThat(failure(unknown).status().code()).isEqualTo(FlightStatusCode.NOT_FOUND);
        Ticket nonsense = new Ticket("nonsense".getBytes(StandardCharsets.UTF_8));
        assertThat(failure(nonsense)).isNotNull();
    }

    private FlightRuntimeException failure(Ticket ticket) {
        return catchThrowableOfType(FlightRuntimeException.class, () -> {
            try (FlightStream stream = client.sql.getStream(ticket)) {
                stream.next();
            }
        });
    }

    private long rows(FlightInfo info) throws Exception {
        long rows = 0;
        try (FlightStream stream = client.stream(info)) {
            while (stream.next()) {
                rows += stream.getRoot().getRowCount();
            }
        }
        return rows;
    }

    private FlightRuntimeException failure(FlightInfo info) {
        FlightRuntimeException failure = catchThrowableOfType(FlightRuntimeException.class, () -> rows(info));
        assertThat(failure).isNotNull();
        return failure;
    }
}

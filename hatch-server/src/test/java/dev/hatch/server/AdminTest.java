package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.apache.arrow.flight.FlightStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("try") // FlightStream.close may be interrupted.
class AdminTest {
    private static final String ENDLESS = "SELECT range AS a FROM range(100_000_000_000)";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    private final ExecutorService others = Executors.newCachedThreadPool();
    private TestServer server;
    private TestServer.Client client;
    private String uri;

    @BeforeEach
    void start() {
        server = TestServer.startWithAdmin(2);
        client = server.client();
        uri = server.hatch().adminUri().orElseThrow();
    }

    @AfterEach
    void nothing_is_left() {
        client.close();
        server.close();
        others.shutdownNow();
        await().atMost(TestServer.SOON)
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("hatch-admin-")));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(uri + path)).timeout(Duration.ofSeconds(20));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private HttpResponse<String> get(String path) {
        return send(request(path));
    }

    private JsonNode json(String path) {
        HttpResponse<String> answer = get(path);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        try {
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new AssertionError(answer.body(), e);
        }
    }

    private JsonNode pool() {
        return json("/api/pools").path("pools").path(0);
    }

    private JsonNode statement(String sql) {
        return StreamSupport.stream(json("/api/pools").path("statements").spliterator(), false)
                .filter(one -> one.path("sql").asText().startsWith(sql))
                .findFirst()
                .orElse(JSON.missingNode());
    }

    @Test
    void a_server_without_an_admin_address_has_no_threads_for_it() {
        try (TestServer without = TestServer.start()) {
            assertThat(without.hatch().adminUri()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/,text/html; charset=utf-8,<!doctype html>",
        "/page.css,text/css; charset=utf-8,prefers-color-scheme",
        "/page.js,text/javascript; charset=utf-8,textContent",
        "/uplot.js,text/javascript; charset=utf-8,uPlot",
        "/uplot.css,text/css; charset=utf-8,.uplot",
        "/icon.svg,image/svg+xml,<svg",
        "/health/live,application/json,up",
        "/health/ready,application/json,ready",
        "/api/pools,application/json,inUse",
        "/api/history,application/json,inUse",
        "/metrics,text/plain; version=0.0.4; charset=utf-8,# TYPE db_client_connection",
    })
    void every_path_answers_and_lets_nothing_in_from_elsewhere(String path, String type, String content) {
        HttpResponse<String> answer = get(path);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains(content);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue(type);
        assertThat(answer.headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'")
                .doesNotContain("unsafe");
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
        HttpResponse<String> head = send(request(path).method("HEAD", BodyPublishers.noBody()));
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(head.headers().firstValueAsLong("Content-Length").orElseThrow())
                .isPositive();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/favicon.ico", "/metrics/", "/api", "/page.html", "/../page.js", "/%2e%2e/page.js", "/health"})
    void what_is_not_there_is_404(String path) {
        HttpResponse<String> answer = get(path);
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).isEqualTo("there is nothing here; / is the live page\n");
        assertThat(answer.headers().firstValue("Content-Security-Policy")).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
    void only_reading_is_allowed(String method) {
        HttpResponse<String> answer = send(request("/api/pools").method(method, BodyPublishers.noBody()));
        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).hasValue("GET, HEAD");
    }

    @Test
    void a_body_is_refused() {
        assertThat(send(request("/health/live").method("GET", BodyPublishers.ofString("{}")))
                        .statusCode())
                .isEqualTo(400);
        assertThat(send(request("/health/live")
                                .method("GET", BodyPublishers.ofInputStream(() -> InputStream.nullInputStream())))
                        .statusCode())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:80, 200",
        "localhost, 200",
        "LOCALHOST:31338, 200",
        "[::1]:1, 200",
        "example.org, 421",
        "127.0.0.1.example.org, 421",
        "localhost.example.org:31338, 421",
    })
    void it_answers_only_whoever_asks_for_this_machine(String name, int status) throws Exception {
        URI address = URI.create(uri);
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            socket.getOutputStream()
                    .write(("GET /api/pools HTTP/1.1\r\nHost: " + name + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 " + status);
        }
    }

    @Test
    void the_numbers_are_those_of_the_pool() throws Exception {
        try (Connection one = server.hatch().dataSource().getConnection();
                Connection two = server.hatch().dataSource().getConnection()) {
            Future<Long> waits = others.submit(() -> client.count("SELECT 1"));
            await().atMost(TestServer.SOON).until(() -> pool().path("waiting").asInt() == 1);
            JsonNode pool = pool();
            assertThat(pool.path("name").asText()).isEqualTo("test");
            assertThat(pool.path("inUse").asInt()).isEqualTo(2);
            assertThat(pool.path("idle").asInt()).isZero();
            assertThat(pool.path("max").asInt()).isEqualTo(2);
            assertThat(pool.path("health").asText()).isEqualTo("healthy");
            assertThat(pool.path("leaseCount").asInt()).isEqualTo(2);
            assertThat(pool.path("leases"))
                    .hasSize(2)
                    .allSatisfy(lease -> assertThat(lease.path("holder").asText())
                            .isEqualTo(Thread.currentThread().getName()));
            JsonNode waiting = statement("SELECT 1");
            assertThat(waiting.path("waiting").asBoolean()).isTrue();
            assertThat(waiting.path("kind").asText()).isEqualTo("description");
            assertThat(waits).isNotDone();
            one.close();
            two.close();
            assertThat(waits.get(20, TimeUnit.SECONDS)).isOne();
        }
        JsonNode pool = pool();
        assertThat(pool.path("waits").asInt()).isPositive();
        assertThat(pool.path("waitSeconds").asDouble()).isPositive();
        List<Long> counts = new ArrayList<>();
        pool.path("waitTimes").path("count").forEach(count -> counts.add(count.asLong()));
        // Those that waited while the pool was being opened are in no bucket.
        assertThat(counts.stream().mapToLong(Long::longValue).sum())
                .isBetween(1L, pool.path("waits").asLong());
        assertThat(pool.path("created").asLong())
                .isEqualTo(pool.path("idle").asLong()
                        + pool.path("inUse").asLong()
                        + pool.path("destroyed").asLong());
    }

    @Test
    void a_running_statement_is_shown_with_its_client_and_its_lease_by_the_same_thread() throws Exception {
        try (FlightStream stream = client.query(ENDLESS)) {
            assertThat(stream.next()).isTrue();
            JsonNode query = statement(ENDLESS);
            assertThat(query.path("kind").asText()).isEqualTo("query");
            assertThat(query.path("waiting").asBoolean()).isFalse();
            assertThat(query.path("peer").asText()).matches("127\\.0\\.0\\.1:\\d+");
            assertThat(query.path("thread").asText()).startsWith("hatch-stream-");
            assertThat(pool().path("leases").path(0).path("holder").asText())
                    .isEqualTo(query.path("thread").asText());
            stream.cancel("enough", null);
        }
        await().atMost(TestServer.SOON)
                .until(() -> json("/api/pools").path("statementCount").asInt() == 0);
    }

    @Test
    void an_update_is_shown_with_its_client() throws Exception {
        String update =
                "CREATE TABLE z AS SELECT sum(a.range * b.range) AS s FROM range(10_000_000) a, range(1_000_000) b";
        try (TestServer.Client vanishing = server.client()) {
            Future<?> result = others.submit(() -> vanishing.sql.executeUpdate(update));
            await().atMost(TestServer.SOON).until(() -> !statement(update).isMissingNode());
            assertThat(statement(update).path("kind").asText()).isEqualTo("update");
            assertThat(statement(update).path("peer").asText()).matches("127\\.0\\.0\\.1:\\d+");
            vanishing.channel.shutdownNow();
            server.awaitIdle();
            assertThat(catchThrowable(() -> result.get(20, TimeUnit.SECONDS))).isNotNull();
        }
    }

    @Test
    void hostile_sql_comes_through_as_text_and_long_sql_is_cut() throws Exception {
        String hostile =
                "SELECT range AS \"<script>alert(1)</script>\\\" FROM range(100_000_000_000) -- \"\u2028</script>"
                        + "\ud83d\ude00".repeat(2_000);
        try (FlightStream stream = client.query(hostile)) {
            assertThat(stream.next()).isTrue();
            String shown = statement("SELECT range").path("sql").asText();
            assertThat(shown)
                    .startsWith(hostile.substring(0, 100))
                    .endsWith("\ud83d\ude00…")
                    .hasSizeLessThan(510);
            stream.cancel("enough", null);
        }
    }

    @Test
    void the_meters_are_those_of_the_pools() throws Exception {
        assertThat(client.count("SELECT 1")).isOne();
        assertThat(get("/metrics").body())
                .contains(
                        "db_client_connection_count{db_client_connection_pool_name=\"test\",db_client_connection_state=\"used\"} 0.0")
                .contains("db_client_connection_max{db_client_connection_pool_name=\"test\"} 2.0")
                .contains("db_client_connection_timeouts_total")
                .contains("db_client_connection_wait_time_seconds_bucket")
                .contains("hatch_record_pool_hits_total")
                .doesNotContain("hikaricp");
    }

    @Test
    void the_history_grows_by_the_second() {
        await().atMost(TestServer.SOON)
                .until(() -> json("/api/history").path("time").size() >= 3);
        JsonNode history = json("/api/history");
        long first = history.path("time").path(0).asLong();
        long third = history.path("time").path(2).asLong();
        assertThat(third - first).isBetween(1_500L, 10_000L);
        assertThat(history.path("max").path(0).asInt()).isEqualTo(2);
    }

    @Test
    void a_server_that_does_not_listen_yet_is_alive_and_not_ready() throws Exception {
        try (HatchServer early = HatchServer.open(TestServer.config(":memory:", 0, 2, 1_000)
                .admin(new ServerConfig.Address("127.0.0.1", 0))
                .build())) {
            uri = early.adminUri().orElseThrow();
            assertThat(get("/health/live").statusCode()).isEqualTo(200);
            HttpResponse<String> ready = get("/health/ready");
            assertThat(ready.statusCode()).isEqualTo(503);
            assertThat(ready.body())
                    .isEqualTo("{\"status\":\"not ready\",\"reason\":\"the server does not listen yet\"}");
            early.listen();
            assertThat(get("/health/ready").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void a_busy_server_is_ready_and_one_whose_pool_is_suspended_is_not() throws Exception {
        try (Connection one = server.hatch().dataSource().getConnection();
                Connection two = server.hatch().dataSource().getConnection()) {
            assertThat(server.hatch().pool().healthCheck(Duration.ofSeconds(5)).status())
                    .hasToString("DEGRADED");
            assertThat(get("/health/ready").statusCode()).isEqualTo(200);
            assertThat(one).isNotSameAs(two);
        }
        server.hatch().pool().suspend();
        assertThat(get("/health/ready").body()).contains("the pool is suspended");
        server.hatch().pool().resume();
        assertThat(get("/health/ready").statusCode()).isEqualTo(200);
    }

    @Test
    void a_server_that_is_being_closed_says_so_until_it_is_closed() throws Exception {
        try (FlightStream stream = client.query(ENDLESS)) {
            assertThat(stream.next()).isTrue();
            Future<?> closing = others.submit(() -> server.hatch().close(Duration.ofSeconds(30)));
            await().atMost(TestServer.SOON).until(() -> get("/health/ready").statusCode() == 503);
            assertThat(get("/health/ready").body()).contains("the server is being closed");
            assertThat(get("/health/live").statusCode()).isEqualTo(200);
            assertThat(json("/api/pools").path("phase").asText()).isEqualTo("closing");
            assertThat(statement(ENDLESS).path("kind").asText()).isEqualTo("query");
            assertThat(closing).isNotDone();
            stream.cancel("enough", null);
            closing.get(20, TimeUnit.SECONDS);
        }
        assertThat(catchThrowableOfType(
                        ConnectException.class,
                        () -> http.send(request("/health/live").build(), BodyHandlers.ofString())))
                .isNotNull();
    }

    @Test
    void an_admin_address_that_is_taken_leaves_nothing_open() throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            ServerConfig config = TestServer.config(":memory:", 0, 2, 1_000)
                    .admin(new ServerConfig.Address("127.0.0.1", taken.getLocalPort()))
                    .build();
            assertThat(catchThrowableOfType(IOException.class, () -> HatchServer.start(config)))
                    .hasMessageContaining("Address already in use");
        }
    }

    /** The JDK's server looks for such clients every second or so, and gives each ten. */
    @Test
    @Tag("full")
    void clients_that_say_nothing_do_not_keep_others_out() throws Exception {
        URI address = URI.create(uri);
        List<Socket> silent = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                Socket socket = new Socket(address.getHost(), address.getPort());
                silent.add(socket);
                socket.getOutputStream().write("GET / HT".getBytes(StandardCharsets.US_ASCII));
            }
            assertThat(send(request("/health/live").timeout(Duration.ofMinutes(2)))
                            .statusCode())
                    .isEqualTo(200);
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }
}

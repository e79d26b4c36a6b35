package dev.hatch.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hatch.pool.jdbc.ConnectionPool;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A web application on DuckDB with actuator, as a user would write it. */
class SampleApplicationTest {
    private final HttpClient client = HttpClient.newHttpClient();
    private ConfigurableApplicationContext context;
    private Orders orders;
    private URI server;

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Orders.class)
    static class Application {}

    @RestController
    static final class Orders {
        private final JdbcTemplate jdbc;
        private final DataSource pool;
        final CountDownLatch reading = new CountDownLatch(1);
        final CountDownLatch goOn = new CountDownLatch(1);

        Orders(JdbcTemplate jdbc, DataSource pool) {
            this.jdbc = jdbc;
            this.pool = pool;
        }

        @GetMapping("/sum")
        String sum() {
            return "sum " + jdbc.queryForObject("SELECT sum(total) FROM orders", Integer.class);
        }

        /** Has a connection until the test says go on. */
        @GetMapping("/slow")
        String slow() throws SQLException, InterruptedException {
            try (Connection connection = pool.getConnection()) {
                reading.countDown();
                goOn.await();
                try (var sum = connection.createStatement().executeQuery("SELECT sum(total) FROM orders")) {
                    sum.next();
                    return "slow " + sum.getInt(1);
                }
            }
        }
    }

    @BeforeEach
    void start() {
        context = new SpringApplication(Application.class)
                .run(
                        "--server.port=0",
                        "--spring.main.banner-mode=off",
                        "--logging.level.root=warn",
                        "--spring.config.location=classpath:/sample/application.yaml");
        server = URI.create("http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port"));
        orders = context.getBean(Orders.class);
        context.getBean(JdbcTemplate.class)
                .execute("CREATE TABLE orders AS SELECT * FROM (VALUES (40), (2)) AS o(total)");
    }

    @AfterEach
    void stop() {
        orders.goOn.countDown();
        context.close();
    }

    private HttpRequest request(String path) {
        return HttpRequest.newBuilder(server.resolve(path))
                .timeout(Duration.ofSeconds(30))
                .build();
    }

    private String get(String path) throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(request(path), HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    @Test
    void its_settings_are_those_of_the_documentation() throws IOException {
        String shown =
                Files.readString(Path.of("..", "docs", "operations.md")).replaceAll("(?s).*```yaml\n(.*?)```.*", "$1");
        assertThat(Path.of("src", "test", "resources", "sample", "application.yaml"))
                .hasContent(shown);
    }

    @Test
    void a_request_reads_the_database_and_actuator_shows_the_pool() throws Exception {
        assertThat(get("/sum")).isEqualTo("sum 42");

        try (Connection held = context.getBean(DataSource.class).getConnection()) {
            assertThat(held.isClosed()).isFalse();
            await().untilAsserted(() ->
                    assertThat(get("/actuator/metrics/jdbc.connections.active")).contains("\"value\":1.0"));
            await().untilAsserted(() -> assertThat(get("/actuator/metrics/hikaricp.connections.active"))
                    .contains("\"value\":1.0", "\"values\":[\"orders\"]"));
        }
        assertThat(get("/actuator/metrics/jdbc.connections.max")).contains("\"value\":2.0");
        assertThat(get("/actuator/metrics/db.client.connection.use_time")).contains("COUNT", "TOTAL_TIME");
        assertThat(get("/actuator/metrics/hatch.pool.health?tag=status:healthy"))
                .contains("\"value\":1.0");
        assertThat(get("/actuator/health"))
                .contains(
                        "\"db\":{\"details\":{\"pool\":\"orders\"", "\"busy\":false", "\"max\":2", "\"status\":\"UP\"");
    }

    @Test
    void a_busy_pool_leaves_the_instance_up() throws Exception {
        DataSource pool = context.getBean(DataSource.class);
        try (Connection one = pool.getConnection();
                Connection other = pool.getConnection()) {
            assertThat(one).isNotSameAs(other);
            assertThat(get("/actuator/health")).contains("\"busy\":true", "\"inUse\":2");
        }
    }

    @Test
    void a_request_that_is_under_way_ends_well_when_the_application_ends() throws Exception {
        ConnectionPool pool = context.getBean(ConnectionPool.class);
        CompletableFuture<HttpResponse<String>> slow =
                client.sendAsync(request("/slow"), HttpResponse.BodyHandlers.ofString());
        assertThat(orders.reading.await(10, TimeUnit.SECONDS)).isTrue();

        CountDownLatch ending = new CountDownLatch(1);
        context.addApplicationListener((ContextClosedEvent event) -> ending.countDown());

        CompletableFuture<Void> closing = CompletableFuture.runAsync(context::close);
        assertThat(ending.await(10, TimeUnit.SECONDS)).isTrue();
        orders.goOn.countDown();

        assertThat(slow.get(30, TimeUnit.SECONDS).body()).isEqualTo("slow 42");
        closing.get(30, TimeUnit.SECONDS);
        assertThat(pool.stats().openConnections()).isZero();
    }
}

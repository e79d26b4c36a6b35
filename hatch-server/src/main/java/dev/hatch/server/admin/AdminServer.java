package dev.hatch.server.admin;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the admin address. It only reads: every path is GET or HEAD, nothing takes a body, and what it answers is made
 * for each request from counts that the server keeps anyway. The one thing that it does by itself is to look at the
 * pool once a second, for the chart.
 *
 * <p>On an address of this machine it answers only if it was asked by such a name: else a page from elsewhere whose
 * name is made to mean this machine could read it.
 */
public final class AdminServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    private static final int THREADS = 4;

    /** All that the page has is from here, and it sends nothing but its questions. */
    private static final String CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self';"
            + " img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String JSON_TYPE = "application/json";

    static {
        // How many seconds a client may take to send its request, or to read the answer. The JDK's server has no other
        // place to say so, and without it four clients that say nothing would hold all threads.
        System.getProperties().putIfAbsent("sun.net.httpserver.maxReqTime", "10");
        System.getProperties().putIfAbsent("sun.net.httpserver.maxRspTime", "10");
    }

    private interface JsonContent {
        void write(JsonGenerator json) throws IOException;
    }

    private record Answer(int status, Content content) {}

    private final JsonFactory json = new JsonFactory();
    private final Assets assets = new Assets();
    private final PoolEvents events = new PoolEvents();
    private final History history = new History();
    private final AdminView view;
    private final Snapshot snapshot;
    private final Meters meters;
    private final String host;
    private final HttpServer http;
    private final ScheduledExecutorService threads;

    /**
     * Serves from now on.
     *
     * @param port 0 takes a free one
     * @throws IOException if the address cannot be listened on; nothing stays open then
     */
    public static AdminServer start(String host, int port, AdminView view) throws IOException {
        HttpServer http = HttpServer.create(new InetSocketAddress(host, port), 0);
        try {
            AdminServer server = new AdminServer(host, http, view);
            server.start();
            return server;
        } catch (Throwable t) {
            http.stop(0);
            throw t;
        }
    }

    private AdminServer(String host, HttpServer http, AdminView view) {
        this.host = host;
        this.http = http;
        this.view = view;
        snapshot = new Snapshot(view, events);
        meters = new Meters(view.pool(), view.builders());
        AtomicInteger count = new AtomicInteger();
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(THREADS, task -> {
            Thread thread = new Thread(task, "hatch-admin-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        threads = executor;
        http.setExecutor(threads);
        http.createContext("/", this::handle);
    }

    private void start() {
        view.pool().addListener(events);
        try {
            // The JDK's server has a thread of its own, which is a daemon if it was started by one.
            threads.submit(http::start).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
        var unused = threads.scheduleAtFixedRate(this::sample, 0, 1, TimeUnit.SECONDS);
    }

    private void sample() {
        try {
            history.add(System.currentTimeMillis(), view.pool().stats());
        } catch (RuntimeException e) {
            LOG.warn("the pool could not be looked at", e);
        }
    }

    /** Such as {@code http://127.0.0.1:31338}. */
    public String uri() {
        return "http://" + host + ":" + http.getAddress().getPort();
    }

    /** Answers nobody any more. */
    @Override
    public void close() {
        http.stop(0);
        threads.shutdownNow();
        view.pool().removeListener(events);
        meters.close();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer;
            try {
                answer = answer(exchange);
            } catch (RuntimeException e) {
                LOG.warn("{} could not be answered", exchange.getRequestURI(), e);
                answer = refusal(500, "this failed; the log says why");
            }
            send(exchange, answer);
        }
    }

    private Answer answer(HttpExchange exchange) throws IOException {
        Headers request = exchange.getRequestHeaders();
        if (!isAskedByName(request.getFirst("Host"))) {
            return refusal(421, "ask for this machine by its own name, such as localhost");
        }
        String method = exchange.getRequestMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            return refusal(405, "only GET and HEAD are answered");
        }
        if (request.containsKey("Transfer-Encoding") || hasLength(request.getFirst("Content-Length"))) {
            return refusal(400, "no request here takes a body");
        }
        String path = exchange.getRequestURI().getPath();
        return switch (path) {
            case "/api/pools" -> json(200, snapshot::write);
            case "/api/history" -> json(200, history::write);
            case "/health/live" -> json(200, json -> health(json, "up", ""));
            case "/health/ready" -> ready(snapshot.readiness());
            case "/metrics" -> new Answer(200, new Content(Meters.CONTENT_TYPE, bytes(meters.scrape())));
            default -> asset(assets.get(path));
        };
    }

    private static boolean hasLength(@Nullable String length) {
        return length != null && !length.equals("0");
    }

    private Answer asset(@Nullable Content asset) {
        return asset == null ? refusal(404, "there is nothing here; / is the live page") : new Answer(200, asset);
    }

    private Answer ready(Readiness readiness) throws IOException {
        return readiness.isReady()
                ? json(200, json -> health(json, "ready", ""))
                : json(503, json -> health(json, "not ready", readiness.reason()));
    }

    private static void health(JsonGenerator json, String status, String reason) throws IOException {
        json.writeStartObject();
        json.writeStringField("status", status);
        if (!reason.isEmpty()) {
            json.writeStringField("reason", reason);
        }
        json.writeEndObject();
    }

    private Answer json(int status, JsonContent content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(4_096);
        try (JsonGenerator generator = json.createGenerator(bytes)) {
            content.write(generator);
        }
        return new Answer(status, new Content(JSON_TYPE, bytes.toByteArray()));
    }

    private static Answer refusal(int status, String why) {
        return new Answer(status, new Content(TEXT, bytes(why + "\n")));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void send(HttpExchange exchange, Answer answer) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", answer.content().type);
        headers.set("Content-Security-Policy", CONTENT_SECURITY_POLICY);
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Cache-Control", "no-store");
        byte[] content = answer.content().bytes;
        if (exchange.getRequestMethod().equals("HEAD")) {
            headers.set("Content-Length", Integer.toString(content.length));
            exchange.sendResponseHeaders(answer.status(), -1);
        } else {
            exchange.sendResponseHeaders(answer.status(), content.length);
            exchange.getResponseBody().write(content);
        }
    }

    /** Whoever listens for other machines is asked by whatever name they have for this one. */
    private boolean isAskedByName(@Nullable String name) {
        if (!http.getAddress().getAddress().isLoopbackAddress()) {
            return true;
        }
        if (name == null) {
            return false;
        }
        String asked = name.replaceFirst(":\\d+$", "").toLowerCase(Locale.ROOT);
        return asked.equals("localhost")
                || asked.equals("[::1]")
                || asked.matches("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}")
                || asked.equals(host.toLowerCase(Locale.ROOT));
    }
}

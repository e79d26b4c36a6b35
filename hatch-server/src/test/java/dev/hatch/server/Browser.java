package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** One page of a Chromium of its own, driven over the DevTools protocol. */
final class Browser implements AutoCloseable {
    static final Path CHROMIUM = Path.of("/usr/bin/chromium");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final Map<Integer, CompletableFuture<JsonNode>> asked = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<JsonNode> events = new ConcurrentLinkedQueue<>();
    private final AtomicInteger ids = new AtomicInteger();
    private final WebSocket socket;
    private final String session;

    /** @param folder an empty one, for what it keeps */
    Browser(Path folder) throws IOException {
        process = new ProcessBuilder(
                        CHROMIUM.toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--user-data-dir=" + folder,
                        "--remote-debugging-port=0",
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        Path address = folder.resolve("DevToolsActivePort");
        await().atMost(Duration.ofSeconds(60))
                .until(() ->
                        Files.exists(address) && Files.readAllLines(address).size() == 2);
        List<String> lines = Files.readAllLines(address);
        socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1)), new Listener())
                .join();
        String target = ask("", "Target.createTarget", Map.of("url", "about:blank"))
                .path("targetId")
                .asText();
        session = ask("", "Target.attachToTarget", Map.of("targetId", target, "flatten", true))
                .path("sessionId")
                .asText();
        JsonNode unused = send("Emulation.setScrollbarsHidden", Map.of("hidden", true));
        for (String domain : List.of("Page", "Runtime", "Network", "Log")) {
            send(domain + ".enable", Map.of());
        }
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                take(text.toString());
                text.setLength(0);
            }
            from.request(1);
            return CompletableFuture.completedFuture(null);
        }
    }

    private void take(String message) {
        JsonNode json;
        try {
            json = JSON.readTree(message);
        } catch (JsonProcessingException e) {
            throw new AssertionError(message, e);
        }
        CompletableFuture<JsonNode> waiting = asked.remove(json.path("id").asInt());
        if (waiting != null) {
            waiting.complete(json);
        } else {
            events.add(json);
        }
    }

    private JsonNode ask(String inSession, String method, Map<String, ?> parameters) {
        int id = ids.incrementAndGet();
        Map<String, Object> message = new HashMap<>(Map.of("id", id, "method", method, "params", parameters));
        if (!inSession.isEmpty()) {
            message.put("sessionId", inSession);
        }
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        asked.put(id, answer);
        try {
            socket.sendText(JSON.writeValueAsString(message), true).get(30, TimeUnit.SECONDS);
            JsonNode json = answer.get(60, TimeUnit.SECONDS);
            assertThat(json.path("error").isMissingNode())
                    .as("%s: %s", method, json)
                    .isTrue();
            return json.path("result");
        } catch (JsonProcessingException | ExecutionException | TimeoutException e) {
            throw new AssertionError(method, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(method, e);
        }
    }

    JsonNode send(String method, Map<String, ?> parameters) {
        return ask(session, method, parameters);
    }

    void open(String url) {
        send("Page.navigate", Map.of("url", url));
    }

    /** What an expression of the page's is, by value. */
    JsonNode evaluate(String expression) {
        JsonNode result =
                send("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
        assertThat(result.path("exceptionDetails").isMissingNode())
                .as("%s: %s", expression, result)
                .isTrue();
        return result.path("result").path("value");
    }

    String text(String selector) {
        return evaluate("(document.querySelector('" + selector + "') || {}).innerText")
                .asText();
    }

    void press(String key) {
        Map<String, Object> event = new HashMap<>(Map.of("key", key, "code", key));
        event.put("windowsVirtualKeyCode", key.equals("Tab") ? 9 : 13);
        if (key.equals("Enter")) {
            event.put("text", "\r");
        }
        for (String type : List.of("keyDown", "keyUp")) {
            event.put("type", type);
            send("Input.dispatchKeyEvent", event);
        }
    }

    void resize(int width, int height, boolean mobile) {
        send(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", mobile ? 2 : 1, "mobile", mobile));
    }

    void scheme(String name) {
        send(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", name))));
    }

    /** The parameters of all events of that name until now. */
    List<JsonNode> events(String method) {
        List<JsonNode> found = new ArrayList<>();
        for (JsonNode event : events) {
            if (event.path("method").asText().equals(method)) {
                found.add(event.path("params"));
            }
        }
        return found;
    }

    /** What the page complained of. */
    List<String> complaints() {
        List<String> found = new ArrayList<>();
        events("Runtime.exceptionThrown").forEach(one -> found.add(one.toString()));
        for (JsonNode one : events("Runtime.consoleAPICalled")) {
            if (List.of("error", "warning", "assert").contains(one.path("type").asText())) {
                found.add(one.toString());
            }
        }
        for (JsonNode one : events("Log.entryAdded")) {
            if (!one.path("entry").path("level").asText().equals("info")) {
                found.add(one.toString());
            }
        }
        return found;
    }

    /** Writes all of the page, also what is below the window. */
    void screenshot(Path file) throws IOException {
        String data = send("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true))
                .path("data")
                .asText();
        Files.createDirectories(file.getParent());
        Files.write(file, Base64.getDecoder().decode(data));
    }

    @Override
    public void close() {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        JsonNode unused = ask("", "Browser.close", Map.of());
        await().atMost(Duration.ofSeconds(20))
                .until(() -> !process.isAlive() && all.stream().noneMatch(ProcessHandle::isAlive));
        socket.abort();
    }
}

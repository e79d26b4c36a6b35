package dev.hatch.server.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows in a terminal what the live page shows in a browser. */
@Command(
        name = "top",
        description = {
            "Show the connections, statements and memory of a server that has an admin address, again and again; q"
                    + " or Ctrl-C ends it. Once, as plain text, where output is not a terminal."
        })
final class TopCommand implements Callable<Integer> {
    static final String DEFAULT_ADDRESS = "127.0.0.1:31338";

    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Duration SHORTEST = Duration.ofMillis(100);

    // The terminal's second screen, without a cursor; and back.
    private static final String ENTER = "\033[?1049h\033[?25l";
    private static final String LEAVE = "\033[?25h\033[?1049l";
    private static final String HOME = "\033[H";
    private static final String REST_OF_LINE = "\033[K";
    private static final String REST_OF_SCREEN = "\033[J";

    private final Console console;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
    private final ObjectMapper json = new ObjectMapper();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--admin",
            paramLabel = "URI",
            defaultValue = "http://" + DEFAULT_ADDRESS,
            description = "What hatch serve --admin says. Default: ${DEFAULT-VALUE}")
    private String admin = "";

    @Option(names = "--once", description = "Print it once, as plain text.")
    private boolean once;

    @Option(
            names = "--interval",
            paramLabel = "DURATION",
            defaultValue = "1s",
            description = "How often to look. Default: ${DEFAULT-VALUE}")
    private Duration interval = Duration.ZERO;

    TopCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        URI uri = uri();
        if (interval.compareTo(SHORTEST) < 0) {
            throw new ParameterException(spec.commandLine(), "--interval is too short: at least 100ms");
        }
        JsonNode first = ask(uri);
        if (once || console.terminal().size().isEmpty()) {
            TopText.lines(first, null, Integer.MAX_VALUE)
                    .forEach(line -> console.out().print(line + "\n"));
            console.out().flush();
        } else {
            watch(uri, first);
        }
        return 0;
    }

    private void watch(URI uri, JsonNode first) throws InterruptedException {
        CountDownLatch told = new CountDownLatch(1);
        Runnable giveSignalsBack =
                Signals.onStop(told::countDown, () -> Runtime.getRuntime().halt(130));
        Runnable giveKeysBack = console.terminal().takeKeys();
        Thread keys = new Thread(() -> awaitKey(told), "hatch-keys");
        keys.setDaemon(true);
        keys.start();
        console.out().print(ENTER);
        try {
            watch(uri, first, told);
        } finally {
            console.out().print(LEAVE);
            console.out().flush();
            giveKeysBack.run();
            giveSignalsBack.run();
        }
    }

    private void watch(URI uri, JsonNode first, CountDownLatch told) throws InterruptedException {
        JsonNode before = null;
        JsonNode now = first;
        @Nullable String gone = null;
        while (true) {
            draw(now, before, gone);
            if (told.await(interval.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
            try {
                JsonNode next = ask(uri);
                before = isSameRun(now, next) ? now : null;
                now = next;
                gone = null;
            } catch (IOException e) {
                if (gone == null) {
                    gone = "it does not answer since "
                            + LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS)
                            + "; these are the last numbers";
                }
            }
        }
    }

    private static boolean isSameRun(JsonNode before, JsonNode now) {
        return before.path("upSeconds").asDouble() < now.path("upSeconds").asDouble();
    }

    private void draw(JsonNode now, @Nullable JsonNode before, @Nullable String gone) {
        Terminal.Size size = console.terminal().size().orElseGet(() -> new Terminal.Size(80, 24));
        List<String> lines = TopText.lines(now, before, size.columns());
        PrintStream out = console.out();
        out.print(HOME);
        if (gone != null) {
            out.print(TopText.cut(admin + ": " + gone, size.columns()) + REST_OF_LINE + "\n");
        }
        // One less, for the line break after the last one would scroll.
        lines.stream()
                .limit(size.rows() - (gone == null ? 1 : 2))
                .forEach(line -> out.print(line + REST_OF_LINE + "\n"));
        out.print(REST_OF_SCREEN);
        out.flush();
    }

    private void awaitKey(CountDownLatch told) {
        try {
            for (int key = console.in().read(); key != -1; key = console.in().read()) {
                if (key == 'q' || key == 'Q') {
                    told.countDown();
                    return;
                }
            }
        } catch (IOException e) {
            // There are no keys, then; Ctrl-C is left.
        }
    }

    private JsonNode ask(URI uri) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri.resolve("/api/pools"))
                .timeout(TIMEOUT)
                .build();
        HttpResponse<String> answer;
        try {
            answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            String reason = Optional.ofNullable(e.getMessage()).orElse("nothing listens there");
            throw new IOException(
                    "cannot reach " + admin + ": " + reason + "; is it what hatch serve --admin said?", e);
        }
        JsonNode found = answer.statusCode() == 200 ? parse(answer.body()) : null;
        if (found == null || !found.path("pools").path(0).isObject()) {
            throw new IOException(admin + " is no admin address of hatch: it answers " + answer.statusCode() + " to "
                    + request.uri());
        }
        return found;
    }

    private @Nullable JsonNode parse(String text) {
        try {
            return json.readTree(text);
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    private URI uri() {
        try {
            URI uri = new URI(admin);
            if ("http".equals(uri.getScheme()) && uri.getHost() != null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // Said below.
        }
        throw new ParameterException(spec.commandLine(), "--admin takes http://HOST:PORT, not '" + admin + "'");
    }
}

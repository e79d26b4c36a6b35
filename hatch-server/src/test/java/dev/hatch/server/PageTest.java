package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.apache.arrow.flight.FlightStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The live page in Chromium, while a few clients are at work. What it looks like is in target/screenshots. */
@SuppressWarnings("try") // FlightStream.close may be interrupted.
@Timeout(180)
class PageTest {
    private static final Path SCREENSHOTS = Path.of("target", "screenshots");

    /** It would run if it were taken as markup. */
    private static final String HOSTILE =
            "SELECT range AS a, '<img src=x onerror=\"window.hurt=1\"><script>window.hurt=1</script>'"
                    + " AS b FROM range(100_000_000_000)";

    /** The least contrast of all text that is seen, and of what. */
    private static final String CONTRAST = """
            (() => {
              const parse = css => { const n = css.match(/[\\d.]+/g).map(Number); return n.length > 3 ? n : [...n, 1]; };
              const over = (top, under) => top.slice(0, 3).map((c, i) => c * top[3] + under[i] * (1 - top[3]));
              const light = rgb => {
                const [r, g, b] = rgb.map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
              };
              const back = element => {
                if (!element) return [255, 255, 255];
                const own = parse(getComputedStyle(element).backgroundColor);
                return own[3] === 1 ? own.slice(0, 3) : over(own, back(element.parentElement));
              };
              let least = {ratio: 99, text: ""};
              const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
              while (walker.nextNode()) {
                const element = walker.currentNode.parentElement;
                const text = walker.currentNode.textContent.trim();
                const box = element.getBoundingClientRect();
                if (!text || box.width < 2 || element.closest("[hidden], noscript, script, .skip")) continue;
                const under = back(element);
                const [a, b] = [light(over(parse(getComputedStyle(element).color), under)), light(under)];
                const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                if (ratio < least.ratio) least = {ratio, text};
              }
              return least;
            })()""";

    @TempDir
    static Path folder;

    private static TestServer server;
    private static Load load;
    private static Browser browser;

    /** Clients that ask again and again, one that reads a long result slowly, and a lease of the server's own. */
    private static final class Load implements AutoCloseable {
        private static final List<String> QUERIES = List.of(
                "SELECT count(*) FROM range(3_000_000) t(i) WHERE i % 7 = 3",
                "SELECT i % 100 AS k, sum(i) AS s, avg(i) AS a FROM range(2_000_000) t(i) GROUP BY ALL ORDER BY s DESC",
                "SELECT * FROM range(1_000_000)");

        private final List<FutureTask<Void>> clients = new ArrayList<>();
        private final TestServer.Client slow;
        private final FlightStream stream;
        private final Connection lease;
        private volatile boolean over;

        Load(TestServer server, int count) throws Exception {
            lease = server.hatch().dataSource().getConnection();
            slow = server.client();
            stream = slow.query(HOSTILE);
            assertThat(stream.next()).isTrue();
            for (int i = 0; i < count; i++) {
                String query = QUERIES.get(i % QUERIES.size());
                FutureTask<Void> client = new FutureTask<>(() -> ask(server, query));
                new Thread(client, "client-" + i).start();
                clients.add(client);
            }
        }

        private @Nullable Void ask(TestServer server, String query) throws Exception {
            try (TestServer.Client client = server.client()) {
                while (!over) {
                    assertThat(client.count(query)).isPositive();
                }
                return null;
            }
        }

        @Override
        public void close() throws Exception {
            over = true;
            stream.cancel("enough", null);
            stream.close();
            slow.close();
            lease.close();
            for (FutureTask<Void> client : clients) {
                client.get();
            }
        }
    }

    @BeforeAll
    static void open() throws Exception {
        assumeTrue(Boolean.getBoolean("test.browser"), "the page is looked at on request: -Pbrowser");
        assumeTrue(Files.isExecutable(Browser.CHROMIUM), "there is no " + Browser.CHROMIUM);
        server = TestServer.startWithAdmin(4);
        load = new Load(server, 5);
    }

    @AfterAll
    static void close() throws Exception {
        if (load != null) {
            load.close();
        }
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void load() throws IOException {
        browser = new Browser(Files.createTempDirectory(folder, "chromium"));
        browser.resize(1_200, 900, false);
        browser.scheme("light");
        browser.open(uri(server));
        awaitNumbers();
    }

    @AfterEach
    void end() {
        browser.close();
    }

    private static String uri(TestServer server) {
        return server.hatch().adminUri().orElseThrow() + "/";
    }

    private static void awaitNumbers() {
        await().atMost(TestServer.SOON).until(() -> browser.text("#inUse").matches("\\d+"));
    }

    private static int polls() {
        return (int) browser.events("Network.requestWillBeSent").stream()
                .filter(one -> one.path("request").path("url").asText().endsWith("/api/pools"))
                .count();
    }

    @Test
    void the_numbers_are_there_and_move_and_nothing_comes_from_elsewhere() {
        assertThat(browser.text("#state")).isEqualTo("ready");
        assertThat(browser.text("#max")).isEqualTo("4");
        assertThat(Integer.parseInt(browser.text("#inUse"))).isBetween(2, 4);
        assertThat(browser.text("#server")).contains(server.hatch().uri());
        assertThat(browser.evaluate("document.querySelectorAll('#chart canvas').length")
                        .asInt())
                .isOne();
        String waits = browser.text("#waits tbody tr td:last-child");
        await().atMost(TestServer.SOON)
                .until(() -> !browser.text("#waits tbody tr td:last-child").equals(waits));
        await().atMost(TestServer.SOON)
                .until(() -> browser.text("#waits tbody tr:nth-child(3) td").matches("[\\d.]+ (µs|ms|s)"));
        assertThat(browser.text("#done tbody tr td:last-child")).matches("[\\d,]+");
        assertThat(browser.text("#memory tbody tr td")).matches("[\\d.]+ ([KM]i)?B");
        assertThat(browser.events("Network.requestWillBeSent"))
                .hasSizeGreaterThan(5)
                .allSatisfy(one ->
                        assertThat(one.path("request").path("url").asText()).startsWith(uri(server)));
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void a_running_statement_and_the_holder_of_a_lease_are_shown_as_text() {
        await().atMost(TestServer.SOON).until(() -> browser.text("#running").contains(HOSTILE));
        assertThat(browser.text("#running")).contains("query").containsPattern("127\\.0\\.0\\.1:\\d+");
        assertThat(browser.text("#leases"))
                .contains(HOSTILE)
                .contains("hatch-stream-")
                .contains(Thread.currentThread().getName());
        assertThat(browser.evaluate("window.hurt === undefined").asBoolean()).isTrue();
        assertThat(browser.evaluate("document.querySelectorAll('main img, main script').length")
                        .asInt())
                .isZero();
        assertThat(browser.complaints()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "light, 1200, 900, page-light",
        "dark, 1200, 900, page-dark",
        "light, 360, 740, phone-light",
        "dark, 360, 740, phone-dark"
    })
    void all_text_can_be_read_and_nothing_is_wider_than_the_window(String scheme, int width, int height, String file)
            throws IOException {
        browser.resize(width, height, width < 500);
        browser.scheme(scheme);
        browser.open(uri(server));
        awaitNumbers();
        // A few seconds of what happened lately, for the picture.
        int before = polls();
        await().atMost(TestServer.SOON).until(() -> polls() > before + 4);
        browser.screenshot(SCREENSHOTS.resolve(file + ".png"));
        assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt())
                .isLessThanOrEqualTo(width);
        JsonNode least = browser.evaluate(CONTRAST);
        assertThat(least.path("ratio").asDouble()).as("of %s", least).isBetween(4.5, 21.0);
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void tab_reaches_every_control_and_shows_where_it_is() {
        List<String> reached = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            browser.press("Tab");
            JsonNode at = browser.evaluate("""
                    (() => {
                      const element = document.activeElement;
                      const style = getComputedStyle(element);
                      const box = element.getBoundingClientRect();
                      return {tag: element.tagName, name: element.innerText, outline: style.outlineStyle,
                        width: parseFloat(style.outlineWidth), seen: box.left >= 0 && box.width > 0};
                    })()""");
            boolean isRound = at.path("tag").asText().equals("BODY")
                    || reached.contains(at.path("name").asText());
            if (isRound) {
                break;
            }
            reached.add(at.path("name").asText());
            assertThat(at.path("outline").asText()).as("%s", at).isEqualTo("solid");
            assertThat(at.path("width").asDouble()).isGreaterThanOrEqualTo(2);
            assertThat(at.path("seen").asBoolean()).isTrue();
        }
        assertThat(reached).contains("Skip to the numbers", "Pause", "JSON", "Prometheus", "readiness");
    }

    @Test
    void a_page_that_is_paused_or_hidden_asks_for_nothing() {
        browser.press("Tab");
        browser.press("Tab");
        browser.press("Enter");
        assertThat(browser.text("#pause")).isEqualTo("Resume");
        assertIsQuiet();
        browser.press("Enter");
        assertThat(browser.text("#pause")).isEqualTo("Pause");
        int paused = polls();
        await().atMost(TestServer.SOON).until(() -> polls() > paused + 1);
        hide(true);
        assertIsQuiet();
        hide(false);
        int hidden = polls();
        await().atMost(TestServer.SOON).until(() -> polls() > hidden + 1);
    }

    private static void hide(boolean hidden) {
        browser.evaluate("Object.defineProperty(document, 'hidden', {configurable: true, get: () => " + hidden
                + "}); document.dispatchEvent(new Event('visibilitychange'))");
    }

    /** For as long as three polls take. */
    private static void assertIsQuiet() {
        int before = polls();
        await().pollDelay(Duration.ofSeconds(3))
                .atMost(TestServer.SOON)
                .untilAsserted(() -> assertThat(polls()).isLessThanOrEqualTo(before + 1));
        int after = polls();
        await().during(Duration.ofMillis(1_500)).atMost(TestServer.SOON).until(() -> polls() == after);
    }

    @Test
    void a_server_that_is_gone_is_said_to_be_gone_and_one_that_is_back_is_seen() throws Exception {
        int port;
        try (TestServer other = TestServer.startWithAdmin(3)) {
            browser.open(uri(other));
            await().atMost(TestServer.SOON).until(() -> browser.text("#max").equals("3"));
            port = URI.create(uri(other)).getPort();
        }
        await().atMost(TestServer.SOON).until(() -> browser.text("#state").equals("gone"));
        assertThat(browser.text("#gone"))
                .startsWith("The server does not answer since ")
                .contains("numbers below");
        assertThat(browser.text("#max")).isEqualTo("3");
        browser.screenshot(SCREENSHOTS.resolve("gone.png"));
        try (HatchServer again = HatchServer.start(TestServer.config(":memory:", 0, 7, 1_000)
                .admin(new ServerConfig.Address("127.0.0.1", port))
                .build())) {
            await().atMost(TestServer.SOON).until(() -> browser.text("#state").equals("ready"));
            assertThat(browser.text("#max")).isEqualTo("7");
            assertThat(browser.evaluate("document.querySelector('#gone').hidden")
                            .asBoolean())
                    .isTrue();
            assertThat(again.adminUri()).isPresent();
        }
    }
}

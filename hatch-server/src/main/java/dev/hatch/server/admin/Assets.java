package dev.hatch.server.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** The files of the live page, by path, read once. */
final class Assets {
    private static final String HTML = "text/html; charset=utf-8";
    private static final String CSS = "text/css; charset=utf-8";
    private static final String JS = "text/javascript; charset=utf-8";

    private final Map<String, Content> assets = new LinkedHashMap<>();

    Assets() {
        put("/", HTML, "page.html");
        put("/page.css", CSS, "page.css");
        put("/page.js", JS, "page.js");
        put("/icon.svg", "image/svg+xml", "icon.svg");
        String uplot = "/META-INF/resources/webjars/uplot/" + uplotVersion() + "/dist/";
        put("/uplot.js", JS, uplot + "uPlot.iife.min.js");
        put("/uplot.css", CSS, uplot + "uPlot.min.css");
    }

    /** Null if there is none. */
    @Nullable Content get(String path) {
        return assets.get(path);
    }

    private void put(String path, String type, String resource) {
        assets.put(path, new Content(type, read(resource)));
    }

    /** A webjar's files are in a folder named after its version, which it says itself. */
    private static String uplotVersion() {
        Properties properties = new Properties();
        try (InputStream in = open("/META-INF/maven/org.webjars.npm/uplot/pom.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version");
    }

    private static byte[] read(String resource) {
        try (InputStream in = open(resource)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream open(String resource) throws IOException {
        InputStream in = Assets.class.getResourceAsStream(resource);
        if (in == null) {
            throw new IOException("the jar has no " + resource);
        }
        return in;
    }
}

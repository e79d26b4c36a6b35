package dev.hatch.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A server's state as lines of text. What happened lately is the difference to the state before. A statement's text is
 * a client's: what could steer a terminal is left out of it.
 */
final class TopText {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    private static final int NAME = 26;
    private static final int NUMBER = 14;

    private final JsonNode now;
    private final @Nullable JsonNode before;
    private final JsonNode pool;
    private final @Nullable JsonNode poolBefore;
    private final int columns;
    private final List<String> lines = new ArrayList<>();

    private TopText(JsonNode now, @Nullable JsonNode before, int columns) {
        this.now = now;
        this.before = before;
        this.columns = columns;
        pool = now.path("pools").path(0);
        poolBefore = before == null ? null : before.path("pools").path(0);
    }

    /**
     * @param before null if there is none
     * @param columns how wide a line may be
     */
    static List<String> lines(JsonNode now, @Nullable JsonNode before, int columns) {
        TopText text = new TopText(now, before, columns);
        text.server();
        text.counts();
        text.memory();
        text.statements();
        text.leases();
        return text.lines;
    }

    private void server() {
        boolean ready = now.path("ready").asBoolean();
        Instant time = Instant.ofEpochMilli(now.path("time").asLong());
        add("%s  hatch %s  %s  up %s  %s"
                .formatted(
                        TIME.format(time.atZone(ZoneId.systemDefault())),
                        now.path("version").asText(),
                        now.path("uri").asText(),
                        duration(now.path("upSeconds").asDouble()),
                        ready ? "ready" : "NOT READY: " + now.path("reason").asText()));
        add("pool %s, %s: %d in use, %d idle, %d waiting, %d at most%s"
                .formatted(
                        pool.path("name").asText(),
                        health(pool.path("health").asText()),
                        pool.path("inUse").asInt(),
                        pool.path("idle").asInt(),
                        pool.path("waiting").asInt(),
                        pool.path("max").asInt(),
                        pool.path("suspended").asBoolean() ? ", SUSPENDED" : ""));
    }

    private static String health(String word) {
        return word.equals("degraded") ? "busy when last checked" : word;
    }

    private void counts() {
        add("");
        String lately = before == null
                ? ""
                : "last "
                        + duration(now.path("upSeconds").asDouble()
                                - before.path("upSeconds").asDouble());
        row("", lately, "since start");
        count("callers that waited", "waits");
        row("  half of them at most", quantile(0.5));
        row("  99 % at most", quantile(0.99));
        row("  on average", TopText::mean);
        count("  got nothing in time", "timeouts");
        countIfAny("  refused: too many waited", "refusals");
        countIfAny("  deadlocks", "deadlocks");
        count("connections opened", "created");
        countIfAny("  failed to open", "failedConnects");
        count("connections closed", "destroyed");
        Iterator<String> reasons = pool.path("closedBy").fieldNames();
        while (reasons.hasNext()) {
            String reason = reasons.next();
            count("  " + reason, one -> one.path("closedBy").path(reason).asLong());
        }
    }

    /** What should not happen takes no line as long as it does not. */
    private void countIfAny(String name, String field) {
        if (pool.path(field).asLong() > 0) {
            count(name, field);
        }
    }

    private void count(String name, String field) {
        count(name, one -> one.path(field).asLong());
    }

    private void count(String name, ToDoubleFunction<JsonNode> of) {
        String lately =
                poolBefore == null ? "" : number((long) (of.applyAsDouble(pool) - of.applyAsDouble(poolBefore)));
        row(name, lately, number((long) of.applyAsDouble(pool)));
    }

    private interface Seconds {
        /** NaN where there were none. */
        double between(JsonNode pool, @Nullable JsonNode before);
    }

    private void row(String name, Seconds seconds) {
        row(
                name,
                poolBefore == null ? "" : duration(seconds.between(pool, poolBefore)),
                duration(seconds.between(pool, null)));
    }

    private void row(String name, String lately, String total) {
        add(left(name, NAME) + right(lately, NUMBER) + right(total, NUMBER));
    }

    private static double mean(JsonNode pool, @Nullable JsonNode before) {
        double waits = pool.path("waits").asDouble();
        double seconds = pool.path("waitSeconds").asDouble();
        if (before != null) {
            waits -= before.path("waits").asDouble();
            seconds -= before.path("waitSeconds").asDouble();
        }
        return waits > 0 ? seconds / waits : Double.NaN;
    }

    /** How long that share of the waits took at most; within a bucket they count as spread evenly. */
    private static Seconds quantile(double share) {
        return (pool, before) -> {
            JsonNode below = pool.path("waitTimes").path("below");
            JsonNode counts = pool.path("waitTimes").path("count");
            double[] waits = new double[counts.size()];
            double all = 0;
            for (int i = 0; i < waits.length; i++) {
                waits[i] = counts.path(i).asDouble();
                if (before != null) {
                    waits[i] -= before.path("waitTimes").path("count").path(i).asDouble();
                }
                all += waits[i];
            }
            double rank = share * all;
            for (int i = 0; i < waits.length; i++) {
                if (waits[i] > 0 && rank <= waits[i]) {
                    double from = i == 0 ? 0 : below.path(i - 1).asDouble();
                    return from + (below.path(i).asDouble() - from) * rank / waits[i];
                }
                rank -= waits[i];
            }
            return Double.NaN;
        };
    }

    private void memory() {
        JsonNode builders = now.path("builders");
        add("");
        add("Arrow buffers: %s allocated, at most %s"
                .formatted(
                        bytes(now.path("arrow").path("allocatedBytes").asLong()),
                        bytes(now.path("arrow").path("peakBytes").asLong())));
        add("record builders: %s out, %s idle (%s), %s allocated, %s lost"
                .formatted(
                        number(builders.path("out").asLong()),
                        number(builders.path("idle").asLong()),
                        bytes(builders.path("idleBytes").asLong()),
                        bytes(builders.path("allocatedBytes").asLong()),
                        number(builders.path("unreachable").asLong())));
    }

    private void statements() {
        add("");
        add("running statements: " + number(now.path("statementCount").asLong()));
        for (JsonNode one : now.path("statements")) {
            add(right(duration(one.path("ageSeconds").asDouble()), 10)
                    + "  " + left(one.path("kind").asText(), 11)
                    + "  " + (one.path("waiting").asBoolean() ? "waits" : "runs ")
                    + "  " + left(one.path("peer").asText(), 21)
                    + "  " + one.path("sql").asText());
        }
    }

    private void leases() {
        Map<String, String> running = new HashMap<>();
        for (JsonNode one : now.path("statements")) {
            running.put(
                    one.path("thread").asText(),
                    one.hasNonNull("sql")
                            ? one.path("sql").asText()
                            : one.path("kind").asText());
        }
        add("");
        add("longest leases, of " + number(pool.path("leaseCount").asLong()));
        for (JsonNode one : pool.path("leases")) {
            String holder = one.path("holder").asText("unknown");
            add(right(duration(one.path("heldSeconds").asDouble()), 10)
                    + "  " + left(one.path("connection").asText(), 11)
                    + "  " + left(holder, 20)
                    + "  " + running.getOrDefault(holder, one.path("acquiredAt").asText()));
        }
    }

    private void add(String line) {
        lines.add(cut(line, columns).stripTrailing());
    }

    /** Without what is no letter, and no longer than that. */
    static String cut(String line, int columns) {
        StringBuilder text = new StringBuilder();
        int[] points = line.codePoints().limit(columns).toArray();
        for (int point : points) {
            int type = Character.getType(point);
            boolean steers = type == Character.CONTROL
                    || type == Character.FORMAT
                    || type == Character.LINE_SEPARATOR
                    || type == Character.PARAGRAPH_SEPARATOR
                    || type == Character.SURROGATE;
            text.appendCodePoint(steers ? ' ' : point);
        }
        return text.toString();
    }

    private static String left(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    private static String right(String text, int width) {
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }

    private static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    static String duration(double seconds) {
        if (Double.isNaN(seconds)) {
            return "-";
        }
        if (seconds < 0.9995e-3) {
            return Math.round(seconds * 1e6) + " µs";
        }
        if (seconds < 0.9995) {
            return String.format(Locale.ROOT, seconds < 0.00995 ? "%.1f ms" : "%.0f ms", seconds * 1e3);
        }
        if (seconds < 59.95) {
            return String.format(Locale.ROOT, "%.1f s", seconds);
        }
        Duration whole = Duration.ofSeconds(Math.round(seconds));
        return whole.toHours() == 0
                ? String.format(Locale.ROOT, "%d:%02d min", whole.toMinutes(), whole.toSecondsPart())
                : String.format(Locale.ROOT, "%d:%02d h", whole.toHours(), whole.toMinutesPart());
    }

    static String bytes(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        double value = bytes;
        int unit = 0;
        while (value >= 1023.95 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 || value >= 99.95 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    }
}

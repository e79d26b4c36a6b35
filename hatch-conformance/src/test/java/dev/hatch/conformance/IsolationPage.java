package dev.hatch.conformance;

import dev.hatch.conformance.Finding.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;

/** docs/isolation.md, of which each kind of database has a section. */
final class IsolationPage {
    /** Says that the page is to be written rather than compared. */
    private static final boolean WRITE = Boolean.getBoolean("isolation.write");

    private static final Path PAGE = Path.of("..", "docs", "isolation.md");

    private IsolationPage() {}

    /** The section of one database, as all pools come out now. */
    static String section(TestedDatabase database) throws Exception {
        try (Connection admin = database.connect()) {
            StringBuilder section = new StringBuilder("## " + database.title(admin) + "\n\n");
            List<TestedPool> pools = List.of(TestedPool.values());
            section.append(row("left on the connection", pools.stream().map(TestedPool::title)));
            section.append(row("---", pools.stream().map(pool -> "---")));
            Map<TestedPool, Integer> handedOn = new EnumMap<>(TestedPool.class);
            for (Trace trace : Stream.concat(database.traces().stream(), database.alone().stream())
                    .toList()) {
                StringBuilder cells = new StringBuilder();
                for (TestedPool pool : pools) {
                    Outcome outcome = outcome(database, admin, pool, trace);
                    cells.append(" | ")
                            .append(
                                    switch (outcome) {
                                        case FORGOTTEN -> "forgotten";
                                        case HANDED_ON -> "**handed on**";
                                        case NOT_POSSIBLE -> "–";
                                    });
                    handedOn.merge(pool, outcome == Outcome.HANDED_ON ? 1 : 0, Integer::sum);
                }
                section.append("| ").append(trace.kind()).append(cells).append(" |\n");
            }
            section.append(row("handed on", pools.stream().map(pool -> handedOn.get(pool) + "")));
            return section.toString();
        }
    }

    private static String row(String head, Stream<String> cells) {
        return cells.collect(Collectors.joining(" | ", "| " + head + " | ", " |\n"));
    }

    private static Outcome outcome(TestedDatabase database, Connection admin, TestedPool tested, Trace trace)
            throws Exception {
        database.setUp(admin);
        DataSource pool = tested.open(database);
        try {
            return Finding.of(pool, trace).outcome();
        } catch (SQLException e) {
            throw new SQLException(tested + ", " + trace, e);
        } finally {
            ((AutoCloseable) closeable(pool)).close();
        }
    }

    private static Object closeable(DataSource pool) {
        return pool instanceof org.apache.tomcat.jdbc.pool.DataSource tomcat ? (AutoCloseable) tomcat::close : pool;
    }

    /** What the page has of a database now; empty if nothing. */
    static String written(String database) throws IOException {
        String page = Files.readString(PAGE);
        int start = page.indexOf("\n## " + database + " ") + 1;
        if (start == 0) {
            return "";
        }
        int end = page.indexOf("\n## ", start);
        return page.substring(start, end < 0 ? page.length() : end);
    }

    /** If that is wanted: puts the section in place of the one that is there. */
    static void write(String database, String section) throws IOException {
        if (WRITE) {
            String page = Files.readString(PAGE);
            String old = written(database);
            Files.writeString(PAGE, old.isEmpty() ? page + "\n" + section : page.replace(old, section));
        }
    }
}

package dev.hatch.server;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A SELECT with conditions that are joined by AND. Names are compared as the database has them, upper and lower case
 * apart, though DuckDB itself finds a table by either.
 */
final class MetadataQuery {
    private final StringBuilder sql;
    private final List<String> values = new ArrayList<>();

    /** What is done with the row that the result is at. */
    interface Row {
        void read(ResultSet row) throws SQLException;
    }

    /** @param select up to and with a WHERE and its first condition */
    MetadataQuery(String select) {
        sql = new StringBuilder(select);
    }

    /** @param value what the column is, as it is; the empty text, which no name is, finds nothing */
    MetadataQuery equal(String column, String value) {
        return condition(column + " = ?", List.of(value));
    }

    /** @param pattern as {@link #likePattern} takes it */
    MetadataQuery like(String column, String pattern) {
        return condition(column + " LIKE ? ESCAPE '\\'", List.of(likePattern(pattern)));
    }

    MetadataQuery in(String column, List<String> anyOf) {
        return condition(column + " IN (" + "?, ".repeat(anyOf.size() - 1) + "?)", anyOf);
    }

    private MetadataQuery condition(String condition, List<String> parameters) {
        sql.append(" AND ").append(condition);
        values.addAll(parameters);
        return this;
    }

    /**
     * The wildcards of Flight SQL, {@code %} and {@code _}, are those of LIKE. A backslash takes their meaning from them,
     * as the search string escape says, and from another backslash; before anything else it stands for itself, as Flight
     * SQL knows no escape.
     */
    private static String likePattern(String pattern) {
        StringBuilder like = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            like.append(c);
            if (c == '\\') {
                boolean escapes = i + 1 < pattern.length() && "%_\\".indexOf(pattern.charAt(i + 1)) >= 0;
                like.append(escapes ? pattern.charAt(++i) : c);
            }
        }
        return like.toString();
    }

    /** Runs it where its caller's statements run, whose temporary tables are there, too. */
    void run(RunningCalls.Call call, String orderBy, Row row) throws SQLException {
        try (Lent lent = call.lend();
                PreparedStatement statement = lent.connection().prepareStatement(sql + " ORDER BY " + orderBy)) {
            for (int i = 0; i < values.size(); i++) {
                statement.setString(i + 1, values.get(i));
            }
            call.runs(statement);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    row.read(result);
                }
            } finally {
                call.runs(null);
            }
        }
    }
}

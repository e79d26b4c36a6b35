package dev.hatch.server;

import org.apache.arrow.flight.CallStatus;

/**
 * Refuses a text with several statements. DuckDB runs all but the last of them while it prepares the text, so this has
 * to be decided before DuckDB sees it.
 *
 * <p>A semicolon counts unless it is within a string, a quoted name, a dollar-quoted string or a comment, and only if
 * anything but white space, comments and further semicolons follows it. Where a construct is not closed the rest of the
 * text belongs to it, as for DuckDB, which then refuses the text.
 */
final class SingleStatement {
    private final String sql;
    private int at;

    private SingleStatement(String sql) {
        this.sql = sql;
    }

    /** Returns {@code sql}, or throws INVALID_ARGUMENT if it holds several statements. */
    static String require(String sql) {
        if (new SingleStatement(sql).isSeveral()) {
            throw CallStatus.INVALID_ARGUMENT
                    .withDescription("one statement at a time: the text has several, separated by semicolons;"
                            + " nothing of it was run")
                    .toRuntimeException();
        }
        return sql;
    }

    private boolean isSeveral() {
        boolean ended = false;
        while (at < sql.length()) {
            char c = sql.charAt(at);
            if (c == '-' && next() == '-') {
                skipLine();
            } else if (c == '/' && next() == '*') {
                skipComment();
            } else if (Character.isWhitespace(c)) {
                at++;
            } else if (c == ';') {
                ended = true;
                at++;
            } else if (ended) {
                return true;
            } else if (c == '\'') {
                skipQuoted('\'', isEscapeString());
            } else if (c == '"') {
                skipQuoted('"', false);
            } else if (c == '$' && !continuesName(at - 1)) {
                skipDollarQuoted();
            } else {
                at++;
            }
        }
        return false;
    }

    private char next() {
        return at + 1 < sql.length() ? sql.charAt(at + 1) : 0;
    }

    private void skipLine() {
        while (at < sql.length() && sql.charAt(at) != '\n' && sql.charAt(at) != '\r') {
            at++;
        }
    }

    private void skipComment() {
        int depth = 0;
        while (at < sql.length()) {
            if (sql.startsWith("/*", at)) {
                depth++;
                at += 2;
            } else if (sql.startsWith("*/", at)) {
                at += 2;
                if (--depth == 0) {
                    return;
                }
            } else {
                at++;
            }
        }
    }

    /** E'…', where a backslash takes the next character with it. */
    private boolean isEscapeString() {
        return at > 0 && (sql.charAt(at - 1) == 'e' || sql.charAt(at - 1) == 'E') && !continuesName(at - 2);
    }

    private boolean continuesName(int index) {
        if (index < 0) {
            return false;
        }
        char c = sql.charAt(index);
        return Character.isLetterOrDigit(c) || c == '_' || c == '$' || c >= 0x80;
    }

    private void skipQuoted(char quote, boolean backslash) {
        at++;
        while (at < sql.length()) {
            char c = sql.charAt(at++);
            if (c == '\\' && backslash) {
                at++;
            } else if (c == quote) {
                if (at < sql.length() && sql.charAt(at) == quote) {
                    at++;
                } else {
                    return;
                }
            }
        }
    }

    /** $$…$$ or $tag$…$tag$; a lone $ or a parameter such as $1 is one character. */
    private void skipDollarQuoted() {
        int end = at + 1;
        while (end < sql.length() && sql.charAt(end) != '$' && continuesName(end)) {
            end++;
        }
        boolean isTag = end < sql.length()
                && sql.charAt(end) == '$'
                && (end == at + 1 || !Character.isDigit(sql.charAt(at + 1)));
        if (!isTag) {
            at++;
            return;
        }
        String tag = sql.substring(at, end + 1);
        int close = sql.indexOf(tag, end + 1);
        at = close < 0 ? sql.length() : close + tag.length();
    }
}

package dev.hatch.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * Refuses a text with several statements. DuckDB runs all but the last of them while it prepares the text, so this has
 * to be decided before DuckDB sees it.
 *
 * <p>A semicolon counts unless it is within a string, a quoted name, a dollar-quoted string or a comment, and only if
 * anything but white space, comments and further semicolons stands on both sides of it. To tell, the text is cut into
 * tokens as DuckDB 2.0 does it; {@code 1e'\''}, {@code ae'\'} and {@code a$$} are why names and numbers matter. Where a
 * construct is not closed the rest of the text belongs to it, as for DuckDB, which then refuses the text.
 *
 * <p>DuckDB replaces Unicode's spaces by plain ones, but goes by a rougher idea of what is quoted, so that not all of
 * them are. Here those outside of quotes are replaced before DuckDB sees them: then both read the same text.
 *
 * @param text as it was sent, with plain spaces for Unicode's
 * @param verb its first word, in upper case, or the first of what it explains, since EXPLAIN ANALYZE runs that; empty if there
 *     is none
 * @param effect what it does to its connection
 * @param called a function that it calls and that does something; null if there is none
 */
record SingleStatement(
        String text, String verb, Effect effect, @Nullable String called) {
    /**
     * Reads a text.
     *
     * @throws FlightRuntimeException INVALID_ARGUMENT if {@code sql} holds several statements, or a NUL, where DuckDB would
     *     take it to end
     */
    static SingleStatement of(String sql) {
        if (sql.indexOf('\0') >= 0) {
            throw refused("the text has a NUL character in it");
        }
        Scanner scanner = new Scanner(sql);
        if (scanner.isSeveral()) {
            throw refused("one statement at a time: the text has several, separated by semicolons;"
                    + " nothing of it was run");
        }
        Effect effect = Effect.of(scanner.words);
        if (scanner.explained && effect.isOfTransactions()) {
            throw refused("EXPLAIN of " + scanner.words.get(0) + " is not taken: DuckDB runs it, so say that");
        }
        return new SingleStatement(
                scanner.changed ? new String(scanner.text) : sql,
                scanner.words.isEmpty() ? "" : scanner.words.get(0),
                effect,
                scanner.called);
    }

    /** As one that is only described, which leaves its connection as it is. */
    SingleStatement described() {
        return new SingleStatement(text, verb, Effect.NONE, called);
    }

    private static FlightRuntimeException refused(String why) {
        return CallStatus.INVALID_ARGUMENT.withDescription(why).toRuntimeException();
    }

    private static final class Scanner {
        private static final String NO_NAME = "'\"`;.(){}[],:?#+-*/%^<>=~!@&|";

        /** So many first tokens tell what a statement does to its connection. */
        private static final int WORDS = 12;

        private final String sql;
        private final char[] text;
        private boolean changed;
        private int at;

        /** Functions of DuckDB that change the instance, tell of other users, or run a text as a statement. */
        private static final Set<String> EFFECTIVE = Set.of(
                "CHECKPOINT",
                "DISABLE_LOGGING",
                "DISABLE_PROFILING",
                "DUCKDB_LOGS",
                "DUCKDB_LOGS_PARSED",
                "ENABLE_LOGGING",
                "ENABLE_PROFILING",
                "FORCE_CHECKPOINT",
                "GETENV",
                "JSON_EXECUTE_SERIALIZED_SQL",
                "QUERY",
                "TRUNCATE_DUCKDB_LOGS",
                "WRITE_LOG");

        /** The first tokens, in upper case, without EXPLAIN and its options. */
        private final List<String> words = new ArrayList<>();

        private boolean explained;

        /** How many brackets of EXPLAIN's options are open. */
        private int open;

        private @Nullable String called;
        private String before = "";

        Scanner(String sql) {
            this.sql = sql;
            text = sql.toCharArray();
        }

        boolean isSeveral() {
            boolean begun = false;
            boolean ended = false;
            while (at < text.length) {
                char c = text[at];
                if (c == '-' && next() == '-') {
                    skipLine();
                } else if (c == '/' && next() == '*') {
                    skipComment();
                } else if (isUnicodeSpace(c)) {
                    text[at++] = ' ';
                    changed = true;
                } else if (isSpace(c)) {
                    at++;
                } else if (c == ';') {
                    ended = begun;
                    at++;
                } else if (ended) {
                    return true;
                } else {
                    int from = at;
                    skipToken(c);
                    begun = true;
                    token(sql.substring(from, Math.min(at, text.length)).toUpperCase(Locale.ROOT));
                }
            }
            return false;
        }

        private void token(String token) {
            String name = token.length() > 1 && "\"`".indexOf(token.charAt(0)) >= 0
                    ? token.substring(1, token.length() - 1)
                    : token;
            if (token.equals("(") && EFFECTIVE.contains(before)) {
                called = before;
            }
            before = name;
            if (words.isEmpty() && !explained && token.equals("EXPLAIN")) {
                explained = true;
            } else if (words.isEmpty() && explained && (open > 0 || token.equals("("))) {
                open += token.equals("(") ? 1 : token.equals(")") ? -1 : 0;
            } else if (words.size() < WORDS
                    && !(words.isEmpty() && explained && (token.equals("ANALYZE") || token.equals("ANALYSE")))) {
                words.add(token);
            }
        }

        private char next() {
            return at + 1 < text.length ? text[at + 1] : 0;
        }

        private static boolean isSpace(char c) {
            return c == ' ' || (c >= '\t' && c <= '\r');
        }

        private static boolean isUnicodeSpace(char c) {
            return c == 0xA0
                    || (c >= 0x2000 && c <= 0x200D)
                    || c == 0x202F
                    || c == 0x205F
                    || c == 0x2060
                    || c == 0x3000
                    || c == 0xFEFF;
        }

        private void skipLine() {
            while (at < text.length && text[at] != '\n' && text[at] != '\r') {
                at++;
            }
        }

        private void skipComment() {
            int depth = 0;
            while (at < text.length) {
                if (text[at] == '/' && next() == '*') {
                    depth++;
                    at += 2;
                } else if (text[at] == '*' && next() == '/') {
                    at += 2;
                    if (--depth == 0) {
                        return;
                    }
                } else {
                    at++;
                }
            }
        }

        private void skipToken(char c) {
            if (c == '\'' || c == '"' || c == '`') {
                skipQuoted(c, false);
            } else if (isE(c) && next() == '\'') {
                at++;
                skipQuoted('\'', true);
            } else if (c == '$') {
                skipDollarQuoted();
            } else if (isDigitOrPoint(c)) {
                skipNumber();
            } else if (NO_NAME.indexOf(c) < 0) {
                skipName();
            } else {
                at++;
            }
        }

        /** A doubled quote stands for itself; {@code backslash}: in E'…' that takes the next character with it, too. */
        private void skipQuoted(char quote, boolean backslash) {
            at++;
            while (at < text.length) {
                char c = text[at++];
                if (c == '\\' && backslash) {
                    at++;
                } else if (c == quote) {
                    if (at < text.length && text[at] == quote) {
                        at++;
                    } else {
                        return;
                    }
                }
            }
        }

        /** $$…$$ or $tag$…$tag$; otherwise, as in the parameters $1 and $name, the $ is one character. */
        private void skipDollarQuoted() {
            int end = at + 1;
            while (end < text.length && isTag(text[end])) {
                end++;
            }
            if (end >= text.length || text[end] != '$' || isDigit(text[at + 1])) {
                at++;
                return;
            }
            String tag = sql.substring(at, end + 1);
            int close = sql.indexOf(tag, end + 1);
            at = close < 0 ? text.length : close + tag.length();
        }

        private static boolean isTag(char c) {
            return isDigit(c)
                    || (c >= 'A' && c <= 'Z')
                    || (c >= 'a' && c <= 'z')
                    || c == '_'
                    || (c >= 0x80 && !isUnicodeSpace(c));
        }

        /** An exponent without digits does not belong to the number: in {@code 1e'…'} the string begins with the e. */
        private void skipNumber() {
            int from = at++;
            while (at < text.length && continuesNumber(from)) {
                at++;
            }
            while (!isDigitOrPoint(text[at - 1])) {
                at--;
            }
        }

        private boolean continuesNumber(int from) {
            char c = text[at];
            char before = text[at - 1];
            return isDigitOrPoint(c)
                    || (c == '_' && isDigitOrPoint(next()))
                    || (isE(c) && !isE(before) && (isDigit(text[from]) || isDigit(before)))
                    || ((c == '+' || c == '-') && isE(before));
        }

        private void skipName() {
            while (at < text.length
                    && NO_NAME.indexOf(text[at]) < 0
                    && !isSpace(text[at])
                    && !isUnicodeSpace(text[at])) {
                at++;
            }
        }

        private static boolean isE(char c) {
            return c == 'e' || c == 'E';
        }

        private static boolean isDigit(char c) {
            return c >= '0' && c <= '9';
        }

        private static boolean isDigitOrPoint(char c) {
            return isDigit(c) || c == '.';
        }
    }
}

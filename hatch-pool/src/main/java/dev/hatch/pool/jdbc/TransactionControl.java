package dev.hatch.pool.jdbc;

/** Looks whether the text of a statement may leave a transaction open although auto-commit is on. */
final class TransactionControl {
    private TransactionControl() {}

    /**
     * By the first word of each statement in the text, comments left out. Takes some ns for one that is not long. In doubt it says
     * yes; a procedure that begins a transaction is not found out.
     */
    static boolean mayBegin(String sql) {
        // What most texts are: one statement, with no blank, parenthesis or comment before it, which come before 'A'.
        boolean isPlain = !sql.isEmpty() && sql.charAt(0) >= 'A' && sql.indexOf(';') < 0;
        return isPlain ? begins(sql, 0) : mayAnyBegin(sql);
    }

    private static boolean mayAnyBegin(String sql) {
        int start = skipBlanks(sql, 0);
        while (isComment(sql, start)) {
            int end = afterComment(sql, start);
            int inner = sql.indexOf("/*", start + 1);
            if (inner >= 0 && inner < end) {
                // Comments nest in PostgreSQL, and not in MySQL.
                return true;
            }
            start = skipBlanks(sql, end);
        }
        while (!begins(sql, start)) {
            int semicolon = sql.indexOf(';', start);
            if (semicolon < 0) {
                return false;
            }
            start = skipBlanks(sql, semicolon + 1);
            if (isComment(sql, start)) {
                // Or part of a literal, as the semicolon before it: then what follows is no comment.
                return true;
            }
        }
        return true;
    }

    private static int skipBlanks(String sql, int start) {
        int at = start;
        while (at < sql.length() && (sql.charAt(at) <= ' ' || sql.charAt(at) == '(')) {
            at++;
        }
        return at;
    }

    private static boolean isComment(String sql, int at) {
        return sql.startsWith("--", at) || sql.startsWith("/*", at) || sql.startsWith("#", at);
    }

    /** A line ends where the first database takes it to end. */
    private static int afterComment(String sql, int start) {
        if (sql.startsWith("/*", start)) {
            int end = sql.indexOf("*/", start + 2);
            return end < 0 ? sql.length() : end + 2;
        }
        int at = start;
        while (at < sql.length() && sql.charAt(at) != '\n' && sql.charAt(at) != '\r') {
            at++;
        }
        return at;
    }

    private static boolean begins(String sql, int start) {
        if (start >= sql.length()) {
            return false;
        }
        return switch (sql.charAt(start)) {
            case 'b', 'B' -> isWord(sql, start, "BEGIN");
            case 's', 'S' -> !isSelect(sql, start) && (isWord(sql, start, "START") || isWord(sql, start, "SET"));
            case 'x', 'X' -> isWord(sql, start, "XA");
            default -> false;
        };
    }

    /** By its third letter, to be quick with what is most often asked. */
    private static boolean isSelect(String sql, int start) {
        return start + 2 < sql.length() && (sql.charAt(start + 2) == 'L' || sql.charAt(start + 2) == 'l');
    }

    private static boolean isWord(String sql, int start, String word) {
        int end = start + word.length();
        return sql.regionMatches(true, start, word, 0, word.length())
                && (end == sql.length() || !Character.isLetterOrDigit(sql.charAt(end)));
    }
}

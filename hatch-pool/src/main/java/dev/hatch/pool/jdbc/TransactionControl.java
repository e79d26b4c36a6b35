package dev.hatch.pool.jdbc;

/** Looks whether the text of a statement may leave a transaction open although auto-commit is on. */
final class TransactionControl {
    private TransactionControl() {}

    /**
     * By the first word of each statement in the text, comments left out. Takes some ns for one that is not long. In doubt it says
     * yes; a procedure that begins a transaction is not found out.
     */
    static boolean mayBegin(String sql) {
        int start = 0;
        while (start < sql.length()) {
            start = skipBlanks(sql, start);
            if (begins(sql, start)) {
                return true;
            }
            int semicolon = sql.indexOf(';', start);
            start = semicolon < 0 ? sql.length() : semicolon + 1;
        }
        return false;
    }

    private static int skipBlanks(String sql, int start) {
        int at = start;
        while (at < sql.length()) {
            char c = sql.charAt(at);
            if (c <= ' ' || c == '(') {
                at++;
            } else if (c == '#' || sql.startsWith("--", at)) {
                at = after(sql, "\n", at);
            } else if (sql.startsWith("/*", at)) {
                at = after(sql, "*/", at + 2);
            } else {
                break;
            }
        }
        return at;
    }

    private static int after(String sql, String end, int from) {
        int found = sql.indexOf(end, from);
        return found < 0 ? sql.length() : found + end.length();
    }

    private static boolean begins(String sql, int start) {
        if (start >= sql.length()) {
            return false;
        }
        return switch (sql.charAt(start)) {
            case 'b', 'B' -> isWord(sql, start, "BEGIN");
            case 's', 'S' -> isWord(sql, start, "START") || isWord(sql, start, "SET");
            case 'x', 'X' -> isWord(sql, start, "XA");
            default -> false;
        };
    }

    private static boolean isWord(String sql, int start, String word) {
        int end = start + word.length();
        return sql.regionMatches(true, start, word, 0, word.length())
                && (end == sql.length() || !Character.isLetterOrDigit(sql.charAt(end)));
    }
}

package dev.hatch.server;

import java.util.List;

/** What a statement does to the connection that it runs on, as far as its first words tell. */
enum Effect {
    /** Nothing that a later statement could see on this connection only. */
    NONE,
    /** Begins a transaction. */
    BEGINS,
    /** Ends a transaction and keeps what it has done. */
    COMMITS,
    /** Ends a transaction and undoes what it has done. */
    ROLLS_BACK,
    /** Changes a setting, the present schema, a variable, or prepares a statement of SQL. */
    SETS,
    /** Creates something temporary. */
    CREATES_TEMPORARY,
    /** Drops something, maybe temporary. */
    DROPS;

    /** @param words the statement's first tokens, in upper case */
    static Effect of(List<String> words) {
        return switch (word(words, 0)) {
            case "BEGIN", "START" -> BEGINS;
            case "COMMIT", "END" -> COMMITS;
            case "ROLLBACK", "ABORT" -> ROLLS_BACK;
            case "SET", "RESET" -> word(words, 1).equals("GLOBAL") ? NONE : SETS;
            case "USE", "PREPARE", "DEALLOCATE" -> SETS;
            case "PRAGMA" -> isSetting(words) ? SETS : NONE;
            case "CREATE" -> isTemporary(words) ? CREATES_TEMPORARY : NONE;
            case "DROP" -> DROPS;
            default -> NONE;
        };
    }

    /** Whether there is something to keep the connection for afterwards. */
    boolean keepsConnection() {
        return this == BEGINS || this == SETS || this == CREATES_TEMPORARY;
    }

    /** Whether it begins or ends a transaction. */
    boolean isOfTransactions() {
        return this == BEGINS || this == COMMITS || this == ROLLS_BACK;
    }

    /** CREATE [OR REPLACE] TEMP …, or CREATE … temp.name. */
    private static boolean isTemporary(List<String> words) {
        String kind = word(words, word(words, 1).equals("OR") ? 3 : 1);
        boolean isInTemp = false;
        for (int i = 1; i < words.size(); i++) {
            isInTemp |= (words.get(i).equals("TEMP") || words.get(i).equals("\"TEMP\""))
                    && word(words, i + 1).equals(".");
        }
        return kind.equals("TEMP") || kind.equals("TEMPORARY") || isInTemp;
    }

    private static boolean isSetting(List<String> words) {
        String name = word(words, 1);
        return word(words, 2).equals("=") || name.startsWith("ENABLE_") || name.startsWith("DISABLE_");
    }

    private static String word(List<String> words, int at) {
        return at < words.size() ? words.get(at) : "";
    }
}

package dev.hatch.server.cli;

import dev.hatch.server.ServerConfig;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/**
 * What {@code hatch serve} can be told, each by one name: the flag {@code --max-sessions}, the key {@code max-sessions} in
 * a file, the variable {@code HATCH_MAX_SESSIONS}.
 */
enum Setting {
    DATABASE(Topic.SERVED, "PATH|:memory:", ":memory:", "The database file, made if it is missing, or one in memory."),
    SAMPLE(Topic.SERVED, Setting.YES_OR_NO, "false", "Fill the in-memory database with TPC-H at scale 0.01 first."),
    LISTEN(Topic.SERVED, "HOST:PORT", "127.0.0.1:31337", "Where to listen; port 0 takes a free one."),
    ADMIN(
            Topic.SERVED,
            "HOST:PORT",
            Setting.NONE,
            "Where to show the live page, its numbers, meters and health over HTTP; port 0 takes a free one."),
    INSECURE(
            Topic.SERVED,
            Setting.YES_OR_NO,
            "false",
            "Listen on an address that other machines reach, although anyone there can read, write and run everything, or"
                    + " read passwords on the way."),

    USERS(
            Topic.SECURITY,
            "FILE",
            Setting.NONE,
            "Those who may call, as hatch user writes them; none: whoever can reach the server."),
    TOKEN_IDLE_TIMEOUT(
            Topic.SECURITY,
            "DURATION",
            "8h",
            "After how long without a call the token or cookie is good no more that a client got for its password."),
    TLS_CERT(Topic.SECURITY, "FILE", Setting.NONE, "The server's certificate and those that signed it, PEM."),
    TLS_KEY(Topic.SECURITY, "FILE", Setting.NONE, "The certificate's key, PEM, PKCS #8, not encrypted."),
    TLS_CLIENT_CA(
            Topic.SECURITY,
            "FILE",
            Setting.NONE,
            "Take only clients with a certificate that one in this file signed, PEM."),
    LOCK_DOWN(
            Topic.SECURITY,
            Setting.YES_OR_NO,
            "false",
            "Let no statement reach files or the network, the database's own file left out. Read-only users need it."),

    CONNECTIONS(Topic.AT_ONCE, "N", "25", "Statements that run at once, at most; others wait."),
    CONNECTION_TIMEOUT(Topic.AT_ONCE, "DURATION", "30s", "How long a statement waits for its turn."),
    MAX_WAITING(
            Topic.AT_ONCE,
            "N",
            Setting.NONE,
            "Statements that wait for their turn, at most; one more is refused at once."),
    MAX_CALLS_PER_USER(
            Topic.AT_ONCE,
            "N",
            Setting.NONE,
            "Calls of one user that use the database at once, at most; one more is refused."),
    MAX_CALLS_PER_SESSION(
            Topic.AT_ONCE,
            "N",
            Setting.NONE,
            "Calls of one session that use the database at once, at most; one more is refused."),
    MAX_MESSAGE_BYTES(
            Topic.AT_ONCE,
            "SIZE",
            "64M",
            "Size of a message from a client, such as a statement or a batch of an upload, at most."),

    MAX_SESSIONS(Topic.SESSIONS, "N", "1000", "Sessions at once, at most; one more is refused."),
    SESSION_IDLE_TIMEOUT(
            Topic.SESSIONS,
            "DURATION",
            "30m",
            "After how long without a call a session is forgotten, with all it holds."),
    MAX_TRANSACTIONS(
            Topic.SESSIONS,
            "N",
            Setting.AUTO,
            "Connections that transactions and sessions may hold between calls, at most; auto: all but one."),
    TRANSACTION_IDLE_TIMEOUT(
            Topic.SESSIONS, "DURATION", "5m", "After how long without a call a transaction is rolled back."),

    STATEMENT_TIMEOUT(
            Topic.STATEMENTS,
            "DURATION",
            Setting.NONE,
            "How long a statement may work, the time that its client takes to read left out."),
    STALL_TIMEOUT(
            Topic.STATEMENTS,
            "DURATION",
            "1m",
            "How long a client may take to accept the next batch of a result, or to send that of an upload."),
    MAX_RESULT_ROWS(Topic.STATEMENTS, "N", Setting.NONE, "Rows of a result, at most; a longer one ends with an error."),
    MAX_RESULT_BYTES(
            Topic.STATEMENTS, "SIZE", Setting.NONE, "Size of a result, at most; a larger one ends with an error."),
    BATCH_ROWS(Topic.STATEMENTS, "N", "" + ServerConfig.DEFAULT_BATCH_ROWS, "Rows in a batch of a result, at most."),
    DRAIN(
            Topic.STATEMENTS,
            "DURATION",
            "30s",
            "How long running statements may take to end once the server is told to stop.");

    /** No bound; for an address: nowhere. */
    static final String NONE = "none";

    /** As the other settings have it. */
    static final String AUTO = "auto";

    /** What the names of the variables begin with. */
    static final String PREFIX = "HATCH_";

    private static final String YES_OR_NO = "true|false";

    /** What settings are about, in the order of the help. */
    enum Topic {
        SERVED("Database and addresses"),
        SECURITY("Who may call, and what for"),
        AT_ONCE("Work at once"),
        SESSIONS("Sessions and transactions"),
        STATEMENTS("Statements and results");

        final String heading;

        Topic(String heading) {
            this.heading = heading;
        }
    }

    final Topic topic;

    /** What stands for a value in the help. */
    final String label;

    /** The text of a setting of which nobody says anything. */
    final String byDefault;

    /** A sentence, for the help and the documentation. */
    final String meaning;

    Setting(Topic topic, String label, String byDefault, String meaning) {
        this.topic = topic;
        this.label = label;
        this.byDefault = byDefault;
        this.meaning = meaning;
    }

    String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String flag() {
        return "--" + key();
    }

    String variable() {
        return PREFIX + name();
    }

    boolean isYesOrNo() {
        return label.equals(YES_OR_NO);
    }

    /** The word that may stand in place of a value, and leaves the builder as it is. */
    Optional<String> word() {
        return byDefault.equals(NONE) || byDefault.equals(AUTO) ? Optional.of(byDefault) : Optional.empty();
    }

    static Optional<Setting> ofKey(String key) {
        return Arrays.stream(values())
                .filter(setting -> setting.key().equals(key))
                .findFirst();
    }

    /** What was probably meant by a key that there is not. */
    static Setting nearest(String key) {
        return Arrays.stream(values())
                .min(Comparator.comparingInt(setting -> distance(setting.key(), key)))
                .orElseThrow();
    }

    /** How many letters to add, leave out or change (Levenshtein 1965; computed by Wagner and Fischer 1974). */
    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        Arrays.setAll(row, i -> i);
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int changed = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[other.length()];
    }
}

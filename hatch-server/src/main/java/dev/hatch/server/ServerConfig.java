package dev.hatch.server;

import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a {@link HatchServer}; immutable. Each setter of the {@link Builder} checks its value and throws an
 * {@link IllegalArgumentException} that quotes it.
 */
public final class ServerConfig {
    /** Larger batches cost fewer calls, smaller ones less memory; DuckDB's export is fastest around here. */
    public static final int DEFAULT_BATCH_ROWS = 16_384;

    private static final int DEFAULT_MAX_MESSAGE_BYTES = 64 << 20;

    /** Nanoseconds of it fit in a long with room to add a point in time. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private final ConnectionPoolConfig pool;
    private final Address listen;
    private final @Nullable Address admin;
    private final int batchRows;
    private final int maxMessageBytes;
    private final int maxSessions;
    private final Duration sessionIdleTimeout;
    private final int maxTransactions;
    private final Duration transactionIdleTimeout;
    private final @Nullable Duration statementTimeout;
    private final Duration stallTimeout;
    private final long maxResultRows;
    private final long maxResultBytes;
    private final int maxCallsPerUser;
    private final int maxCallsPerSession;
    private final boolean lockDown;
    private final @Nullable Path users;
    private final Duration tokenIdleTimeout;
    private final @Nullable TlsFiles tls;
    private final @Nullable Path clientCertificates;
    private final LongSupplier nanoClock;

    private ServerConfig(Builder builder) {
        pool = builder.pool;
        listen = builder.listen;
        admin = builder.admin;
        batchRows = builder.batchRows;
        maxMessageBytes = builder.maxMessageBytes;
        maxSessions = builder.maxSessions;
        sessionIdleTimeout = builder.sessionIdleTimeout;
        maxTransactions =
                builder.maxTransactions > 0 ? builder.maxTransactions : Math.max(1, pool.maxOpenConnections() - 1);
        transactionIdleTimeout = builder.transactionIdleTimeout;
        statementTimeout = builder.statementTimeout;
        stallTimeout = builder.stallTimeout;
        maxResultRows = builder.maxResultRows;
        maxResultBytes = builder.maxResultBytes;
        maxCallsPerUser = builder.maxCallsPerUser;
        maxCallsPerSession = builder.maxCallsPerSession;
        lockDown = builder.lockDown;
        users = builder.users;
        tokenIdleTimeout = builder.tokenIdleTimeout;
        tls = builder.tls;
        clientCertificates = builder.clientCertificates;
        nanoClock = builder.nanoClock;
    }

    /**
     * Where to listen.
     *
     * @param host the address
     * @param port the port; 0 takes a free one
     */
    public record Address(String host, int port) {
        /** Checks the number. */
        public Address {
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("port is " + port + "; it must be 0 to 65535");
            }
        }
    }

    /**
     * What the server shows its clients over TLS.
     *
     * @param certificateChain PEM, the server's own certificate first
     * @param privateKey PEM, PKCS #8, not encrypted
     */
    public record TlsFiles(Path certificateChain, Path privateKey) {}

    /**
     * Settings of a server on one database, by default those that each setter says.
     *
     * @param pool the database and the bound on statements that run at once
     */
    public static Builder builder(ConnectionPoolConfig pool) {
        return new Builder(pool);
    }

    /** The database and the bound on statements that run at once. */
    public ConnectionPoolConfig pool() {
        return pool;
    }

    /** Where clients are listened to. */
    public Address listen() {
        return listen;
    }

    /** Where the server shows itself; null: nowhere. */
    public @Nullable Address admin() {
        return admin;
    }

    /** Rows in a batch of a result, at most. */
    public int batchRows() {
        return batchRows;
    }

    /** Bytes of a message from a client, such as a statement or a batch of an upload, at most. */
    public int maxMessageBytes() {
        return maxMessageBytes;
    }

    /** Sessions at once, at most. */
    public int maxSessions() {
        return maxSessions;
    }

    /** After how long without a call a session is forgotten, with all that it holds. */
    public Duration sessionIdleTimeout() {
        return sessionIdleTimeout;
    }

    /** Connections that transactions and sessions may hold between calls, at most. */
    public int maxTransactions() {
        return maxTransactions;
    }

    /** After how long without a call a transaction is rolled back. */
    public Duration transactionIdleTimeout() {
        return transactionIdleTimeout;
    }

    /** How long a statement may work, the time that its client takes to read left out; null: as long as it likes. */
    public @Nullable Duration statementTimeout() {
        return statementTimeout;
    }

    /** How long a client may take to accept the next batch of a result. */
    public Duration stallTimeout() {
        return stallTimeout;
    }

    /** Rows of a result, at most. */
    public long maxResultRows() {
        return maxResultRows;
    }

    /** Bytes of a result, at most. */
    public long maxResultBytes() {
        return maxResultBytes;
    }

    /** Calls of one user that use the database at once, at most. */
    public int maxCallsPerUser() {
        return maxCallsPerUser;
    }

    /** Calls of one session that use the database at once, at most. */
    public int maxCallsPerSession() {
        return maxCallsPerSession;
    }

    /** Whether statements reach neither files nor the network. */
    public boolean lockDown() {
        return lockDown;
    }

    /** The file of those who may call; null: whoever can reach the server. */
    public @Nullable Path users() {
        return users;
    }

    /** After how long without a call a token or a cookie that a client got for its password is good no more. */
    public Duration tokenIdleTimeout() {
        return tokenIdleTimeout;
    }

    /** What TLS needs; null: no TLS. */
    public @Nullable TlsFiles tls() {
        return tls;
    }

    /** The certificates that clients' certificates have to be signed by; null: clients need none. */
    public @Nullable Path clientCertificates() {
        return clientCertificates;
    }

    LongSupplier nanoClock() {
        return nanoClock;
    }

    /** Makes a {@link ServerConfig}. Not for several threads. */
    public static final class Builder {
        private final ConnectionPoolConfig pool;
        private Address listen = new Address("127.0.0.1", 31_337);
        private @Nullable Address admin;
        private int batchRows = DEFAULT_BATCH_ROWS;
        private int maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES;
        private int maxSessions = 1_000;
        private Duration sessionIdleTimeout = Duration.ofMinutes(30);
        private int maxTransactions;
        private Duration transactionIdleTimeout = Duration.ofMinutes(5);
        private @Nullable Duration statementTimeout;
        private Duration stallTimeout = Duration.ofMinutes(1);
        private long maxResultRows = Long.MAX_VALUE;
        private long maxResultBytes = Long.MAX_VALUE;
        private int maxCallsPerUser = Integer.MAX_VALUE;
        private int maxCallsPerSession = Integer.MAX_VALUE;
        private boolean lockDown;
        private @Nullable Path users;
        private Duration tokenIdleTimeout = Duration.ofHours(8);
        private @Nullable TlsFiles tls;
        private @Nullable Path clientCertificates;
        private LongSupplier nanoClock = System::nanoTime;

        private Builder(ConnectionPoolConfig pool) {
            this.pool = pool;
        }

        /** Where to listen; 127.0.0.1:31337 by default. */
        public Builder listen(Address address) {
            listen = address;
            return this;
        }

        /** Where the server shows itself: the live page, its numbers, its health; nowhere by default. */
        public Builder admin(Address address) {
            admin = address;
            return this;
        }

        /** Rows in a batch of a result, at most; 1 or more, {@value #DEFAULT_BATCH_ROWS} by default. */
        public Builder batchRows(int rows) {
            batchRows = positive("batchRows", rows);
            return this;
        }

        /**
         * Bytes of a message from a client, such as a statement or a batch of an upload, at most: a larger one ends its
         * call with RESOURCE_EXHAUSTED. Two of an upload may be in memory; 1 or more, 64 MiB by default.
         */
        public Builder maxMessageBytes(int bytes) {
            maxMessageBytes = positive("maxMessageBytes", bytes);
            return this;
        }

        /** Sessions at once, at most: one more is refused; 1 or more, 1,000 by default. */
        public Builder maxSessions(int sessions) {
            maxSessions = positive("maxSessions", sessions);
            return this;
        }

        /** After how long without a call a session is forgotten; 30 minutes by default. */
        public Builder sessionIdleTimeout(Duration timeout) {
            sessionIdleTimeout = positive("sessionIdleTimeout", timeout);
            return this;
        }

        /**
         * Connections that transactions and sessions may hold between calls, at most; 1 or more, by default all of the
         * pool's but one, so that others can still work.
         */
        public Builder maxTransactions(int transactions) {
            maxTransactions = positive("maxTransactions", transactions);
            return this;
        }

        /** After how long without a call a transaction is rolled back; 5 minutes by default. */
        public Builder transactionIdleTimeout(Duration timeout) {
            transactionIdleTimeout = positive("transactionIdleTimeout", timeout);
            return this;
        }

        /** How long a statement may work, the time that its client takes to read left out; no bound by default. */
        public Builder statementTimeout(Duration timeout) {
            statementTimeout = positive("statementTimeout", timeout);
            return this;
        }

        /** How long a client may take to accept the next batch before its stream is ended; 1 minute by default. */
        public Builder stallTimeout(Duration timeout) {
            stallTimeout = positive("stallTimeout", timeout);
            return this;
        }

        /** Rows of a result, at most: a longer one ends with an error; no bound by default. */
        public Builder maxResultRows(long rows) {
            maxResultRows = positive("maxResultRows", rows);
            return this;
        }

        /** Bytes of Arrow data of a result, at most: a longer one ends with an error; no bound by default. */
        public Builder maxResultBytes(long bytes) {
            maxResultBytes = positive("maxResultBytes", bytes);
            return this;
        }

        /** Calls of one user that use the database at once, at most: one more is refused; no bound by default. */
        public Builder maxCallsPerUser(int calls) {
            maxCallsPerUser = positive("maxCallsPerUser", calls);
            return this;
        }

        /** Calls of one session that use the database at once, at most: one more is refused; no bound by default. */
        public Builder maxCallsPerSession(int calls) {
            maxCallsPerSession = positive("maxCallsPerSession", calls);
            return this;
        }

        /**
         * Whether statements reach neither files nor the network, the database's own file left out: no COPY, no ATTACH of a
         * file, no reading of files, no extension that is not there. Read-only users need it. Off by default.
         */
        public Builder lockDown(boolean locked) {
            lockDown = locked;
            return this;
        }

        /** The file of those who may call, as {@link UsersFile} writes it; whoever can reach the server by default. */
        public Builder users(Path file) {
            users = file;
            return this;
        }

        /**
         * After how long without a call a token or a cookie that a client got for its password is good no more; 8 hours
         * by default.
         */
        public Builder tokenIdleTimeout(Duration timeout) {
            tokenIdleTimeout = positive("tokenIdleTimeout", timeout);
            return this;
        }

        /**
         * Has clients speak TLS; in the clear by default. The files are read when the server is started.
         *
         * @param certificateChain PEM, the server's own certificate first
         * @param privateKey PEM, PKCS #8, not encrypted
         */
        public Builder tls(Path certificateChain, Path privateKey) {
            tls = new TlsFiles(certificateChain, privateKey);
            return this;
        }

        /**
         * Lets only clients in whose certificate is signed by one of these (mutual TLS); needs {@link #tls}. The common
         * name of its subject is the user's name. Without a users file such a user may read and write; with one it has
         * to be in it, and has the role that stands there.
         *
         * @param authorities PEM
         */
        public Builder clientCertificates(Path authorities) {
            clientCertificates = authorities;
            return this;
        }

        /** For a test that turns it. */
        Builder nanoClock(LongSupplier clock) {
            nanoClock = clock;
            return this;
        }

        /**
         * The settings as they are now.
         *
         * @throws IllegalArgumentException if clients are to have certificates and there is no TLS
         */
        public ServerConfig build() {
            if (clientCertificates != null && tls == null) {
                throw new IllegalArgumentException("clientCertificates is " + clientCertificates
                        + " without TLS, over which clients would show theirs; it needs tls");
            }
            return new ServerConfig(this);
        }

        private static int positive(String name, int value) {
            return (int) positive(name, (long) value);
        }

        private static long positive(String name, long value) {
            if (value < 1) {
                throw new IllegalArgumentException(name + " is " + value + "; it must be 1 or more");
            }
            return value;
        }

        private static Duration positive(String name, Duration value) {
            if (value.isZero() || value.isNegative() || value.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException(
                        name + " is " + value + "; it must be more than 0 and at most " + LONGEST.toDays() + " days");
            }
            return value;
        }
    }
}

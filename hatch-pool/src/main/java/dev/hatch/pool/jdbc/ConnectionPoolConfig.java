package dev.hatch.pool.jdbc;

import dev.hatch.pool.LeaseTracking;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a {@link ConnectionPool}; immutable. Each setter of the {@link Builder} checks its value and throws
 * an {@link IllegalArgumentException} that quotes it.
 */
public final class ConnectionPoolConfig {
    private static final AtomicInteger UNNAMED = new AtomicInteger();

    /** Nanoseconds of it fit in a long with room to add a point in time. */
    static final Duration LONGEST = Duration.ofDays(36_500);

    private final String name;
    private final String dsn;
    private final int maxOpenConnections;
    private final int maxIdleConnections;
    private final int minIdleConnections;
    private final int maxWaiters;
    private final boolean startWhileDown;
    private final @Nullable Supplier<Credentials> credentials;
    private final Map<String, String> driverProperties;
    private final @Nullable String initialSql;
    private final @Nullable String validationQuery;
    private final ConnectionPoolListener listener;
    private final Duration maxIdleSurplusTime;
    private final Duration connMaxLifetime;
    private final Duration connMaxIdleTime;
    private final Duration healthCheckPeriod;
    private final Duration connectionTimeout;
    private final @Nullable ConnectionSource source;
    private final @Nullable ResetPolicy resetPolicy;
    private final @Nullable Duration statementTimeout;
    private final LeaseTracking leaseTracking;
    private final Duration heldLongAfter;
    private final boolean detectDeadlocks;
    private final boolean jmx;

    private ConnectionPoolConfig(Builder builder, String dsn) {
        this.dsn = dsn;
        name = builder.name != null ? builder.name : "hatch-" + UNNAMED.incrementAndGet();
        maxOpenConnections = builder.maxOpenConnections;
        maxIdleConnections = builder.maxIdleConnections;
        minIdleConnections = builder.minIdleConnections;
        maxWaiters = builder.maxWaiters;
        startWhileDown = builder.startWhileDown;
        credentials = builder.credentials();
        driverProperties = Map.copyOf(builder.driverProperties);
        initialSql = builder.initialSql;
        validationQuery = builder.validationQuery;
        listener = builder.listener;
        maxIdleSurplusTime = builder.maxIdleSurplusTime;
        connMaxLifetime = builder.connMaxLifetime;
        connMaxIdleTime = builder.connMaxIdleTime;
        healthCheckPeriod = builder.healthCheckPeriod;
        connectionTimeout = builder.connectionTimeout;
        source = builder.source;
        resetPolicy = builder.resetPolicy;
        statementTimeout = builder.statementTimeout;
        leaseTracking = builder.leaseTracking;
        heldLongAfter = builder.heldLongAfter;
        detectDeadlocks = builder.detectDeadlocks;
        jmx = builder.jmx;
    }

    public static Builder builder() {
        return new Builder();
    }

    /**
     * Settings from texts, by the names of the {@link Builder}'s setters: {@code maxOpenConnections=10},
     * {@code connectionTimeout=30s} (a number with ms, s, m, h or d, or ISO 8601 such as {@code PT30S}),
     * {@code startWhileDown=true}, and {@code driverProperties.NAME=…} for what is the driver's own. A listener, a source and
     * a supplier of credentials have no text; set them on the builder.
     *
     * @throws IllegalArgumentException if there is no such setting, in which case the message suggests the nearest, or if its
     *     value is not allowed, in which case it is quoted with what is
     */
    public static Builder builder(Properties properties) {
        Builder builder = new Builder();
        for (String key : new TreeSet<>(properties.stringPropertyNames())) {
            ConfigKey.set(builder, key, key, properties.getProperty(key));
        }
        return builder;
    }

    /**
     * Settings from environment variables that begin with {@code prefix}: with {@code HATCH_}, the variable
     * {@code HATCH_MAX_OPEN_CONNECTIONS} is {@code maxOpenConnections}, and {@code HATCH_DRIVER_PROPERTIES_sslmode} is the
     * driver's {@code sslmode}. Others are left alone.
     *
     * @param environment such as {@link System#getenv()}
     * @throws IllegalArgumentException as {@link #builder(Properties)}
     */
    public static Builder builder(String prefix, Map<String, String> environment) {
        Builder builder = new Builder();
        new TreeMap<>(environment).forEach((variable, value) -> {
            if (variable.startsWith(prefix)) {
                ConfigKey.set(builder, variable, ConfigKey.ofVariable(variable.substring(prefix.length())), value);
            }
        });
        return builder;
    }

    /** A builder that begins with these settings. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.name = name;
        builder.dsn = dsn;
        builder.maxOpenConnections = maxOpenConnections;
        builder.maxIdleConnections = maxIdleConnections;
        builder.minIdleConnections = minIdleConnections;
        builder.maxWaiters = maxWaiters;
        builder.startWhileDown = startWhileDown;
        builder.credentials = credentials;
        builder.driverProperties.putAll(driverProperties);
        builder.initialSql = initialSql;
        builder.validationQuery = validationQuery;
        builder.listener = listener;
        builder.maxIdleSurplusTime = maxIdleSurplusTime;
        builder.connMaxLifetime = connMaxLifetime;
        builder.connMaxIdleTime = connMaxIdleTime;
        builder.healthCheckPeriod = healthCheckPeriod;
        builder.connectionTimeout = connectionTimeout;
        builder.source = source;
        builder.resetPolicy = resetPolicy;
        builder.statementTimeout = statementTimeout;
        builder.leaseTracking = leaseTracking;
        builder.heldLongAfter = heldLongAfter;
        builder.detectDeadlocks = detectDeadlocks;
        builder.jmx = jmx;
        return builder;
    }

    /** The pool's name in messages, thread names and logs. */
    public String name() {
        return name;
    }

    /** What to open. May hold a password: never printed by Hatch. */
    public String dsn() {
        return dsn;
    }

    public int maxOpenConnections() {
        return maxOpenConnections;
    }

    public int maxIdleConnections() {
        return maxIdleConnections;
    }

    public int minIdleConnections() {
        return minIdleConnections;
    }

    public int maxWaiters() {
        return maxWaiters;
    }

    public boolean startWhileDown() {
        return startWhileDown;
    }

    /** Whom to connect as; null if the DSN says it or nobody has to. */
    public @Nullable Supplier<Credentials> credentials() {
        return credentials;
    }

    public Map<String, String> driverProperties() {
        return driverProperties;
    }

    /** What is run on each new connection; null for nothing. */
    public @Nullable String initialSql() {
        return initialSql;
    }

    /** What is run to see whether a connection works; null to leave that to its source. */
    public @Nullable String validationQuery() {
        return validationQuery;
    }

    public ConnectionPoolListener listener() {
        return listener;
    }

    public Duration maxIdleSurplusTime() {
        return maxIdleSurplusTime;
    }

    public Duration connMaxLifetime() {
        return connMaxLifetime;
    }

    public Duration connMaxIdleTime() {
        return connMaxIdleTime;
    }

    public Duration healthCheckPeriod() {
        return healthCheckPeriod;
    }

    public Duration connectionTimeout() {
        return connectionTimeout;
    }

    /** The source given to the builder; null if it is to be found by the DSN. */
    public @Nullable ConnectionSource source() {
        return source;
    }

    /** How a returned connection is made clean; null for what the source says is best. */
    public @Nullable ResetPolicy resetPolicy() {
        return resetPolicy;
    }

    /** How long each statement of a lease may run; null: without end. */
    public @Nullable Duration statementTimeout() {
        return statementTimeout;
    }

    /** Which leases are reclaimed and told when they become unreachable. */
    public LeaseTracking leaseTracking() {
        return leaseTracking;
    }

    /** After how long without use a lease is told as held long; zero: never. */
    public Duration heldLongAfter() {
        return heldLongAfter;
    }

    /** Whether a caller is told at once that all connections are held by threads that wait for another. */
    public boolean detectDeadlocks() {
        return detectDeadlocks;
    }

    /** Whether the pool is registered with the platform's MBean server. */
    public boolean jmx() {
        return jmx;
    }

    /** Builds a {@link ConnectionPoolConfig}. Only {@link #dsn} is required. Not safe for use by several threads. */
    public static final class Builder {
        private @Nullable String name;
        private @Nullable String dsn;
        private int maxOpenConnections = 25;
        private int maxIdleConnections = 5;
        private int minIdleConnections;
        private int maxWaiters = Integer.MAX_VALUE;
        private boolean startWhileDown;
        private @Nullable String user;
        private @Nullable String password;
        private @Nullable Supplier<Credentials> credentials;
        private final Map<String, String> driverProperties = new HashMap<>();
        private @Nullable String initialSql;
        private @Nullable String validationQuery;
        private ConnectionPoolListener listener = new ConnectionPoolListener() {};
        private Duration maxIdleSurplusTime = Duration.ofSeconds(10);
        private Duration connMaxLifetime = Duration.ofMinutes(30);
        private Duration connMaxIdleTime = Duration.ofMinutes(10);
        private Duration healthCheckPeriod = Duration.ofMinutes(1);
        private Duration connectionTimeout = Duration.ofSeconds(30);
        private @Nullable ConnectionSource source;
        private @Nullable ResetPolicy resetPolicy;
        private @Nullable Duration statementTimeout;
        private LeaseTracking leaseTracking = LeaseTracking.SAMPLED;
        private Duration heldLongAfter = Duration.ofMinutes(5);
        private boolean detectDeadlocks = true;
        private boolean jmx;

        private Builder() {}

        /** The pool's name in messages, thread names and logs. Default: {@code hatch-1}, {@code hatch-2}, … */
        public Builder name(String name) {
            this.name = notBlank("name", name);
            return this;
        }

        /** A path or {@code :memory:} for DuckDB, else a JDBC URL. Required. */
        public Builder dsn(String dsn) {
            this.dsn = notBlank("dsn", dsn);
            return this;
        }

        /** The bound on connections that exist at once; at least 1. Default: 25. */
        public Builder maxOpenConnections(int maxOpenConnections) {
            this.maxOpenConnections = atLeast("maxOpenConnections", 1, maxOpenConnections);
            return this;
        }

        /**
         * How many connections are kept while nobody uses them; 0 or more, and in effect at most
         * {@link #maxOpenConnections}. A surplus is closed once it has stayed surplus for {@link #maxIdleSurplusTime}.
         * Default: 5.
         */
        public Builder maxIdleConnections(int maxIdleConnections) {
            this.maxIdleConnections = atLeast("maxIdleConnections", 0, maxIdleConnections);
            return this;
        }

        /**
         * How many connections are kept at hand; at most {@link #maxIdleConnections} and {@link #maxOpenConnections}.
         * Default: 0.
         */
        public Builder minIdleConnections(int minIdleConnections) {
            this.minIdleConnections = atLeast("minIdleConnections", 0, minIdleConnections);
            return this;
        }

        /** How many callers may wait for a connection; one more is refused at once. Default: no bound. */
        public Builder maxWaiters(int maxWaiters) {
            this.maxWaiters = atLeast("maxWaiters", 0, maxWaiters);
            return this;
        }

        /** Whether the pool may be made while the database cannot be reached; it connects when that is back. Default: false. */
        public Builder startWhileDown(boolean startWhileDown) {
            this.startWhileDown = startWhileDown;
            return this;
        }

        /** Who connects; with {@link #password}. Default: what the DSN says. */
        public Builder user(String user) {
            this.user = notBlank("user", user);
            return this;
        }

        /** The user's password; never printed by Hatch. Default: empty. */
        public Builder password(String password) {
            this.password = Objects.requireNonNull(password, "password");
            return this;
        }

        /** Is asked who connects at each connect, for passwords and tokens that change. In place of {@link #user}. */
        public Builder credentials(Supplier<Credentials> credentials) {
            this.credentials = Objects.requireNonNull(credentials, "credentials");
            return this;
        }

        /** A property that the driver is given at each connect. */
        public Builder driverProperty(String name, String value) {
            driverProperties.put(
                    notBlank("the name of a driver's property", name), Objects.requireNonNull(value, name));
            return this;
        }

        /** Is run on each new connection, and committed. Default: nothing. */
        public Builder initialSql(String initialSql) {
            this.initialSql = notBlank("initialSql", initialSql);
            return this;
        }

        /** Is run to see whether a connection works. Default: what the source does, which is often isValid(). */
        public Builder validationQuery(String validationQuery) {
            this.validationQuery = notBlank("validationQuery", validationQuery);
            return this;
        }

        /**
         * How long each statement of a lease may run before it fails, unless its user sets another
         * {@link java.sql.Statement#setQueryTimeout}, in which unit, seconds, it is given to the driver, rounded up. Default: no
         * limit.
         */
        public Builder statementTimeout(Duration statementTimeout) {
            this.statementTimeout = positive("statementTimeout", statementTimeout);
            return this;
        }

        /**
         * Which leases are reclaimed when they become unreachable without having been closed; these are logged, with the stack where they
         * were acquired, and told to the listener. Their connections are closed. Default: {@link LeaseTracking#SAMPLED}.
         */
        public Builder leaseTracking(LeaseTracking leaseTracking) {
            this.leaseTracking = Objects.requireNonNull(leaseTracking, "leaseTracking");
            return this;
        }

        /**
         * After how long without a call to it, or to a statement of it, or to the next row of a result, a lease is logged, with the present stack of the
         * thread that last used it, and told to the listener; once for each lease. Zero: never. Default: 5 minutes.
         */
        public Builder heldLongAfter(Duration heldLongAfter) {
            this.heldLongAfter = heldLongAfter.isZero() ? heldLongAfter : positive("heldLongAfter", heldLongAfter);
            return this;
        }

        /**
         * Whether a caller fails at once, SQLState 40001, when all connections are held by threads that wait for another, it being one of
         * them. One that waits less than 1 s anyway is left to that. A connection is held by the thread that acquired it or last called a method of it, or of what came from it: turn this
         * off if threads wait for connections while others hold for them some that they have not used yet. Default: true.
         */
        public Builder detectDeadlocks(boolean detectDeadlocks) {
            this.detectDeadlocks = detectDeadlocks;
            return this;
        }

        /**
         * Whether the pool is a {@link ConnectionPoolMXBean} of the platform's MBean server, as {@code
         * dev.hatch:type=ConnectionPool,name=}<i>its name</i>. Default: false.
         */
        public Builder jmx(boolean jmx) {
            this.jmx = jmx;
            return this;
        }

        /** Is told what the pool does. Default: nobody. */
        public Builder listener(ConnectionPoolListener listener) {
            this.listener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /** How long a surplus of idle connections is kept in case it is needed again. Default: 10 s. */
        public Builder maxIdleSurplusTime(Duration maxIdleSurplusTime) {
            this.maxIdleSurplusTime = positive("maxIdleSurplusTime", maxIdleSurplusTime);
            return this;
        }

        /** The age at which a connection is closed, as soon as nobody uses it. Default: 30 minutes. */
        public Builder connMaxLifetime(Duration connMaxLifetime) {
            this.connMaxLifetime = positive("connMaxLifetime", connMaxLifetime);
            return this;
        }

        /** How long a connection may stay idle before it is closed. Default: 10 minutes. */
        public Builder connMaxIdleTime(Duration connMaxIdleTime) {
            this.connMaxIdleTime = positive("connMaxIdleTime", connMaxIdleTime);
            return this;
        }

        /** The time between two health checks. Default: 1 minute. */
        public Builder healthCheckPeriod(Duration healthCheckPeriod) {
            this.healthCheckPeriod = positive("healthCheckPeriod", healthCheckPeriod);
            return this;
        }

        /** How long a caller waits for a connection, and a health check for its answer. Default: 30 s. */
        public Builder connectionTimeout(Duration connectionTimeout) {
            this.connectionTimeout = positive("connectionTimeout", connectionTimeout);
            return this;
        }

        /** Opens the database with this source instead of the one that accepts the DSN. */
        public Builder source(ConnectionSource source) {
            this.source = Objects.requireNonNull(source, "source");
            return this;
        }

        /**
         * How a returned connection is made clean. Default: what the source says is best: {@link ResetPolicy#REPLACE} for DuckDB,
         * {@link ResetPolicy#STATEMENT} for PostgreSQL, MariaDB and MySQL, else {@link ResetPolicy#ATTRIBUTES}. {@code STATEMENT} is
         * possible only where it is the default.
         */
        public Builder resetPolicy(ResetPolicy resetPolicy) {
            this.resetPolicy = Objects.requireNonNull(resetPolicy, "resetPolicy");
            return this;
        }

        /**
         * The finished settings.
         *
         * @throws IllegalStateException if there is no DSN, or settings contradict each other
         */
        public ConnectionPoolConfig build() {
            if (dsn == null) {
                throw new IllegalStateException(
                        "dsn is missing: give a path or \":memory:\" for DuckDB, or a JDBC URL");
            }
            if (minIdleConnections > Math.min(maxOpenConnections, maxIdleConnections)) {
                throw new IllegalStateException(String.format(
                        Locale.ROOT,
                        "minIdleConnections is %d; it must be at most maxIdleConnections %d and maxOpenConnections %d",
                        minIdleConnections,
                        maxIdleConnections,
                        maxOpenConnections));
            }
            if (credentials != null && (user != null || password != null)) {
                throw new IllegalStateException("there are credentials and a user or password: give one of both");
            }
            if (user == null && password != null) {
                throw new IllegalStateException("there is a password and no user: give both, or credentials");
            }
            return new ConnectionPoolConfig(this, dsn);
        }

        private @Nullable Supplier<Credentials> credentials() {
            if (user == null) {
                return credentials;
            }
            Credentials fixed = new Credentials(user, password == null ? "" : password);
            return () -> fixed;
        }

        private static String notBlank(String setting, String value) {
            if (value.isBlank()) {
                throw new IllegalArgumentException(setting + " is blank");
            }
            return value;
        }

        private static int atLeast(String setting, int least, int value) {
            if (value < least) {
                throw new IllegalArgumentException(
                        String.format(Locale.ROOT, "%s is %d; it must be %d or more", setting, value, least));
            }
            return value;
        }

        private static Duration positive(String setting, Duration value) {
            if (value.isNegative() || value.isZero() || value.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT, "%s is %s; it must be more than zero and at most %s", setting, value, LONGEST));
            }
            return value;
        }
    }
}

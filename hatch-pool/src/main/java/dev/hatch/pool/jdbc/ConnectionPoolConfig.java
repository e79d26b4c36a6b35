package dev.hatch.pool.jdbc;

import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a {@link ConnectionPool}; immutable. Each setter of the {@link Builder} checks its value and throws
 * an {@link IllegalArgumentException} that quotes it.
 */
public final class ConnectionPoolConfig {
    private static final AtomicInteger UNNAMED = new AtomicInteger();
    /** Nanoseconds of it fit in a long with room to add a point in time. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private final String name;
    private final String dsn;
    private final int maxOpenConnections;
    private final int maxIdleConnections;
    private final Duration maxIdleSurplusTime;
    private final Duration connMaxLifetime;
    private final Duration connMaxIdleTime;
    private final Duration healthCheckPeriod;
    private final Duration connectionTimeout;
    private final @Nullable ConnectionSource source;

    private ConnectionPoolConfig(Builder builder, String dsn) {
        this.dsn = dsn;
        name = builder.name != null ? builder.name : "hatch-" + UNNAMED.incrementAndGet();
        maxOpenConnections = builder.maxOpenConnections;
        maxIdleConnections = builder.maxIdleConnections;
        maxIdleSurplusTime = builder.maxIdleSurplusTime;
        connMaxLifetime = builder.connMaxLifetime;
        connMaxIdleTime = builder.connMaxIdleTime;
        healthCheckPeriod = builder.healthCheckPeriod;
        connectionTimeout = builder.connectionTimeout;
        source = builder.source;
    }

    public static Builder builder() {
        return new Builder();
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

    /** Builds a {@link ConnectionPoolConfig}. Only {@link #dsn} is required. Not safe for use by several threads. */
    public static final class Builder {
        private @Nullable String name;
        private @Nullable String dsn;
        private int maxOpenConnections = 25;
        private int maxIdleConnections = 5;
        private Duration maxIdleSurplusTime = Duration.ofSeconds(10);
        private Duration connMaxLifetime = Duration.ofMinutes(30);
        private Duration connMaxIdleTime = Duration.ofMinutes(10);
        private Duration healthCheckPeriod = Duration.ofMinutes(1);
        private Duration connectionTimeout = Duration.ofSeconds(30);
        private @Nullable ConnectionSource source;

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
         * The finished settings.
         *
         * @throws IllegalStateException if there is no DSN
         */
        public ConnectionPoolConfig build() {
            if (dsn == null) {
                throw new IllegalStateException(
                        "dsn is missing: give a path or \":memory:\" for DuckDB, or a JDBC URL");
            }
            return new ConnectionPoolConfig(this, dsn);
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

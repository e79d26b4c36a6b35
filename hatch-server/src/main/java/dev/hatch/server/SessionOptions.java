package dev.hatch.server;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;
import org.apache.arrow.flight.SessionOptionValue;
import org.apache.arrow.flight.SessionOptionValueFactory;
import org.apache.arrow.flight.SessionOptionValueVisitor;
import org.apache.arrow.flight.SetSessionOptionsResult.ErrorValue;
import org.jspecify.annotations.Nullable;

/**
 * What a session sets on each connection that it is lent: {@code catalog}, {@code schema}, and the settings of DuckDB that
 * are a connection's own, such as {@code TimeZone}. Immutable.
 *
 * @param values the options' texts by their names
 */
record SessionOptions(Map<String, String> values) {
    static final SessionOptions NONE = new SessionOptions(Map.of());

    static final String CATALOG = "catalog";
    static final String SCHEMA = "schema";

    /** A value as text; null takes an option out. */
    static final SessionOptionValueVisitor<@Nullable String> TEXT = new SessionOptionValueVisitor<>() {
        @Override
        public String visit(String value) {
            return value;
        }

        @Override
        public String visit(boolean value) {
            return Boolean.toString(value);
        }

        @Override
        public String visit(long value) {
            return Long.toString(value);
        }

        @Override
        public String visit(double value) {
            return Double.toString(value);
        }

        @Override
        public String visit(String[] value) {
            return String.join(",", value);
        }

        @Override
        public @Nullable String visit(@Nullable Void value) {
            return null;
        }
    };

    SessionOptions {
        values = Map.copyOf(values);
    }

    boolean isEmpty() {
        return values.isEmpty();
    }

    /** These with one changed; null takes it out. */
    SessionOptions with(String name, @Nullable String value) {
        Map<String, String> changed = new TreeMap<>(values);
        if (value == null) {
            changed.remove(name);
        } else {
            changed.put(name, value);
        }
        return new SessionOptions(changed);
    }

    /** As they are sent. */
    Map<String, SessionOptionValue> asValues() {
        Map<String, SessionOptionValue> sent = new TreeMap<>();
        values.forEach((name, value) -> sent.put(name, SessionOptionValueFactory.makeSessionOptionValue(value)));
        return sent;
    }

    /** Sets all of them. */
    void apply(Connection lease) throws SQLException {
        if (isEmpty()) {
            return;
        }
        String catalog = values.get(CATALOG);
        String schema = values.get(SCHEMA);
        if (catalog != null || schema != null) {
            Sql.execute(
                    lease,
                    "USE " + Sql.name(catalog == null ? lease.getCatalog() : catalog) + "."
                            + Sql.name(schema == null ? "main" : schema));
        }
        for (Map.Entry<String, String> option : values.entrySet()) {
            if (!isPlace(option.getKey())) {
                Sql.execute(lease, "SET SESSION " + Sql.name(option.getKey()) + " = " + Sql.text(option.getValue()));
            }
        }
    }

    private static boolean isPlace(String name) {
        return name.equals(CATALOG) || name.equals(SCHEMA);
    }

    /**
     * Why an option cannot be set; null if it can. Sets it on the connection.
     *
     * @param anySetting whether other options than catalog and schema may be set at all
     */
    @Nullable ErrorValue check(Connection lease, String name, boolean anySetting) {
        try {
            if (!isPlace(name) && !(anySetting && exists(lease, name))) {
                return ErrorValue.INVALID_NAME;
            }
            apply(lease);
            return null;
        } catch (SQLException e) {
            return ErrorValue.INVALID_VALUE;
        }
    }

    private static boolean exists(Connection lease, String name) throws SQLException {
        try (PreparedStatement statement =
                lease.prepareStatement("SELECT 1 FROM duckdb_settings() WHERE lower(name) = lower(?)")) {
            statement.setString(1, name);
            try (ResultSet found = statement.executeQuery()) {
                return found.next();
            }
        }
    }
}

package dev.hatch.contract;

import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import dev.hatch.pool.jdbc.ConnectionSource;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One table of names, connections with transactions, and a driver that is strict: it refuses {@code rollback()} while it
 * commits by itself, commits what is open when it begins to, and refuses to change the isolation within a transaction. As
 * many drivers do, it notices that its connection was ended only when it has to ask the database. It understands the
 * contract's statements, and {@code FAIL}, {@code WARN} and {@code KILL}.
 */
final class FakeDatabase implements ConnectionSource, ConnectionSource.Database {
    private static final Pattern INSERT = Pattern.compile("INSERT INTO t \\(name\\) VALUES \\((?:'(.*)'|\\?)\\)");

    private static final Pattern BEGIN = Pattern.compile("BEGIN|begin transaction|START TRANSACTION");

    private final List<String> names = new CopyOnWriteArrayList<>();
    private final Set<Session> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connects = new AtomicInteger();

    /** The driver's own class. */
    interface FakeConnection extends Connection {}

    /** The driver's own class. */
    interface FakeStatement extends PreparedStatement {}

    int openConnections() {
        return open.size();
    }

    @Override
    public boolean accepts(String dsn) {
        return dsn.equals("fake");
    }

    @Override
    public Database open(ConnectionPoolConfig config) {
        return this;
    }

    @Override
    public Connection connect() {
        Session session = new Session(connects.incrementAndGet());
        open.add(session);
        return session.connection;
    }

    @Override
    public void close() {}

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    /** One connection. */
    private final class Session {
        final FakeConnection connection = proxy(FakeConnection.class, (self, method, args) -> call(method, args));
        private final Map<String, Object> attributes = new HashMap<>();
        private final List<String> uncommitted = new ArrayList<>();
        private final List<Run> statements = new ArrayList<>();
        private final int number;
        private boolean begun;
        private boolean aborted;
        private boolean killed;
        private SQLWarning warning;

        Session(int number) {
            this.number = number;
            attributes.put("AutoCommit", true);
            attributes.put("ReadOnly", false);
            attributes.put("TransactionIsolation", Connection.TRANSACTION_READ_COMMITTED);
            attributes.put("Catalog", "main");
            attributes.put("Schema", "main");
            attributes.put("Holdability", ResultSet.HOLD_CURSORS_OVER_COMMIT);
            attributes.put("NetworkTimeout", 0);
            attributes.put("TypeMap", Map.of());
            attributes.put("ClientInfo", new Properties());
        }

        private Object call(Method method, Object[] args) throws SQLException {
            String name = method.getName();
            return switch (name) {
                case "toString" -> "fake connection " + number;
                case "isClosed" -> !open.contains(this);
                case "isValid" -> isAlive();
                case "isWrapperFor" -> false;
                case "getAutoCommit" -> commitsByItself();
                case "getWarnings" -> warning;
                case "clearWarnings" -> {
                    warning = null;
                    yield null;
                }
                case "close", "abort" -> {
                    open.remove(this);
                    statements.forEach(statement -> statement.closed = true);
                    yield end(false);
                }
                default -> {
                    requireAlive();
                    yield callAlive(name, args);
                }
            };
        }

        private Object callAlive(String name, Object[] args) throws SQLException {
            return switch (name) {
                case "createStatement" -> new Run(this, null).statement;
                case "prepareStatement" -> new Run(this, (String) args[0]).statement;
                case "getMetaData" -> metaData();
                case "commit", "rollback" -> {
                    if (commitsByItself()) {
                        throw new SQLException("cannot " + name + " in auto-commit mode", "25000");
                    }
                    yield end(name.equals("commit"));
                }
                default -> attribute(name, args);
            };
        }

        private Object attribute(String name, Object[] args) throws SQLException {
            String attribute = name.replaceFirst("^(get|is|set)", "");
            Object now = attributes.get(attribute);
            if (now instanceof Properties info && args != null && args[0] instanceof String key) {
                return args.length == 1 ? info.getProperty(key) : info.setProperty(key, (String) args[1]);
            }
            if (!name.startsWith("set")) {
                if (now == null) {
                    throw new UnsupportedOperationException(name);
                }
                return now;
            }
            if (attribute.equals("TransactionIsolation") && !uncommitted.isEmpty()) {
                throw new SQLException("cannot change the isolation within a transaction", "25001");
            }
            if (attribute.equals("AutoCommit") && !now.equals(args[0])) {
                end(true);
            }
            attributes.put(attribute, args[args.length - 1]);
            return null;
        }

        private DatabaseMetaData metaData() {
            return proxy(DatabaseMetaData.class, (self, method, args) -> switch (method.getName()) {
                case "getConnection" -> connection;
                case "getTables" -> new Run(this, null).result("t");
                default -> throw new UnsupportedOperationException(method.toString());
            });
        }

        private boolean isAlive() {
            return !killed && open.contains(this);
        }

        private void requireAlive() throws SQLException {
            if (!isAlive()) {
                throw new SQLException("the connection was terminated", "57P01");
            }
        }

        private boolean commitsByItself() {
            return (boolean) attributes.get("AutoCommit");
        }

        private boolean inTransaction() {
            return begun || !commitsByItself();
        }

        /** Gives 0, the count of a statement that changes no row. */
        private int end(boolean commit) {
            if (commit && !aborted) {
                names.addAll(uncommitted);
            }
            uncommitted.clear();
            begun = false;
            aborted = false;
            return 0;
        }

        /** The value of a query, else how many rows were changed. */
        Object run(String sql, Object parameter) throws SQLException {
            requireAlive();
            if (aborted && !sql.equals("ROLLBACK")) {
                throw new SQLException("the transaction is aborted", "25P02");
            }
            Matcher insert = INSERT.matcher(sql);
            if (insert.matches()) {
                String name = insert.group(1);
                (inTransaction() ? uncommitted : names).add(name != null ? name : (String) parameter);
                return 1;
            }
            if (BEGIN.matcher(sql).find()) {
                begun = true;
                return 0;
            }
            return switch (sql) {
                case "SELECT 1" -> 1;
                case "SELECT count(*) FROM t" -> names.size() + uncommitted.size();
                case "SELECT name FROM t WHERE id = ?" -> names.get((int) parameter - 1);
                case "CREATE TABLE t" -> 0;
                case "DROP TABLE t" -> {
                    names.clear();
                    yield 0;
                }
                case "ROLLBACK" -> end(false);
                case "WARN" -> {
                    warning = new SQLWarning("take care");
                    yield 0;
                }
                case "KILL" -> {
                    killed = true;
                    yield 0;
                }
                case "FAIL" -> {
                    aborted = inTransaction();
                    throw new SQLException("failed as told", "22000");
                }
                default -> throw new SQLException("the fake does not know " + sql, "42000");
            };
        }
    }

    /** One statement. */
    private final class Run {
        final FakeStatement statement = proxy(FakeStatement.class, (self, method, args) -> call(method, args));
        private final Session session;
        private final String prepared;
        private final List<String> batch = new ArrayList<>();
        private final List<Object> bound = new ArrayList<>();
        private Object parameter;
        private Object answer;
        private boolean closed;

        Run(Session session, String prepared) {
            this.session = session;
            this.prepared = prepared;
            session.statements.add(this);
        }

        private Object call(Method method, Object[] args) throws SQLException {
            String sql = args != null && args[0] instanceof String text ? text : prepared;
            return switch (method.getName()) {
                case "toString" -> "fake statement";
                case "isClosed" -> closed;
                case "close" -> {
                    closed = true;
                    yield session.statements.remove(this);
                }
                case "getConnection" -> session.connection;
                case "setString", "setInt" -> {
                    parameter = args[1];
                    yield null;
                }
                case "execute" -> {
                    answer = session.run(sql, parameter);
                    yield sql.startsWith("SELECT");
                }
                case "executeUpdate" -> session.run(sql, parameter);
                case "executeQuery" -> result(session.run(sql, parameter));
                case "getResultSet" -> result(answer);
                case "getGeneratedKeys" -> result(names.size() + session.uncommitted.size());
                case "addBatch" -> {
                    batch.add(sql);
                    bound.add(parameter);
                    yield null;
                }
                case "executeBatch" -> {
                    int[] counts = new int[batch.size()];
                    for (int i = 0; i < counts.length; i++) {
                        counts[i] = (int) session.run(batch.get(i), bound.get(i));
                    }
                    batch.clear();
                    bound.clear();
                    yield counts;
                }
                default -> throw new UnsupportedOperationException(method.toString());
            };
        }

        /** One row of one column. */
        ResultSet result(Object value) {
            int[] row = new int[1];
            return proxy(ResultSet.class, (self, method, args) -> switch (method.getName()) {
                case "next" -> ++row[0] == 1;
                case "getInt", "getString" -> value;
                case "getStatement" -> statement;
                case "isClosed" -> closed;
                case "close" -> null;
                default -> throw new UnsupportedOperationException(method.toString());
            });
        }
    }
}

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes the plain methods of the JDBC wrappers, as {@code java GenerateJdbcMethods.java METHODS FOLDER}: each asks the raw
 * object and tells {@code failed} of what that throws. Results that would lead to the raw connection are wrapped, arguments
 * that were are unwrapped.
 */
final class GenerateJdbcMethods {
    private static final Pattern METHOD =
            Pattern.compile("(@Deprecated )?(<T> )?(\\S.*?) (\\w+)\\((.*)\\)( throws nothing)?");

    /** What stands above the methods of each interface: the class, how it is made and how it comes to the raw object. */
    private static final Map<String, String> HEADS = new LinkedHashMap<>();

    static {
        HEADS.put("Connection", """
                abstract class ConnectionMethods extends Lease<PhysicalConnection> implements Connection {
                    ConnectionMethods(Claim<PhysicalConnection> claim) {
                        super(claim);
                    }

                    abstract Connection raw() throws SQLException;

                    abstract SQLException failed(SQLException failure);

                    abstract Array wrap(Array array);
                """);
        HEADS.put("Statement", """
                abstract class StatementMethods implements Statement {
                    abstract Statement raw() throws SQLException;

                    abstract Statement running(String sql) throws SQLException;

                    abstract SQLException failed(SQLException failure);

                    abstract ResultSet wrap(ResultSet result);
                """);
        HEADS.put("PreparedStatement", """
                abstract class PreparedStatementMethods extends PooledStatement implements PreparedStatement {
                    PreparedStatementMethods(PooledConnection connection, PreparedStatement raw) {
                        super(connection, raw);
                    }

                    @Override
                    PreparedStatement raw() throws SQLException {
                        return (PreparedStatement) super.raw();
                    }
                """);
        HEADS.put("CallableStatement", """
                abstract class CallableStatementMethods extends PooledPreparedStatement implements CallableStatement {
                    CallableStatementMethods(PooledConnection connection, CallableStatement raw) {
                        super(connection, raw);
                    }

                    @Override
                    CallableStatement raw() throws SQLException {
                        return (CallableStatement) super.raw();
                    }
                """);
        for (String plain : List.of("ResultSet", "DatabaseMetaData", "Array")) {
            HEADS.put(plain, """
                    abstract class %1$sMethods extends PooledPart<%1$s> implements %1$s {
                        %1$sMethods(PooledConnection connection, @Nullable PooledStatement statement, %1$s raw) {
                            super(connection, statement, raw);
                        }
                    """.formatted(plain));
        }
    }

    private GenerateJdbcMethods() {}

    public static void main(String[] args) throws IOException {
        Path folder = Files.createDirectories(Path.of(args[1], "dev", "hatch", "pool", "jdbc"));
        Map<String, List<String>> methods = new LinkedHashMap<>();
        List<String> current = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(args[0]))) {
            if (line.startsWith("  ")) {
                current.add(line.strip());
            } else if (HEADS.containsKey(line)) {
                current = new ArrayList<>();
                methods.put(line, current);
            } else if (!line.isEmpty() && !line.startsWith("#")) {
                throw new IOException(args[0] + ": neither an interface nor a method: " + line);
            }
        }
        for (Map.Entry<String, List<String>> found : methods.entrySet()) {
            write(folder.resolve(found.getKey() + "Methods.java"), source(found.getKey(), found.getValue()));
        }
    }

    /** Leaves alone what is the same, so that nothing is compiled for nothing. */
    private static void write(Path file, String source) throws IOException {
        if (!Files.exists(file) || !Files.readString(file).equals(source)) {
            Files.writeString(file, source);
        }
    }

    private static String source(String type, List<String> methods) throws IOException {
        StringBuilder source = new StringBuilder("""
                package dev.hatch.pool.jdbc;

                import dev.hatch.pool.Claim;
                import dev.hatch.pool.Lease;
                import java.io.InputStream;
                import java.io.Reader;
                import java.math.BigDecimal;
                import java.net.URL;
                import java.sql.*;
                import java.util.Calendar;
                import java.util.Map;
                import java.util.Properties;
                import org.jspecify.annotations.Nullable;

                /** Generated: the methods of a {@link %s} that do no more than ask the raw one. */
                @SuppressWarnings("all")
                """.formatted(type));
        source.append(HEADS.get(type));
        for (String method : methods) {
            source.append(method(type, method));
        }
        return source.append("}\n").toString();
    }

    private static String method(String type, String line) throws IOException {
        Matcher method = METHOD.matcher(line);
        if (!method.matches()) {
            throw new IOException("not a method: " + line);
        }
        boolean generic = method.group(2) != null;
        String result = method.group(3);
        List<String> arguments = new ArrayList<>();
        for (String parameter : parameters(method.group(5))) {
            int space = parameter.lastIndexOf(' ');
            String name = parameter.substring(space + 1);
            boolean mayBeWrapped = parameter.startsWith("Array ") || parameter.startsWith("Object ");
            arguments.add(mayBeWrapped ? "PooledArray.unwrapped(" + name + ")" : name);
        }
        // Whoever is given a text to run looks at it first.
        boolean runs = type.equals("Statement") && method.group(5).startsWith("String sql");
        String call = (runs ? "running(sql)." : "raw().") + method.group(4) + "(" + String.join(", ", arguments) + ")";
        String body;
        if (generic) {
            body = "return wrap(type, " + call + ");";
        } else if (List.of("ResultSet", "Array", "Object").contains(result)) {
            body = "return wrap(" + call + ");";
        } else {
            body = (result.equals("void") ? "" : "return ") + call + ";";
        }
        String head = (method.group(1) != null ? "@Deprecated " : "")
                + "@Override public " + (generic ? "<T> " : "") + result + " " + method.group(4) + "(" + method.group(5) + ")";
        if (method.group(6) != null) {
            return """

                        %s {
                            return raw.%s();
                        }
                    """.formatted(head, method.group(4)).indent(4);
        }
        return """

                %s throws SQLException {
                    try {
                        %s
                    } catch (SQLException e) {
                        throw failed(e);
                    }
                }
                """.formatted(head, body).indent(4);
    }

    /** By the commas outside of angle brackets. */
    private static List<String> parameters(String text) {
        List<String> parameters = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '<' ? 1 : c == '>' ? -1 : 0;
            if (c == ',' && depth == 0) {
                parameters.add(text.substring(start, i).strip());
                start = i + 1;
            }
        }
        if (start < text.length()) {
            parameters.add(text.substring(start).strip());
        }
        return parameters;
    }
}

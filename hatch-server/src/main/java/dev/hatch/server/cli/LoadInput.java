package dev.hatch.server.cli;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.OptionalLong;
import java.util.Properties;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.duckdb.DuckDBDriver;
import org.duckdb.DuckDBResultSet;
import org.jspecify.annotations.Nullable;

/** A file as Arrow batches. Parquet and CSV are read by a DuckDB of this process, Arrow's own formats by Arrow. */
final class LoadInput implements AutoCloseable {
    enum Format {
        PARQUET("\\.(parquet|pq)"),
        CSV("\\.(csv|tsv)(\\.gz)?"),
        ARROW("\\.(arrows?|ipc|feather)");

        private final String ending;

        Format(String ending) {
            this.ending = ending;
        }

        /** What a file of this name, in lower case, is taken for; null for any other. */
        static @Nullable Format of(String name) {
            for (Format format : values()) {
                if (name.matches(".*" + format.ending)) {
                    return format;
                }
            }
            return null;
        }
    }

    private static final int BATCH_ROWS = 16_384;
    /** A marker and the length of the schema. */
    private static final int STREAM_START_BYTES = 8;

    private static final int MAX_SCHEMA_BYTES = 64 << 20;

    private static final byte[] ARROW_FILE = "ARROW1".getBytes(StandardCharsets.US_ASCII);

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private OptionalLong totalRows = OptionalLong.empty();
    private long totalBytes;
    private @Nullable ArrowReader reader;

    private LoadInput() {}

    /**
     * Opens a file.
     *
     * @param path null for {@code in}
     * @throws IOException if it cannot be read, or is not what it is said to be
     */
    static LoadInput open(Format format, @Nullable Path path, InputStream in, BufferAllocator allocator)
            throws IOException {
        if (path != null && !Files.isRegularFile(path)) {
            throw Files.exists(path)
                    ? new IOException(path + " is not a file")
                    : new FileNotFoundException("there is no file " + path);
        }
        LoadInput input = new LoadInput();
        try {
            if (format == Format.ARROW) {
                input.reader = path == null ? input.arrowStream(in, allocator) : input.arrow(path, allocator);
            } else {
                input.reader = input.duckDb(format, path == null ? input.copied(in) : path, allocator);
            }
            input.reader.getVectorSchemaRoot();
            return input;
        } catch (SQLException e) {
            input.close();
            throw new IOException(e.getMessage(), e);
        } catch (IOException | RuntimeException e) {
            input.close();
            if (format == Format.ARROW) {
                throw new IOException(
                        (path == null ? "standard input" : path) + " is no Arrow data: " + e.getMessage(), e);
            }
            throw e;
        }
    }

    private ArrowReader arrow(Path path, BufferAllocator allocator) throws IOException {
        FileChannel channel = opened(FileChannel.open(path));
        totalBytes = channel.size();
        byte[] first;
        try (InputStream start = Files.newInputStream(path)) {
            first = start.readNBytes(STREAM_START_BYTES);
        }
        if (Arrays.equals(first, 0, Math.min(first.length, ARROW_FILE.length), ARROW_FILE, 0, ARROW_FILE.length)) {
            return opened(new ArrowFileReader(channel, allocator));
        }
        requireStream(first);
        return opened(new ArrowStreamReader(channel, allocator));
    }

    private ArrowReader arrowStream(InputStream in, BufferAllocator allocator) throws IOException {
        PushbackInputStream again = new PushbackInputStream(in, STREAM_START_BYTES);
        byte[] first = again.readNBytes(STREAM_START_BYTES);
        requireStream(first);
        again.unread(first);
        return opened(new ArrowStreamReader(again, allocator));
    }

    /** Arrow makes a buffer of whatever length stands there. */
    private static void requireStream(byte[] first) throws IOException {
        ByteBuffer start = ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN);
        if (first.length < STREAM_START_BYTES
                || start.getInt() != -1
                || start.getInt(4) < 0
                || start.getInt(4) > MAX_SCHEMA_BYTES) {
            throw new IOException("it begins neither as an Arrow file nor as a stream");
        }
    }

    /** DuckDB looks at the first rows twice, which a pipe does not let it. */
    private Path copied(InputStream in) throws IOException {
        Path copy = Files.createTempFile("hatch-load", ".csv");
        opened.push(() -> Files.deleteIfExists(copy));
        Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
        return copy;
    }

    private ArrowReader duckDb(Format format, Path path, BufferAllocator allocator) throws SQLException, IOException {
        Properties streaming = new Properties();
        streaming.setProperty(DuckDBDriver.JDBC_STREAM_RESULTS, "true");
        Connection connection = opened(DriverManager.getConnection("jdbc:duckdb:", streaming));
        Statement statement = opened(connection.createStatement());
        String source = (format == Format.PARQUET ? "read_parquet('" : "read_csv('")
                + path.toString().replace("'", "''") + "')";
        if (format == Format.PARQUET) {
            try (ResultSet count = statement.executeQuery("SELECT count(*) FROM " + source)) {
                count.next();
                totalRows = OptionalLong.of(count.getLong(1));
            }
        }
        ResultSet rows = opened(statement.executeQuery("FROM " + source));
        return opened((ArrowReader) rows.unwrap(DuckDBResultSet.class).arrowExportStream(allocator, BATCH_ROWS));
    }

    private <T extends AutoCloseable> T opened(T resource) {
        opened.push(resource);
        return resource;
    }

    ArrowReader reader() {
        if (reader == null) {
            throw new IllegalStateException("not open");
        }
        return reader;
    }

    /** What part of the file has been read, 0 to 1, once {@code rows} have been; less than 0 if that is not known. */
    double part(long rows) {
        if (totalRows.isPresent()) {
            return totalRows.getAsLong() == 0 ? 1 : (double) rows / totalRows.getAsLong();
        }
        return totalBytes > 0 ? Math.min(1, (double) reader().bytesRead() / totalBytes) : -1;
    }

    /** The last that was opened first: DuckDB's memory before its connection. */
    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (AutoCloseable resource : opened) {
            try {
                resource.close();
            } catch (Exception e) {
                if (failure == null) {
                    failure = new IOException("the file cannot be closed: " + e.getMessage(), e);
                }
            }
        }
        opened.clear();
        if (failure != null) {
            throw failure;
        }
    }
}

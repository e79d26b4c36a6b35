package dev.hatch.duckdb;

import dev.hatch.pool.jdbc.ConnectionPool;
import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.duckdb.DuckDBResultSet;

/**
 * A program that closes leases and pools while queries run and Arrow data is alive, as often as its first argument says, and
 * prints how many it did and "done". In a JVM of its own, since what it looks for ends a JVM.
 */
final class Closes {
    private static final String ROWS = "SELECT range, repeat('x', 100) FROM range(300000)";
    private static final String SLOW = "SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b";
    private static final String SLOW_STREAM =
            "SELECT a.range FROM range(1000000) a, range(1000000) b WHERE a.range * b.range = -1";
    private static final long LIMIT_MILLIS = 1_000;

    private final Random random;

    private Closes(Random random) {
        this.random = random;
    }

    private enum Kind {
        READER_OPEN,
        READER_READ_ON,
        QUERY_RUNS,
        STREAM_RUNS
    }

    public static void main(String[] args) throws Exception {
        int count = Integer.parseInt(args[0]);
        long seed = Long.parseLong(args[1]);
        Closes closes = new Closes(new Random(seed));
        for (int i = 0; i < count; i++) {
            Kind kind = Kind.values()[i % Kind.values().length];
            boolean pool = closes.random.nextBoolean();
            try {
                closes.one(kind, pool);
            } catch (Throwable e) {
                System.out.println(
                        "close " + i + " of seed " + seed + ", " + kind + ", of the " + (pool ? "pool" : "lease"));
                e.printStackTrace(System.out);
                System.exit(1);
            }
        }
        System.out.println(count + " closes");
        System.out.println("done");
        System.exit(0);
    }

    private void one(Kind kind, boolean closePool) throws Exception {
        ConnectionPool pool = ConnectionPool.create(ConnectionPoolConfig.builder()
                .dsn(":memory:")
                .maxOpenConnections(2)
                .build());
        Connection lease = pool.getConnection();
        AutoCloseable closed = closePool ? pool : lease;
        switch (kind) {
            case READER_OPEN, READER_READ_ON -> arrow(lease, closed, kind == Kind.READER_READ_ON);
            case QUERY_RUNS -> running(lease, closed, SLOW);
            case STREAM_RUNS -> running(lease, closed, SLOW_STREAM);
        }
        lease.close();
        if (!closePool) {
            try (Connection next = pool.getConnection();
                    Statement statement = next.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT 42")) {
                require(rows.next() && rows.getInt(1) == 42, "the next lease works");
            }
        }
        pool.close();
    }

    /** The reader is closed after what it reads from, in time or not. */
    private void arrow(Connection lease, AutoCloseable closed, boolean readOn) throws Exception {
        try (BufferAllocator allocator = new RootAllocator()) {
            Statement statement = lease.createStatement();
            ResultSet rows = statement.executeQuery(ROWS);
            ArrowReader reader =
                    (ArrowReader) rows.unwrap(DuckDBResultSet.class).arrowExportStream(allocator, 2048);
            Thread other = new Thread(() -> readAll(reader));
            if (readOn) {
                other.start();
                pause(random.nextInt(20_000));
            } else {
                require(reader.loadNextBatch(), "a batch");
            }
            closed.close();
            if (readOn) {
                other.join();
            } else {
                // What was read is the caller's.
                require(sum(reader) == 2047 * 1024, "the batch is as it was");
                readAll(reader);
            }
            reader.close();
            require(allocator.getAllocatedMemory() == 0, "nothing is left of the allocator's memory");
        }
    }

    private static long sum(ArrowReader reader) {
        try {
            BigIntVector numbers = (BigIntVector) reader.getVectorSchemaRoot().getVector(0);
            long sum = 0;
            for (int i = 0; i < numbers.getValueCount(); i++) {
                sum += numbers.get(i);
            }
            return sum;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** To the end, or to an error. */
    private static void readAll(ArrowReader reader) {
        try {
            while (reader.loadNextBatch()) {
                sum(reader);
            }
        } catch (Exception e) {
            // As it may.
        }
    }

    private void running(Connection lease, AutoCloseable closed, String sql) throws Exception {
        Statement statement = lease.createStatement();
        CountDownLatch begun = new CountDownLatch(1);
        Thread other = new Thread(() -> {
            begun.countDown();
            try (ResultSet rows = statement.executeQuery(sql)) {
                rows.next();
            } catch (SQLException e) {
                // As it should.
            }
        });
        other.start();
        begun.await();
        pause(random.nextInt(20_000));
        long start = System.nanoTime();
        closed.close();
        other.join(LIMIT_MILLIS);
        require(!other.isAlive(), "the query ends within a second");
        require(System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(LIMIT_MILLIS), "so does the close");
    }

    private static void pause(int micros) throws InterruptedException {
        TimeUnit.MICROSECONDS.sleep(micros);
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError("not so: " + what);
        }
    }
}

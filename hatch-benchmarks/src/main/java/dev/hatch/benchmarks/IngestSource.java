package dev.hatch.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.TimeStampMicroVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * What is ingested: one batch again and again, so that making it takes no time. Its memory is written once only, since
 * whoever got it may read it later.
 */
final class IngestSource extends ArrowReader {
    static final int BATCH_ROWS = 16_384;

    private static final Schema SCHEMA = new Schema(List.of(
            Field.nullable("id", new ArrowType.Int(64, true)),
            Field.nullable("amount", new ArrowType.Int(32, true)),
            Field.nullable("price", new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE)),
            Field.nullable("name", ArrowType.Utf8.INSTANCE),
            Field.nullable("at", new ArrowType.Timestamp(TimeUnit.MICROSECOND, null))));

    private final long rows;
    private long sent;

    IngestSource(BufferAllocator allocator, long rows) {
        super(allocator);
        this.rows = rows;
    }

    static int amount(int row) {
        return row % 1_000;
    }

    static double price(int row) {
        return row * 0.5;
    }

    static String name(int row) {
        return String.format("name%08d", row);
    }

    static long epochMicros(int row) {
        return 1_577_836_800_000_000L + row * 1_000_000L;
    }

    /** The sum of so many rows' ids. */
    static long sumOfIds(long rows) {
        long whole = rows / BATCH_ROWS;
        long rest = rows % BATCH_ROWS;
        return whole * (BATCH_ROWS * (BATCH_ROWS - 1L) / 2) + rest * (rest - 1) / 2;
    }

    @Override
    public boolean loadNextBatch() throws IOException {
        VectorSchemaRoot root = getVectorSchemaRoot();
        if (sent == 0) {
            fill(root);
        }
        int count = (int) Math.min(BATCH_ROWS, rows - sent);
        root.setRowCount(count);
        sent += count;
        return count > 0;
    }

    private static void fill(VectorSchemaRoot root) {
        BigIntVector ids = (BigIntVector) root.getVector(0);
        IntVector amounts = (IntVector) root.getVector(1);
        Float8Vector prices = (Float8Vector) root.getVector(2);
        VarCharVector names = (VarCharVector) root.getVector(3);
        TimeStampMicroVector times = (TimeStampMicroVector) root.getVector(4);
        for (int row = 0; row < BATCH_ROWS; row++) {
            ids.setSafe(row, row);
            amounts.setSafe(row, amount(row));
            prices.setSafe(row, price(row));
            names.setSafe(row, name(row).getBytes(StandardCharsets.UTF_8));
            times.setSafe(row, epochMicros(row));
        }
    }

    @Override
    public long bytesRead() {
        return 0;
    }

    @Override
    protected void closeReadSource() {}

    @Override
    protected Schema readSchema() {
        return SCHEMA;
    }
}

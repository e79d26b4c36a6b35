package dev.hatch.benchmarks;

import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedWidthVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.TimeStampMicroVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Arrow's vectors, filled as their users do it: one root that is reset, or allocated anew, or a new one for each batch. A value that is
 * null is left out where the memory says so already.
 */
final class ArrowRecordWriter implements RecordWriter {
    private final RecordCase benchmarkCase;
    private final Allocations allocations = new Allocations();
    private final BufferAllocator allocator = new RootAllocator(allocations, Long.MAX_VALUE);
    private final VectorSchemaRoot root = VectorSchemaRoot.create(RecordData.SCHEMA, allocator);

    ArrowRecordWriter(RecordCase benchmarkCase) {
        this.benchmarkCase = benchmarkCase;
        allocate();
    }

    private void allocate() {
        for (FieldVector vector : root.getFieldVectors()) {
            if (vector instanceof VarCharVector names) {
                names.allocateNew(16L * RecordData.ROWS, RecordData.ROWS);
            } else {
                ((FixedWidthVector) vector).allocateNew(RecordData.ROWS);
            }
        }
    }

    @Override
    public VectorSchemaRoot write(RecordData data) {
        if (benchmarkCase == RecordCase.EVERYDAY) {
            VectorSchemaRoot fresh = VectorSchemaRoot.create(RecordData.SCHEMA, allocator);
            setSafe(fresh, data);
            fresh.setRowCount(RecordData.ROWS);
            return fresh;
        }
        if (benchmarkCase == RecordCase.HANDOVER) {
            allocate();
        } else {
            for (FieldVector vector : root.getFieldVectors()) {
                vector.reset();
            }
        }
        set(root, data);
        root.setRowCount(RecordData.ROWS);
        return root;
    }

    private static void set(VectorSchemaRoot to, RecordData data) {
        BigIntVector ids = (BigIntVector) to.getVector(0);
        IntVector amounts = (IntVector) to.getVector(1);
        Float8Vector prices = (Float8Vector) to.getVector(2);
        VarCharVector names = (VarCharVector) to.getVector(3);
        TimeStampMicroVector ats = (TimeStampMicroVector) to.getVector(4);
        for (int row = 0; row < RecordData.ROWS; row++) {
            if (data.has[0][row]) {
                ids.set(row, data.ids[row]);
            }
            if (data.has[1][row]) {
                amounts.set(row, data.amounts[row]);
            }
            if (data.has[2][row]) {
                prices.set(row, data.prices[row]);
            }
            if (data.has[3][row]) {
                names.set(row, data.names[row]);
            }
            if (data.has[4][row]) {
                ats.set(row, data.ats[row]);
            }
        }
    }

    private static void setSafe(VectorSchemaRoot to, RecordData data) {
        BigIntVector ids = (BigIntVector) to.getVector(0);
        IntVector amounts = (IntVector) to.getVector(1);
        Float8Vector prices = (Float8Vector) to.getVector(2);
        VarCharVector names = (VarCharVector) to.getVector(3);
        TimeStampMicroVector ats = (TimeStampMicroVector) to.getVector(4);
        for (int row = 0; row < RecordData.ROWS; row++) {
            if (data.has[0][row]) {
                ids.setSafe(row, data.ids[row]);
            }
            if (data.has[1][row]) {
                amounts.setSafe(row, data.amounts[row]);
            }
            if (data.has[2][row]) {
                prices.setSafe(row, data.prices[row]);
            }
            if (data.has[3][row]) {
                names.setSafe(row, data.names[row]);
            }
            if (data.has[4][row]) {
                ats.setSafe(row, data.ats[row]);
            }
        }
    }

    @Override
    public void done(VectorSchemaRoot batch) {
        if (benchmarkCase == RecordCase.EVERYDAY) {
            batch.close();
        }
    }

    @Override
    public long allocations() {
        return allocations.count();
    }

    @Override
    public void close() {
        root.close();
        allocator.close();
    }
}

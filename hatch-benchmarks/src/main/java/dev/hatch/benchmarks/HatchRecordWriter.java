package dev.hatch.benchmarks;

import dev.hatch.arrow.Appender;
import dev.hatch.arrow.RecordBuilder;
import dev.hatch.arrow.RecordBuilderPool;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/** Hatch's pool of builders, with its defaults. */
final class HatchRecordWriter implements RecordWriter {
    private final RecordCase benchmarkCase;
    private final Allocations allocations = new Allocations();
    private final BufferAllocator allocator = new RootAllocator(allocations, Long.MAX_VALUE);
    private final RecordBuilderPool pool = RecordBuilderPool.create(allocator);

    @SuppressWarnings("NullAway.Init")
    private RecordBuilder builder;

    HatchRecordWriter(RecordCase benchmarkCase) {
        this.benchmarkCase = benchmarkCase;
    }

    @Override
    public VectorSchemaRoot write(RecordData data) {
        builder = pool.get(RecordData.SCHEMA);
        switch (benchmarkCase) {
            case BULK -> columns(builder, data);
            case ROWS_BY_NUMBER -> rowsByNumber(builder, data);
            default -> rows(builder, data);
        }
        return benchmarkCase == RecordCase.HANDOVER ? builder.build() : builder.lend();
    }

    private static void rows(RecordBuilder builder, RecordData data) {
        Appender ids = builder.column(0);
        Appender amounts = builder.column(1);
        Appender prices = builder.column(2);
        Appender names = builder.column(3);
        Appender ats = builder.column(4);
        for (int row = 0; row < RecordData.ROWS; row++) {
            if (data.has[0][row]) {
                ids.append(data.ids[row]);
            }
            if (data.has[1][row]) {
                amounts.append(data.amounts[row]);
            }
            if (data.has[2][row]) {
                prices.append(data.prices[row]);
            }
            if (data.has[3][row]) {
                names.append(data.names[row]);
            }
            if (data.has[4][row]) {
                ats.append(data.ats[row]);
            }
            builder.endRow();
        }
    }

    /** As rows, by the columns' numbers. */
    private static void rowsByNumber(RecordBuilder builder, RecordData data) {
        for (int row = 0; row < RecordData.ROWS; row++) {
            if (data.has[0][row]) {
                builder.append(0, data.ids[row]);
            }
            if (data.has[1][row]) {
                builder.append(1, data.amounts[row]);
            }
            if (data.has[2][row]) {
                builder.append(2, data.prices[row]);
            }
            if (data.has[3][row]) {
                builder.append(3, data.names[row]);
            }
            if (data.has[4][row]) {
                builder.append(4, data.ats[row]);
            }
            builder.endRow();
        }
    }

    private static void columns(RecordBuilder builder, RecordData data) {
        int rows = RecordData.ROWS;
        builder.column(0).appendAll(data.ids, 0, rows, data.validity.get(0));
        builder.column(1).appendAll(data.amounts, 0, rows, data.validity.get(1));
        builder.column(2).appendAll(data.prices, 0, rows, data.validity.get(2));
        builder.column(3).appendAll(data.nameBytes, data.nameOffsets, rows, data.validity.get(3));
        builder.column(4).appendAll(data.ats, 0, rows, data.validity.get(4));
    }

    @Override
    public void done(VectorSchemaRoot batch) {
        if (benchmarkCase == RecordCase.HANDOVER) {
            batch.close();
        }
        builder.close();
    }

    @Override
    public long allocations() {
        return allocations.count();
    }

    @Override
    public void close() {
        pool.close();
        allocator.close();
    }
}

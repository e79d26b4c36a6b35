package dev.hatch.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/** The rows of a batch: five columns of the usual kinds, one value in twenty null. */
final class RecordData {
    static final int ROWS = 8_192;
    static final int COLUMNS = 5;

    static final Schema SCHEMA = new Schema(List.of(
            field("id", new ArrowType.Int(64, true)),
            field("amount", new ArrowType.Int(32, true)),
            field("price", new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE)),
            field("name", ArrowType.Utf8.INSTANCE),
            field("at", new ArrowType.Timestamp(TimeUnit.MICROSECOND, null))));

    final long[] ids = new long[ROWS];
    final int[] amounts = new int[ROWS];
    final double[] prices = new double[ROWS];
    final byte[][] names = new byte[ROWS][];
    final long[] ats = new long[ROWS];

    /** The names one after another, and where each begins. */
    final byte[] nameBytes;

    final int[] nameOffsets = new int[ROWS + 1];

    /** Of each column: whether it has a value in a row. */
    final boolean[][] has = new boolean[COLUMNS][ROWS];

    /** The same as bits. */
    final List<long[]> validity = new ArrayList<>();

    RecordData() {
        Random random = new Random(1);
        StringBuilder all = new StringBuilder();
        for (int row = 0; row < ROWS; row++) {
            ids[row] = row;
            amounts[row] = row % 1_000;
            prices[row] = row * 0.5;
            String name = String.format("name%08d", row);
            names[row] = name.getBytes(StandardCharsets.UTF_8);
            all.append(name);
            nameOffsets[row + 1] = all.length();
            ats[row] = 1_577_836_800_000_000L + row * 1_000_000L;
        }
        nameBytes = all.toString().getBytes(StandardCharsets.UTF_8);
        for (boolean[] column : has) {
            BitSet bits = new BitSet(ROWS);
            for (int row = 0; row < ROWS; row++) {
                column[row] = random.nextInt(20) != 0;
                bits.set(row, column[row]);
            }
            validity.add(bits.toLongArray());
        }
    }

    private static Field field(String name, ArrowType type) {
        return new Field(name, FieldType.nullable(type), null);
    }
}

package dev.hatch.server;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Set;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.BaseLargeVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.ExtensionTypeVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.ValueVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.jspecify.annotations.Nullable;

/**
 * Batches that clients send. Arrow loads one whose offsets point anywhere, and neither it nor DuckDB, which gets the
 * memory as it is, looks again. So all is checked that says where to read: lengths, offsets and dictionary indices. Text
 * must be UTF-8, for DuckDB takes its word for it and ends with an internal error later, which makes the database
 * unusable. What the values mean is not looked at.
 */
final class Batches {
    private static final long NOT_ASCII = 0x8080_8080_8080_8080L;

    private Batches() {}

    /**
     * Goes to the stream's next batch, as {@link FlightStream#next}, and checks it.
     *
     * @throws FlightRuntimeException INVALID_ARGUMENT if it is malformed
     */
    static boolean next(FlightStream stream) {
        boolean found;
        try {
            found = stream.next();
        } catch (FlightRuntimeException e) {
            throw e;
        } catch (RuntimeException e) {
            throw malformed("it cannot be loaded: " + e.getMessage());
        }
        if (found && stream.hasRoot()) {
            requireValid(stream.getRoot(), stream.getDictionaryProvider());
        }
        return found;
    }

    /**
     * Checks every value of a batch.
     *
     * @param dictionaries those of the columns that are encoded
     * @throws FlightRuntimeException INVALID_ARGUMENT if it is malformed, UNIMPLEMENTED if it has a column of a type that
     *     is not known here
     */
    static void requireValid(VectorSchemaRoot root, DictionaryProvider dictionaries) {
        Checked checked = new Checked(dictionaries, new HashSet<>());
        for (FieldVector vector : root.getFieldVectors()) {
            check(vector, root.getRowCount(), checked);
        }
    }

    /** @param ids of dictionaries that have been checked, as many columns may refer to one */
    private record Checked(DictionaryProvider dictionaries, Set<Long> ids) {}

    private static FlightRuntimeException malformed(String what) {
        return CallStatus.INVALID_ARGUMENT
                .withDescription("malformed batch: " + what)
                .toRuntimeException();
    }

    private static void require(boolean is, ValueVector vector, String what) {
        if (!is) {
            throw malformed("column " + vector.getName() + ": " + what);
        }
    }

    private static void check(ValueVector vector, int count, Checked checked) {
        require(vector.getValueCount() >= count, vector, vector.getValueCount() + " values of " + count);
        if (vector instanceof NullVector) {
            return;
        }
        if (vector instanceof ExtensionTypeVector<?> extension) {
            check(extension.getUnderlyingVector(), count, checked);
            return;
        }
        require(vector.getValidityBuffer().capacity() >= (count + 7L) / 8, vector, "its validity is too short");
        if (vector instanceof BaseFixedWidthVector fixed) {
            long bits = fixed instanceof BitVector ? count : 8L * fixed.getTypeWidth() * count;
            require(fixed.getDataBuffer().capacity() >= (bits + 7) / 8, vector, "its data is too short");
            checkIndices(fixed, count, checked);
        } else if (vector instanceof BaseVariableWidthVector variable) {
            checkOffsets(vector, count, variable.getDataBuffer().capacity());
            if (variable instanceof VarCharVector) {
                checkText(variable, count, Integer.BYTES);
            }
        } else if (vector instanceof BaseLargeVariableWidthVector variable) {
            checkLargeOffsets(vector, count, variable.getDataBuffer().capacity());
            if (variable instanceof LargeVarCharVector) {
                checkText(variable, count, Long.BYTES);
            }
        } else if (vector instanceof ListVector list) {
            FieldVector elements = list.getDataVector();
            checkOffsets(vector, count, elements.getValueCount());
            check(elements, elements.getValueCount(), checked);
        } else if (vector instanceof LargeListVector list) {
            FieldVector elements = list.getDataVector();
            checkLargeOffsets(vector, count, elements.getValueCount());
            check(elements, elements.getValueCount(), checked);
        } else if (vector instanceof FixedSizeListVector list) {
            FieldVector elements = list.getDataVector();
            require(
                    elements.getValueCount() >= (long) count * list.getListSize(),
                    vector,
                    "too few elements for its lists");
            check(elements, elements.getValueCount(), checked);
        } else if (vector instanceof StructVector struct) {
            for (FieldVector member : struct.getChildrenFromFields()) {
                check(member, count, checked);
            }
        } else {
            throw CallStatus.UNIMPLEMENTED
                    .withDescription("column " + vector.getName() + " is of the Arrow type "
                            + vector.getField().getType() + ", which is not taken; send it as a plain one")
                    .toRuntimeException();
        }
    }

    private static ByteBuffer bytes(ArrowBuf buffer, long length) {
        // Of one message, so of less than 2 GiB.
        return buffer.nioBuffer(0, (int) length).order(ByteOrder.nativeOrder());
    }

    private static void checkOffsets(ValueVector vector, int count, long max) {
        if (count == 0) {
            return;
        }
        long length = (count + 1L) * Integer.BYTES;
        require(vector.getOffsetBuffer().capacity() >= length, vector, "its offsets are too short");
        ByteBuffer offsets = bytes(vector.getOffsetBuffer(), length);
        int last = 0;
        for (int at = 0; at < length; at += Integer.BYTES) {
            int offset = offsets.getInt(at);
            require(offset >= last, vector, "its offsets go backwards");
            last = offset;
        }
        require(last <= max, vector, "an offset is beyond its data");
    }

    private static void checkLargeOffsets(ValueVector vector, int count, long max) {
        if (count == 0) {
            return;
        }
        long length = (count + 1L) * Long.BYTES;
        require(vector.getOffsetBuffer().capacity() >= length, vector, "its offsets are too short");
        ByteBuffer offsets = bytes(vector.getOffsetBuffer(), length);
        long last = 0;
        for (int at = 0; at < length; at += Long.BYTES) {
            long offset = offsets.getLong(at);
            require(offset >= last, vector, "its offsets go backwards");
            last = offset;
        }
        require(last <= max, vector, "an offset is beyond its data");
    }

    private static void checkIndices(FieldVector vector, int count, Checked checked) {
        DictionaryEncoding encoding = vector.getField().getDictionary();
        if (encoding == null) {
            return;
        }
        @Nullable Dictionary dictionary = checked.dictionaries().lookup(encoding.getId());
        require(dictionary != null && vector instanceof BaseIntVector, vector, "it has no dictionary");
        if (dictionary == null) {
            return;
        }
        FieldVector values = dictionary.getVector();
        if (checked.ids().add(encoding.getId())) {
            check(values, values.getValueCount(), checked);
        }
        for (int row = 0; row < count; row++) {
            if (!vector.isNull(row)) {
                long index = ((BaseIntVector) vector).getValueAsLong(row);
                require(index >= 0 && index < values.getValueCount(), vector, "an index is beyond its dictionary");
            }
        }
    }

    /** @param width of an offset; the offsets are in order */
    private static void checkText(FieldVector vector, int count, int width) {
        if (count == 0) {
            return;
        }
        ByteBuffer offsets = bytes(vector.getOffsetBuffer(), (count + 1L) * width);
        ByteBuffer text = bytes(vector.getDataBuffer(), vector.getDataBuffer().capacity());
        int from = offset(offsets, 0, width);
        int to = offset(offsets, count, width);
        if (isAscii(text, from, to)) {
            return;
        }
        for (int row = 0; row < count; row++) {
            int end = offset(offsets, row + 1, width);
            require(vector.isNull(row) || isUtf8(text, from, end), vector, "its text is not UTF-8");
            from = end;
        }
    }

    private static int offset(ByteBuffer offsets, int index, int width) {
        return width == Integer.BYTES ? offsets.getInt(index * width) : (int) offsets.getLong(index * width);
    }

    private static boolean isAscii(ByteBuffer text, int from, int to) {
        int at = from;
        for (; at + Long.BYTES <= to; at += Long.BYTES) {
            if ((text.getLong(at) & NOT_ASCII) != 0) {
                return false;
            }
        }
        for (; at < to; at++) {
            if (text.get(at) < 0) {
                return false;
            }
        }
        return true;
    }

    /** Neither overlong, nor a surrogate, nor above U+10FFFF, nor cut off. */
    private static boolean isUtf8(ByteBuffer text, int from, int to) {
        int at = from;
        while (at < to) {
            int first = text.get(at) & 0xFF;
            if (first < 0x80) {
                at++;
                continue;
            }
            int more = first < 0xC2 ? -1 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : first < 0xF5 ? 3 : -1;
            if (more < 0 || at + more >= to) {
                return false;
            }
            int second = text.get(at + 1) & 0xFF;
            int least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
            int most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
            if (second < least || second > most) {
                return false;
            }
            for (int i = 2; i <= more; i++) {
                if ((text.get(at + i) & 0xC0) != 0x80) {
                    return false;
                }
            }
            at += more + 1;
        }
        return true;
    }
}

package dev.hatch.server;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * A FlatBuffer of which nothing is believed: every offset leads forward and stays within the bytes. Whoever wrote it may
 * point at one table from many places, which makes a few bytes into a huge tree; so all that is visited may be no longer
 * than the bytes are.
 */
final class FlatBuffer {
    private static final int LENGTH_BYTES = 4;

    private final ByteBuffer bytes;
    private long unvisited;

    private FlatBuffer(ByteBuffer bytes) {
        this.bytes = bytes;
        unvisited = bytes.limit();
    }

    /** @throws FlightRuntimeException INVALID_ARGUMENT here and in all that is read from it */
    static Table root(byte[] bytes) {
        FlatBuffer buffer = new FlatBuffer(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
        return buffer.new Table(buffer.follow(0));
    }

    static FlightRuntimeException malformed(String what) {
        return CallStatus.INVALID_ARGUMENT
                .withDescription("malformed Arrow header: " + what)
                .toRuntimeException();
    }

    private int within(long at, long length) {
        if (at < 0 || length < 0 || at + length > bytes.limit()) {
            throw malformed(
                    length + " bytes at " + at + " are asked for, of which there are " + bytes.limit() + " in all");
        }
        return (int) at;
    }

    private void visit(long length) {
        unvisited -= length;
        if (unvisited < 0) {
            throw malformed("its parts are longer than its " + bytes.limit() + " bytes, so some are used twice");
        }
    }

    private int follow(int at) {
        int offset = bytes.getInt(within(at, LENGTH_BYTES));
        if (offset <= 0) {
            throw malformed("the offset at " + at + " is " + offset);
        }
        return within((long) at + offset, LENGTH_BYTES);
    }

    /** One table. */
    final class Table {
        private final int at;
        private final int slots;
        private final int slotBytes;
        private final int length;

        private Table(int at) {
            this.at = at;
            slots = within((long) at - bytes.getInt(at), 4);
            slotBytes = bytes.getShort(slots);
            length = bytes.getShort(slots + 2);
            if (slotBytes < 4 || slotBytes % 2 != 0 || length < 4) {
                throw malformed("the table at " + at + " is " + length + " bytes long with " + slotBytes
                        + " bytes to find its fields");
            }
            within(slots, slotBytes);
            within(at, length);
            visit(length);
        }

        /** Where a field is; -1 if it is not there. */
        private int position(int field, int size) {
            int slot = 4 + 2 * field;
            int offset = slot < slotBytes ? bytes.getShort(slots + slot) : 0;
            if (offset == 0) {
                return -1;
            }
            if (offset < 4 || offset + size > length) {
                throw malformed("field " + field + " of the table at " + at + " is outside of it");
            }
            return at + offset;
        }

        boolean has(int field) {
            return position(field, 1) >= 0;
        }

        byte getByte(int field) {
            int position = position(field, 1);
            return position < 0 ? 0 : bytes.get(position);
        }

        short getShort(int field) {
            int position = position(field, 2);
            return position < 0 ? 0 : bytes.getShort(position);
        }

        long getLong(int field) {
            int position = position(field, 8);
            return position < 0 ? 0 : bytes.getLong(position);
        }

        @Nullable Table table(int field) {
            int position = position(field, LENGTH_BYTES);
            return position < 0 ? null : new Table(follow(position));
        }

        Table require(int field, String name) {
            Table table = table(field);
            if (table == null) {
                throw malformed("a " + name + " is missing");
            }
            return table;
        }

        /** Elements of one size; none if the field is not there. */
        Vector vector(int field, int elementBytes) {
            int position = position(field, LENGTH_BYTES);
            return position < 0 ? new Vector(0, 0, elementBytes) : vectorAt(follow(position), elementBytes);
        }

        /** Only looks that it is there, as a string is a vector of bytes. */
        void visitString(int field) {
            Vector unused = vector(field, 1);
        }

        private Vector vectorAt(int start, int elementBytes) {
            int count = bytes.getInt(start);
            long all = (long) count * elementBytes;
            within(start + (long) LENGTH_BYTES, all);
            visit(LENGTH_BYTES + all);
            return new Vector(start + LENGTH_BYTES, count, elementBytes);
        }
    }

    /** The elements of a vector, which are known to be there. */
    final class Vector {
        private final int start;
        private final int count;
        private final int elementBytes;

        private Vector(int start, int count, int elementBytes) {
            this.start = start;
            this.count = count;
            this.elementBytes = elementBytes;
        }

        int count() {
            return count;
        }

        Table table(int index) {
            return new Table(follow(start + index * elementBytes));
        }

        /** The long at {@code offset} within an element that is a struct. */
        long getLong(int index, int offset) {
            return bytes.getLong(start + index * elementBytes + offset);
        }
    }
}

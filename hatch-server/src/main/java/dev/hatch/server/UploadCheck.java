package dev.hatch.server;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.impl.Flight;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Checks the FlightData messages of one upload, one after the other, each before Flight reads it. Flight allocates by the
 * lengths that it finds, loses what it allocated when it finds them wrong, and waits for ever for a descriptor or a
 * schema that does not come first.
 */
final class UploadCheck {
    private static final int MAX_DICTIONARIES = 100;
    private static final long MAX_DICTIONARY_BYTES = 128L << 20;
    private static final int LENGTH_DELIMITED = 2;
    private static final int DESCRIPTOR = 1;
    private static final int HEADER = 2;
    private static final int APP_METADATA = 3;
    private static final int BODY = 1_000;

    private final BufferAllocator allocator;
    private final long maxMessageBytes;
    /** Of dictionaries since the last record batch. */
    private int dictionaries;

    private long dictionaryBytes;
    private boolean begun;
    private @Nullable BatchLayout layout;
    private short version;

    UploadCheck(BufferAllocator allocator, long maxMessageBytes) {
        this.allocator = allocator;
        this.maxMessageBytes = maxMessageBytes;
    }

    /**
     * Reads the next message.
     *
     * @param length of what is left of {@code in}
     * @return whether Flight keeps it until the stream is read, rather than using it up at once
     * @throws FlightRuntimeException if it is to be refused, and with it the call
     */
    boolean accept(InputStream in, int length) {
        try {
            return new Message(in, length).read();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FlightRuntimeException malformed(String what) {
        return CallStatus.INVALID_ARGUMENT
                .withDescription("malformed FlightData: " + what)
                .toRuntimeException();
    }

    private final class Message {
        private final InputStream in;
        private int left;
        private @Nullable IpcHeader header;
        private boolean hasMetadata;

        Message(InputStream in, int length) {
            this.in = in;
            left = length;
        }

        /** Fields come in the order of their numbers and once, as everyone writes them. */
        boolean read() throws IOException {
            int last = 0;
            List<BatchLayout.End> ends = List.of();
            int body = 0;
            boolean hasBody = false;
            boolean hasDescriptor = false;
            while (left > 0) {
                int tag = varint();
                int field = tag >>> 3;
                if ((tag & 7) != LENGTH_DELIMITED || field <= last) {
                    throw malformed("field " + field + " of wire type " + (tag & 7) + " follows field " + last);
                }
                last = field;
                int size = varint();
                if (size > left) {
                    throw malformed(
                            "field " + field + " says it has " + size + " bytes, of which " + left + " are left");
                }
                switch (field) {
                    case DESCRIPTOR -> {
                        requireDescriptor(bytes(size));
                        hasDescriptor = true;
                    }
                    case HEADER -> header = IpcHeader.of(bytes(size));
                    case APP_METADATA -> {
                        hasMetadata = size > 0;
                        skip(size);
                    }
                    case BODY -> {
                        hasBody = true;
                        body = size;
                        ends = check(body);
                        look(ends, body);
                    }
                    default -> throw malformed("there is no field " + field);
                }
            }
            if (!hasBody) {
                ends = check(0);
                look(ends, 0);
            }
            if (!begun && !hasDescriptor) {
                throw malformed("the first message of an upload says no command");
            }
            begun = true;
            boolean isKept = isKept();
            requireFewDictionaries(body);
            if (isKept && layout == null) {
                // Whoever reads it then asks for the columns, and would wait for them.
                throw malformed("metadata comes before the schema");
            }
            return isKept;
        }

        /** Flight keeps those that follow each other, and goes a call deeper for each, until a record batch comes. */
        private void requireFewDictionaries(long body) {
            byte type = header == null ? IpcHeader.NONE : header.type();
            if (type == IpcHeader.RECORD_BATCH) {
                dictionaries = 0;
                dictionaryBytes = 0;
            } else if (type == IpcHeader.DICTIONARY_BATCH) {
                dictionaries++;
                dictionaryBytes += body;
                if (dictionaries > MAX_DICTIONARIES || dictionaryBytes > MAX_DICTIONARY_BYTES) {
                    throw malformed("more than " + MAX_DICTIONARIES + " dictionaries, or more than "
                            + (MAX_DICTIONARY_BYTES >> 20) + " MiB of them, without a batch between");
                }
            }
        }

        private boolean isKept() {
            byte type = header == null ? IpcHeader.NONE : header.type();
            return switch (type) {
                case IpcHeader.NONE -> hasMetadata;
                case IpcHeader.SCHEMA -> false;
                default -> true;
            };
        }

        private void requireDescriptor(byte[] bytes) {
            try {
                RequestGuard.requireCommand(Flight.FlightDescriptor.parseFrom(bytes));
            } catch (InvalidProtocolBufferException e) {
                throw malformed("its descriptor is none: " + e.getMessage());
            }
        }

        private List<BatchLayout.End> check(int bodyLength) {
            IpcHeader known = header;
            if (known == null || known.type() == IpcHeader.NONE || known.type() == IpcHeader.SCHEMA) {
                if (bodyLength > 0) {
                    throw malformed("a body of " + bodyLength + " bytes belongs to no batch");
                }
                if (known != null && known.type() == IpcHeader.SCHEMA) {
                    begin(known);
                }
                return List.of();
            }
            if (layout == null) {
                throw malformed("a batch comes before the schema");
            }
            if (known.version() != version) {
                throw malformed("a batch is of another version than the schema");
            }
            if (known.bodyLength() != bodyLength) {
                throw malformed(
                        "the header says that the body has " + known.bodyLength() + " bytes; it has " + bodyLength);
            }
            return known.type() == IpcHeader.RECORD_BATCH
                    ? layout.check(known.batch(), bodyLength, maxMessageBytes)
                    : layout.checkDictionary(known.dictionary(), known.batch(), bodyLength, maxMessageBytes);
        }

        private void begin(IpcHeader schema) {
            if (layout != null) {
                throw malformed("there is a second schema");
            }
            layout = new BatchLayout(schema.schema(), allocator);
            version = schema.version();
        }

        /** Passes over the body, and looks at the few numbers in it by which Arrow allocates. */
        private void look(List<BatchLayout.End> ends, int bodyLength) throws IOException {
            List<BatchLayout.End> inOrder = new ArrayList<>(ends);
            inOrder.sort(Comparator.comparingLong(BatchLayout.End::at));
            int at = 0;
            for (BatchLayout.End end : inOrder) {
                if (end.at() < at) {
                    throw malformed("its buffers overlap");
                }
                skip((int) end.at() - at);
                long value = littleEndian(bytes(end.bytes()));
                at = (int) end.at() + end.bytes();
                if (value < 0 || value > end.max()) {
                    throw malformed("a list ends at element " + value + " of " + end.max());
                }
            }
            skip(bodyLength - at);
        }

        private long littleEndian(byte[] bytes) {
            long value = bytes.length == 4 ? bytes[3] : bytes[7];
            for (int i = bytes.length - 2; i >= 0; i--) {
                value = (value << 8) | (bytes[i] & 0xFF);
            }
            return value;
        }

        /** Of 31 bits, as are all lengths and tags. */
        private int varint() throws IOException {
            long value = 0;
            for (int shift = 0; shift < 35; shift += 7) {
                if (left == 0) {
                    throw malformed("it ends within a number");
                }
                int b = in.read();
                left--;
                value |= (long) (b & 0x7F) << shift;
                if ((b & 0x80) == 0) {
                    if (value > Integer.MAX_VALUE) {
                        break;
                    }
                    return (int) value;
                }
            }
            throw malformed("a length is more than " + Integer.MAX_VALUE);
        }

        private byte[] bytes(int count) throws IOException {
            left -= count;
            return in.readNBytes(count);
        }

        private void skip(int count) throws IOException {
            left -= count;
            in.skipNBytes(count);
        }
    }
}

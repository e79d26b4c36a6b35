package dev.hatch.arrow;

import org.apache.arrow.memory.util.MemoryUtil;

/** Text into memory, checked on the way. */
final class Utf8 {
    private static final long NOT_ASCII = 0x8080_8080_8080_8080L;

    private Utf8() {}

    /**
     * Copies 8 to 16 bytes if they are ASCII; otherwise does nothing. No loop for what most are, since this becomes a part of the loop of
     * whoever appends.
     */
    static boolean copyShortAscii(byte[] source, int from, int length, long to) {
        if (length < Long.BYTES || length > 2 * Long.BYTES) {
            return false;
        }
        // The two may overlap.
        int second = length - Long.BYTES;
        long begin = MemoryUtil.getLong(source, from);
        long end = MemoryUtil.getLong(source, from + second);
        if (((begin | end) & NOT_ASCII) != 0) {
            return false;
        }
        MemoryUtil.putLong(to, begin);
        MemoryUtil.putLong(to + second, end);
        return true;
    }

    /**
     * Copies bytes that must be UTF-8.
     *
     * @return where the first byte is that is not, from 0; −1 if there is none
     */
    static int copy(byte[] source, int from, int length, long to) {
        int i = 0;
        for (; i <= length - Long.BYTES; i += Long.BYTES) {
            long eight = MemoryUtil.getLong(source, from + i);
            if ((eight & NOT_ASCII) != 0) {
                return copyAny(source, from, i, length, to);
            }
            MemoryUtil.putLong(to + i, eight);
        }
        for (; i < length; i++) {
            byte one = source[from + i];
            if (one < 0) {
                return copyAny(source, from, i, length, to);
            }
            MemoryUtil.putByte(to + i, one);
        }
        return -1;
    }

    /** Whether there are only bytes of ASCII. */
    static boolean isAscii(byte[] source, int from, int length) {
        int end = from + length;
        long all = 0;
        int i = from;
        for (; i <= end - Long.BYTES; i += Long.BYTES) {
            all |= MemoryUtil.getLong(source, i);
        }
        for (; i < end; i++) {
            all |= source[i];
        }
        return (all & NOT_ASCII) == 0;
    }

    private static int copyAny(byte[] source, int from, int first, int length, long to) {
        int bad = firstInvalid(source, from + first, from + length);
        if (bad >= 0) {
            return bad - from;
        }
        MemoryUtil.copyToMemory(source, from + first, to + first, length - first);
        return -1;
    }

    /** The index of the first sequence that is not UTF-8 as of Unicode 15, table 3-7; −1 if there is none. */
    private static int firstInvalid(byte[] source, int from, int end) {
        int i = from;
        while (i < end) {
            int lead = source[i] & 0xFF;
            int more = lead < 0x80 ? 0 : lead < 0xC2 ? -1 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : lead < 0xF5 ? 3 : -1;
            if (more < 0 || i + more >= end) {
                return i;
            }
            if (more > 0) {
                int second = source[i + 1] & 0xFF;
                int least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
                int most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
                if (second < least || second > most) {
                    return i;
                }
                for (int k = 2; k <= more; k++) {
                    if ((source[i + k] & 0xC0) != 0x80) {
                        return i;
                    }
                }
            }
            i += more + 1;
        }
        return -1;
    }

    /** How many bytes a text has in UTF-8; −1 if half of a surrogate pair is missing. */
    static long length(String text) {
        long bytes = 0;
        int length = text.length();
        for (int i = 0; i < length; i++) {
            char one = text.charAt(i);
            if (one < 0x80) {
                bytes++;
            } else if (one < 0x800) {
                bytes += 2;
            } else if (!Character.isSurrogate(one)) {
                bytes += 3;
            } else if (Character.isHighSurrogate(one)
                    && i + 1 < length
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                bytes += 4;
                i++;
            } else {
                return -1;
            }
        }
        return bytes;
    }

    /** Writes the ASCII that a text begins with; how many characters of it there are. */
    static int writeAscii(String text, long to) {
        int length = text.length();
        int i = 0;
        for (; i < length; i++) {
            char one = text.charAt(i);
            if (one >= 0x80) {
                break;
            }
            MemoryUtil.putByte(to + i, (byte) one);
        }
        return i;
    }

    /** Writes a text whose {@link #length} is known. */
    static void write(String text, long to) {
        long at = to;
        for (int i = 0; i < text.length(); i++) {
            int one = text.charAt(i);
            if (Character.isSurrogate((char) one)) {
                i++;
                one = Character.toCodePoint((char) one, text.charAt(i));
            }
            if (one < 0x80) {
                MemoryUtil.putByte(at++, (byte) one);
                continue;
            }
            int more = one < 0x800 ? 1 : one < 0x1_0000 ? 2 : 3;
            int lead = more == 1 ? 0xC0 : more == 2 ? 0xE0 : 0xF0;
            MemoryUtil.putByte(at++, (byte) (lead | (one >> (6 * more))));
            for (int k = more - 1; k >= 0; k--) {
                MemoryUtil.putByte(at++, (byte) (0x80 | ((one >> (6 * k)) & 0x3F)));
            }
        }
    }
}

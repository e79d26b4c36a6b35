package dev.hatch.server.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.hatch.pool.jdbc.ConnectionPoolStats;
import java.io.IOException;

/** The connections of the last five minutes, second by second, so that a page that is opened has them at once. */
final class History {
    static final int SECONDS = 300;

    /** Rings, all guarded by this. The time is in milliseconds of the epoch. */
    private final long[] times = new long[SECONDS];

    private final int[] inUse = new int[SECONDS];
    private final int[] idle = new int[SECONDS];
    private final int[] waiting = new int[SECONDS];
    private final int[] max = new int[SECONDS];

    /** How many samples were ever taken; the next is written at this, modulo the size. */
    private int taken;

    synchronized void add(long time, ConnectionPoolStats stats) {
        int at = taken++ % SECONDS;
        times[at] = time;
        inUse[at] = stats.inUse();
        idle[at] = stats.idle();
        waiting[at] = stats.waiting();
        max[at] = stats.maxOpenConnections();
    }

    synchronized void write(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeArrayFieldStart("time");
        for (int i = Math.max(0, taken - SECONDS); i < taken; i++) {
            json.writeNumber(times[i % SECONDS]);
        }
        json.writeEndArray();
        write(json, "inUse", inUse);
        write(json, "idle", idle);
        write(json, "waiting", waiting);
        write(json, "max", max);
        json.writeEndObject();
    }

    private void write(JsonGenerator json, String name, int[] values) throws IOException {
        json.writeArrayFieldStart(name);
        for (int i = Math.max(0, taken - SECONDS); i < taken; i++) {
            json.writeNumber(values[i % SECONDS]);
        }
        json.writeEndArray();
    }
}

package dev.hatch.pool;

import java.util.Arrays;
import java.util.Set;

/** Stack traces as people read them. */
final class Stacks {
    private static final Set<String> OWN = Set.of(
            LeaseWatch.class.getName(),
            Leases.class.getName(),
            OutOfLine.class.getName(),
            Deadlocks.class.getName(),
            Waiting.class.getName(),
            ResourcePool.class.getName(),
            "dev.hatch.pool.jdbc.LeasingConnectionPool");

    private static final int MOST = 40;

    private Stacks() {}

    /** Without the frames at the top that are the pool's own; all of them if there are no others. */
    static StackTraceElement[] ofCaller(StackTraceElement[] stack) {
        int first = 0;
        while (first < stack.length && isOwn(stack[first])) {
            first++;
        }
        return first == stack.length ? stack : Arrays.copyOfRange(stack, first, stack.length);
    }

    private static boolean isOwn(StackTraceElement frame) {
        return OWN.contains(frame.getClassName());
    }

    /** One line for each frame, indented, each with a line break before it. */
    static String text(StackTraceElement[] stack) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(stack.length, MOST); i++) {
            text.append("\n\tat ").append(stack[i]);
        }
        return stack.length > MOST
                ? text.append("\n\t... ")
                        .append(stack.length - MOST)
                        .append(" more")
                        .toString()
                : text.toString();
    }
}

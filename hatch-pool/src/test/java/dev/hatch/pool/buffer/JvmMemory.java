package dev.hatch.pool.buffer;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;

/** What the JVM says of its direct buffers. Needs no library, so that a JVM without any can ask. */
final class JvmMemory {
    private JvmMemory() {}

    /** Of all in this JVM. */
    static long directBytes() {
        for (BufferPoolMXBean bean : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            if (bean.getName().equals("direct")) {
                return bean.getMemoryUsed();
            }
        }
        throw new AssertionError("no BufferPoolMXBean 'direct'");
    }
}

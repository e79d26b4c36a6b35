package dev.hatch.benchmarks;

import java.util.SplittableRandom;

/** The sizes that a thread takes in turn, where they are mixed: as many between 64 and 128 as between 128 and 256. */
final class MixedSizes {
    static final int COUNT = 4_096;
    static final int SMALLEST = 64;
    static final int LARGEST = 256 << 10;

    private MixedSizes() {}

    /** Those of one thread, for every rival the same. */
    static int[] of(int thread) {
        SplittableRandom random = new SplittableRandom(thread);
        double times = (double) LARGEST / SMALLEST;
        int[] sizes = new int[COUNT];
        for (int i = 0; i < COUNT; i++) {
            sizes[i] = (int) Math.round(SMALLEST * StrictMath.pow(times, random.nextDouble()));
        }
        return sizes;
    }
}

package dev.hatch.benchmarks;

import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A fork that does what its argument says, in no time. */
final class TinyChild {
    private TinyChild() {}

    public static void main(String[] args) {
        switch (args[0]) {
            case "report" ->
                Child.run(() -> {
                    System.out.println("something else that it prints");
                    return new ForkReport(
                            "1.0 " + args[1],
                            List.of(new Measurement("case", "ns", "ns", Better.LOWER, List.of(3.0, 1.0, 2.0))));
                });
            case "throw" ->
                Child.run(() -> {
                    throw new IllegalStateException("it was told to");
                });
            case "silent" -> System.exit(0);
            case "hang" ->
                Child.run(() -> {
                    System.out.println("about to hang");
                    new CountDownLatch(1).await();
                    throw new AssertionError("not reached");
                });
            default -> throw new IllegalArgumentException(args[0]);
        }
    }
}

package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openjdk.jcstress.Main;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.InProcessCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.runners.TestList;

/**
 * Runs jcstress on the JVM of the tests: all cases but those in {@link PlantedStress} must show nothing that is forbidden,
 * and each of those must show it. The report is in {@code target/jcstress}.
 */
@Tag("full")
@Tag("jcstress")
final class JcstressTest {
    private static final String PLANTED = PlantedStress.class.getName() + ".";

    @Test
    void nothing_forbidden_is_seen() throws Exception {
        Run run = Run.of("sound", "^(?!" + PLANTED + ")");
        System.out.println(run.summary());
        assertThat(run.names()).isEqualTo(cases(false));
        assertThat(run.forbidden()).isEmpty();
        assertThat(run.failed()).isEmpty();
    }

    @Test
    void each_planted_bug_is_seen() throws Exception {
        Run run = Run.of("planted", "^" + PLANTED);
        System.out.println(run.summary());
        assertThat(run.names()).isEqualTo(cases(true));
        assertThat(run.forbidden().keySet()).isEqualTo(run.names());
        assertThat(run.failed()).isEmpty();
    }

    private static Collection<String> cases(boolean planted) {
        Collection<String> names = new TreeSet<>(TestList.tests());
        names.removeIf(name -> name.startsWith(PLANTED) != planted);
        return names;
    }

    /** One run of jcstress in a JVM of its own, which starts one for each case and way to compile it. */
    private record Run(Collection<TestResult> results, long seconds) {
        static Run of(String name, String cases) throws Exception {
            long start = System.nanoTime();
            Path directory = Files.createDirectories(Path.of("target", "jcstress", name));
            deleteResults(directory);
            // One JVM for each case: by the optimising compiler alone, made to move code at random. The other ways to
            // compile, which jcstress would try as well, take dozens.
            Process jcstress = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            classPath(),
                            Main.class.getName(),
                            "-t",
                            cases,
                            "-jvmArgs",
                            "-XX:-TieredCompilation -XX:+UnlockDiagnosticVMOptions -XX:+StressLCM -XX:+StressGCM",
                            "-sc",
                            "false",
                            "-f",
                            "1",
                            "-fsm",
                            "1",
                            "-iters",
                            "5",
                            "-time",
                            "500",
                            "-r",
                            "report")
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("output.txt").toFile())
                    .start();
            // It exits with 1 if something forbidden was seen; the results say so as well.
            try {
                jcstress.waitFor();
            } finally {
                jcstress.destroy();
            }
            InProcessCollector collector = new InProcessCollector();
            for (File file : results(directory)) {
                new DiskReadCollector(file.toString(), collector).dump();
            }
            return new Run(collector.getTestResults(), (System.nanoTime() - start) / 1_000_000_000);
        }

        /** That of this JVM. A directory that does not exist would keep jcstress from laying out its fields. */
        private static String classPath() {
            return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                    .filter(entry -> new File(entry).exists())
                    .collect(Collectors.joining(File.pathSeparator));
        }

        private static List<File> results(Path directory) throws IOException {
            try (Stream<Path> files = Files.list(directory)) {
                return files.filter(file -> file.toString().endsWith(".bin.gz"))
                        .map(Path::toFile)
                        .toList();
            }
        }

        private static void deleteResults(Path directory) throws IOException {
            for (File file : results(directory)) {
                Files.delete(file.toPath());
            }
        }

        Collection<String> names() {
            Collection<String> names = new TreeSet<>();
            results.forEach(result -> names.add(result.getName()));
            return names;
        }

        /** By case, the outcomes seen that none of its tables allows. */
        Map<String, Collection<String>> forbidden() {
            Map<String, Collection<String>> forbidden = new TreeMap<>();
            for (TestResult result : results) {
                result.grading().gradingResults.forEach((outcome, grade) -> {
                    if (grade.count > 0 && grade.expect != Expect.ACCEPTABLE) {
                        forbidden
                                .computeIfAbsent(result.getName(), name -> new TreeSet<>())
                                .add(outcome);
                    }
                });
            }
            return forbidden;
        }

        /** Runs that threw, hung or ended without a sample. */
        List<String> failed() {
            return results.stream()
                    .filter(result -> result.status() != Status.NORMAL || result.getTotalCount() == 0)
                    .map(result -> result.getName() + ": " + result.status() + " " + result.getMessages())
                    .toList();
        }

        String summary() {
            return "jcstress on JDK %s: %d cases in %d runs, %,d samples, %d forbidden outcomes, %d s"
                    .formatted(
                            Runtime.version(),
                            names().size(),
                            results.size(),
                            results.stream()
                                    .mapToLong(TestResult::getTotalCount)
                                    .sum(),
                            forbidden().values().stream()
                                    .mapToInt(Collection::size)
                                    .sum(),
                            seconds);
        }
    }
}

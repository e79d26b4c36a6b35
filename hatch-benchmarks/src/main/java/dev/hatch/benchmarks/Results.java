package dev.hatch.benchmarks;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a run of a benchmark has found: medians over the forks, and every value that they are taken from. */
final class Results {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final List<Result> rows;
    private final List<Raw> raw;

    private Results(List<Result> rows, List<Raw> raw) {
        this.rows = rows;
        this.raw = raw;
    }

    private record RawFile(@JsonUnwrapped Conditions conditions, List<Raw> forks) {}

    /** The values of one metric in one fork; {@code order} is the fork's place in the run, from 1. */
    private record Raw(
            @JsonProperty("case") String benchmarkCase,
            String metric,
            String unit,
            String jdk,
            String rival,
            String version,
            int order,
            int fork,
            List<Double> values) {}

    private record Subject(String benchmarkCase, String metric) {}

    /** One rival's share of a subject: the median of each fork. */
    private record Share(String version, Measurement any, List<Double> medians) {
        double median() {
            return Measurement.median(medians);
        }
    }

    /**
     * Compares what Hatch's forks measured with what each other rival's forks measured of the same. A case that Hatch
     * does not have is only in the raw values.
     */
    static Results of(List<Fork> forks) {
        String jdk = System.getProperty("java.version", "unknown");
        Map<Subject, Map<String, Share>> subjects = new LinkedHashMap<>();
        List<Raw> raw = new ArrayList<>();
        int order = 0;
        for (Fork fork : forks) {
            order++;
            String version = fork.report().version();
            String rival = fork.rival().name();
            for (Measurement found : fork.report().measurements()) {
                raw.add(new Raw(
                        found.benchmarkCase(),
                        found.metric(),
                        found.unit(),
                        jdk,
                        rival,
                        version,
                        order,
                        fork.round(),
                        found.values()));
                subjects.computeIfAbsent(
                                new Subject(found.benchmarkCase(), found.metric()), key -> new LinkedHashMap<>())
                        .computeIfAbsent(rival, key -> new Share(version, found, new ArrayList<>()))
                        .medians()
                        .add(found.median());
            }
        }
        List<Result> rows = new ArrayList<>();
        subjects.values().forEach(shares -> compare(jdk, shares, rows));
        return new Results(List.copyOf(rows), List.copyOf(raw));
    }

    private static void compare(String jdk, Map<String, Share> shares, List<Result> rows) {
        Share hatch = shares.remove(Rival.HATCH);
        if (hatch == null) {
            return;
        }
        Measurement what = hatch.any();
        double ours = hatch.median();
        if (shares.isEmpty()) {
            rows.add(new Result(what.benchmarkCase(), what.metric(), jdk, null, null, ours, null, what.unit(), null));
        }
        shares.forEach((peer, share) -> rows.add(new Result(
                what.benchmarkCase(),
                what.metric(),
                jdk,
                peer,
                share.version(),
                ours,
                share.median(),
                what.unit(),
                what.better().ratio(ours, share.median()))));
    }

    List<Result> rows() {
        return rows;
    }

    void print(PrintStream out) {
        new ResultTable(rows).print(out);
    }

    /**
     * Writes {@code NAME.json}, and {@code NAME-raw.json} with the conditions and every value, into a folder, which is
     * made if it is missing.
     *
     * @return the first of the two
     */
    Path write(Path folder, String name, Conditions conditions) throws IOException {
        Files.createDirectories(folder);
        Path file = folder.resolve(name + ".json");
        JSON.writeValue(file.toFile(), rows);
        JSON.writeValue(folder.resolve(name + "-raw.json").toFile(), new RawFile(conditions, raw));
        return file;
    }
}

package dev.hatch.benchmarks;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;

/**
 * What a run was measured under.
 *
 * @param command as it was typed
 * @param commit of the checkout, with {@code -dirty} where it has changes; {@code unknown} outside of one
 * @param at when the run began, as ISO 8601 has it
 */
@JsonPropertyOrder({"command", "commit", "machine", "jdk", "at"})
record Conditions(String command, String commit, Machine machine, String jdk, String at) {

    /** What it ran on. */
    @JsonPropertyOrder({"os", "arch", "cpus", "memoryBytes"})
    record Machine(String os, String arch, int cpus, long memoryBytes) {}

    /** Those of now, in the checkout that holds {@code folder}. */
    static Conditions now(String command, Path folder) throws IOException, InterruptedException {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        Machine machine = new Machine(
                system.getName() + " " + system.getVersion(),
                system.getArch(),
                system.getAvailableProcessors(),
                system.getTotalMemorySize());
        String jdk = System.getProperty("java.vm.name") + " " + Runtime.version();
        return new Conditions(
                command, commit(folder), machine, jdk, Instant.now().toString());
    }

    private static String commit(Path folder) throws InterruptedException {
        try {
            Process git = new ProcessBuilder("git", "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty")
                    .directory(folder.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String commit = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return git.waitFor() == 0 ? commit : "unknown";
        } catch (IOException e) {
            // There is no git.
            return "unknown";
        }
    }
}

package dev.hatch.server;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Other JVMs like this one. */
final class Jvm {
    private Jvm() {}

    /** What it says of errors goes to that file. */
    static Process start(Path errors, String classPath, String mainClass, String... args) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.startsWith("--") || flag.contains("Unrecognized"))
                .forEach(command::add);
        command.addAll(List.of("-Xmx512m", "-cp", classPath, mainClass));
        command.addAll(List.of(args));
        return new ProcessBuilder(command).redirectError(errors.toFile()).start();
    }

    static String classPath() {
        return System.getProperty("java.class.path");
    }
}

package dev.hatch.benchmarks;

import java.io.File;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/**
 * One of those that are compared, and how to fork the JVM that measures it.
 *
 * @param name as tables say it; {@link #HATCH} is what the others are compared with
 * @param subject what it is measured in, for messages; empty if that is all that there is
 * @param classPath its own, so that rivals whose dependencies clash can be compared
 * @param flags of the JVM
 * @param mainClass the name of a class that calls {@link Child#run}
 */
record Rival(
        String name, String subject, String classPath, List<String> flags, String mainClass, List<String> arguments) {
    static final String HATCH = "Hatch";

    /** What Arrow's memory needs; a JVM that does not know one of these skips it. */
    static final List<String> ARROW_FLAGS = List.of(
            "-XX:+IgnoreUnrecognizedVMOptions",
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED");

    /** Copies the lists. */
    Rival {
        flags = List.copyOf(flags);
        arguments = List.copyOf(arguments);
    }

    /** A rival on the class path of the benchmarks themselves. */
    static Rival here(String name, List<String> flags, Class<?> mainClass, List<String> arguments) {
        return new Rival(name, "", classPathHere(), flags, mainClass.getName(), arguments);
    }

    /** That of the benchmarks themselves. */
    static String classPathHere() {
        return System.getProperty("java.class.path", "");
    }

    /** The jars of those that clash with the rest, in a folder of their own where the build puts them. */
    static String jarsOf(String folder) {
        // Beside the jar or the classes of the benchmarks.
        URI built = URI.create(
                Rival.class.getProtectionDomain().getCodeSource().getLocation().toString());
        return Path.of(built).resolveSibling("rivals").resolve(folder) + File.separator + "*";
    }

    /** What messages call it. */
    String title() {
        return subject.isEmpty() ? name : name + ", " + subject;
    }

    boolean isHatch() {
        return name.equals(HATCH);
    }
}

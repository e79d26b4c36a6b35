package dev.hatch.benchmarks;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.Properties;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The version of a library, as its jar says it: in the manifest, in what Maven left there, or by its name. */
final class LibraryVersion {
    private static final Pattern NAME = Pattern.compile(".*?-(\\d[^-]*)\\.jar");

    private LibraryVersion() {}

    /** The version of the jar that {@code type} is from; {@code unknown} if it says none or is no jar. */
    static String of(Class<?> type) throws IOException, URISyntaxException {
        File source = new File(
                type.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (!source.isFile()) {
            return "unknown";
        }
        try (JarFile jar = new JarFile(source)) {
            String version = inManifest(jar);
            version = version != null ? version : inProperties(jar);
            return version != null ? version : inName(source.getName());
        }
    }

    private static @Nullable String inManifest(JarFile jar) throws IOException {
        Manifest manifest = jar.getManifest();
        if (manifest == null) {
            return null;
        }
        Attributes attributes = manifest.getMainAttributes();
        String version = attributes.getValue(Attributes.Name.IMPLEMENTATION_VERSION);
        return version != null ? version : attributes.getValue("Bundle-Version");
    }

    private static @Nullable String inProperties(JarFile jar) throws IOException {
        Optional<JarEntry> found = jar.stream()
                .filter(entry -> entry.getName().matches("META-INF/maven/.*/pom\\.properties"))
                .findFirst();
        Properties properties = new Properties();
        if (found.isPresent()) {
            try (InputStream stream = jar.getInputStream(found.get())) {
                properties.load(stream);
            }
        }
        return properties.getProperty("version");
    }

    private static String inName(String name) {
        Matcher matcher = NAME.matcher(name);
        return matcher.matches() ? matcher.group(1) : "unknown";
    }
}

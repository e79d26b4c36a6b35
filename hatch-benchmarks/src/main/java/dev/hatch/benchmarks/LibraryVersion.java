package dev.hatch.benchmarks;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;

/** The version of a library, as the manifest of its jar says it. */
final class LibraryVersion {
    private LibraryVersion() {}

    /** The version of the jar that {@code type} is from; {@code unknown} if it says none or is no jar. */
    static String of(Class<?> type) throws IOException, URISyntaxException {
        File source = new File(
                type.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (!source.isFile()) {
            return "unknown";
        }
        try (JarFile jar = new JarFile(source)) {
            Manifest manifest = jar.getManifest();
            if (manifest == null) {
                return "unknown";
            }
            Attributes attributes = manifest.getMainAttributes();
            String version = attributes.getValue(Attributes.Name.IMPLEMENTATION_VERSION);
            String bundleVersion = attributes.getValue("Bundle-Version");
            return version != null ? version : bundleVersion != null ? bundleVersion : "unknown";
        }
    }
}

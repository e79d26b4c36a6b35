package dev.hatch.server;

import org.apache.arrow.flight.FlightServer;
import org.jspecify.annotations.Nullable;

/** Versions, as the manifests of the jars say them. */
public final class Versions {
    private Versions() {}

    /** Hatch's own version; {@code development} when it does not run from its jar. */
    public static String hatch() {
        return of(Versions.class, "development");
    }

    static String arrow() {
        return of(FlightServer.class, "unknown");
    }

    private static String of(Class<?> type, String otherwise) {
        @Nullable String version = type.getPackage().getImplementationVersion();
        return version == null ? otherwise : version;
    }
}

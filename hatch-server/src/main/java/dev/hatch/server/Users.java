package dev.hatch.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The users as the users file has them now: it is looked at again once a second at most, when somebody calls. A file
 * that cannot be used any more leaves those who were in it, and is said in the log once.
 *
 * <p>For many threads: what is known is replaced as a whole, by the one thread that won the second.
 */
final class Users {
    private static final Logger LOG = LoggerFactory.getLogger(HatchServer.class);
    private static final long LOOK_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Path path;
    private final LongSupplier nanoClock;
    private final AtomicLong lookedAt;
    private volatile Known known;

    /** @param byToken by the token's hash */
    private record Known(
            Map<String, UserEntry> byName,
            Map<String, UserEntry> byToken,
            @Nullable Stamp stamp) {}

    /** What changes with the file: a move puts another file there, with a key of its own. Null parts: it is gone. */
    private record Stamp(
            FileTime modified, long size, @Nullable Object key) {}

    /** @throws IOException if the file cannot be read, or a line of it is wrong */
    Users(Path path, LongSupplier nanoClock) throws IOException {
        this.path = path;
        this.nanoClock = nanoClock;
        lookedAt = new AtomicLong(nanoClock.getAsLong());
        Stamp stamp = stamp();
        known = read(stamp);
    }

    @Nullable UserEntry named(String name) {
        return current().byName().get(name);
    }

    /** @param hash the token's, so that it cannot be found out by how long a look takes */
    @Nullable UserEntry withToken(String hash) {
        return current().byToken().get(hash);
    }

    private Known current() {
        long last = lookedAt.get();
        long now = nanoClock.getAsLong();
        if (now - last >= LOOK_EVERY_NANOS && lookedAt.compareAndSet(last, now)) {
            Known before = known;
            Stamp stamp = stamp();
            if (stamp == null ? before.stamp() != null : !stamp.equals(before.stamp())) {
                known = readOr(before, stamp);
            }
        }
        return known;
    }

    private Known readOr(Known before, @Nullable Stamp stamp) {
        try {
            Known read = read(stamp);
            LOG.info("read {} anew: {} users", path, read.byName().size());
            return read;
        } catch (IOException e) {
            LOG.error("the users stay as they were before the users file was changed: {}", e.getMessage());
            return new Known(before.byName(), before.byToken(), stamp);
        }
    }

    private Known read(@Nullable Stamp stamp) throws IOException {
        requireSafe();
        Map<String, UserEntry> byName = new UsersFile(path).entries();
        Map<String, UserEntry> byToken = new HashMap<>();
        byName.values().forEach(entry -> entry.tokens().forEach(hash -> byToken.put(hash, entry)));
        return new Known(byName, byToken, stamp);
    }

    /** Whoever can write it can let anybody in; whoever can read it can try passwords at leisure. */
    private void requireSafe() throws IOException {
        if (!Files.exists(path)
                || !path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return;
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
        if (permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException("anybody on this machine can write the users file " + path + ": chmod o-rwx " + path);
        }
        if (permissions.contains(PosixFilePermission.OTHERS_READ)) {
            LOG.warn("anybody on this machine can read the users file {}: chmod o-rwx {}", path, path);
        }
    }

    /** Null if it is not there or cannot be looked at. */
    private @Nullable Stamp stamp() {
        try {
            BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
            return new Stamp(now.lastModifiedTime(), now.size(), now.fileKey());
        } catch (IOException e) {
            return null;
        }
    }
}

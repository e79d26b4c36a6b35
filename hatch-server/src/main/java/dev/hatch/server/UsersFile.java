package dev.hatch.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The file of those who may call: a line for each user with name, role and the hashes of password and tokens. What
 * stands in lines that begin with a # is for people and is kept.
 *
 * <p>A change is written to a new file that takes the old one's place at once, so that a reader sees the one or the
 * other. The new file, which only one process can create, also keeps two changes from overwriting each other.
 */
public final class UsersFile {
    private static final String HEADING =
            "# Who may call a Hatch server: NAME ROLE CREDENTIAL..., written by \"hatch user\".";

    private static final int TOKEN_BYTES = 32;
    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE, PosixFilePermission.OTHERS_EXECUTE);

    private final Path path;

    /** The users file at that path, which need not be there yet. */
    public UsersFile(Path path) {
        this.path = path;
    }

    /**
     * A user as a list shows it.
     *
     * @param hasPassword whether there is one
     * @param tokens how many there are
     */
    public record Listed(User user, boolean hasPassword, int tokens) {}

    /**
     * The users in the order of the file.
     *
     * @throws IOException if the file cannot be read, or a line of it is wrong
     */
    public List<Listed> list() throws IOException {
        return entries().values().stream()
                .map(entry -> new Listed(
                        entry.user(), entry.password() != null, entry.tokens().size()))
                .toList();
    }

    /**
     * Adds a user; the file, too, if there is none yet.
     *
     * @param password null for a user who logs in with tokens or a certificate only
     * @throws IllegalArgumentException if there is one of that name, or that is no name
     * @throws IOException if the file cannot be read or written
     */
    public void add(String name, Role role, @Nullable String password) throws IOException {
        String objection = UserEntry.objection(name);
        if (objection != null) {
            throw new IllegalArgumentException("'" + name + "' cannot be a user: " + objection);
        }
        PasswordHash hash = password == null ? null : PasswordHash.of(password);
        edit(lines -> {
            if (entries(lines).containsKey(name)) {
                throw new IllegalArgumentException(
                        name + " is in " + path + " already; to change the role or the password, say --replace");
            }
            lines.add(new UserEntry(new User(name, role), hash, List.of()).line());
        });
    }

    /**
     * Gives a user another role, another password or both; tokens stay.
     *
     * @param role null for that which the user has
     * @param password null for none
     * @throws IllegalArgumentException if there is none of that name
     * @throws IOException if the file cannot be read or written
     */
    public void replace(String name, @Nullable Role role, @Nullable String password) throws IOException {
        PasswordHash hash = password == null ? null : PasswordHash.of(password);
        change(
                name,
                entry ->
                        new UserEntry(new User(name, role == null ? entry.user().role() : role), hash, entry.tokens()));
    }

    /**
     * Makes a token for a user.
     *
     * @param replaces whether the tokens that the user has are good no more
     * @return the token: the file has only its hash
     * @throws IllegalArgumentException if there is none of that name
     * @throws IOException if the file cannot be read or written
     */
    public String addToken(String name, boolean replaces) throws IOException {
        String token = "hatch_" + Secrets.randomText(TOKEN_BYTES);
        change(name, entry -> {
            List<String> tokens = new ArrayList<>(replaces ? List.of() : entry.tokens());
            tokens.add(Secrets.sha256(token));
            return new UserEntry(entry.user(), entry.password(), tokens);
        });
        return token;
    }

    /**
     * Removes a user with all credentials.
     *
     * @throws IllegalArgumentException if there is none of that name
     * @throws IOException if the file cannot be read or written
     */
    public void remove(String name) throws IOException {
        change(name, entry -> null);
    }

    /** By name. */
    Map<String, UserEntry> entries() throws IOException {
        return entries(lines());
    }

    private List<String> lines() throws IOException {
        try {
            return Files.readAllLines(path);
        } catch (NoSuchFileException e) {
            throw new IOException(
                    "there is no users file " + path + ": make it with hatch user add NAME --users " + path, e);
        } catch (CharacterCodingException e) {
            throw new IOException(path + " is not a users file: it is not text in UTF-8", e);
        } catch (IOException e) {
            throw new IOException("cannot read the users file " + path + ": " + e, e);
        }
    }

    private Map<String, UserEntry> entries(List<String> lines) throws IOException {
        Map<String, UserEntry> entries = new LinkedHashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            if (isEntry(lines.get(i))) {
                try {
                    UserEntry entry = UserEntry.parse(lines.get(i));
                    if (entries.put(entry.user().name(), entry) != null) {
                        throw new UserEntry.MalformedException(
                                "a second line for " + entry.user().name());
                    }
                } catch (UserEntry.MalformedException e) {
                    throw new IOException(path + ", line " + (i + 1) + ": " + e.getMessage(), e);
                }
            }
        }
        return entries;
    }

    private static boolean isEntry(String line) {
        return !line.isBlank() && !line.stripLeading().startsWith("#");
    }

    private interface Change {
        /** Null to remove the line. */
        @Nullable UserEntry of(UserEntry entry);
    }

    private void change(String name, Change change) throws IOException {
        edit(lines -> {
            UserEntry entry = entries(lines).get(name);
            if (entry == null) {
                throw new IllegalArgumentException(
                        "there is no user " + name + " in " + path + " (see hatch user list)");
            }
            int at = 0;
            while (!isEntry(lines.get(at))
                    || !lines.get(at).strip().split("\\s+", -1)[0].equals(name)) {
                at++;
            }
            UserEntry changed = change.of(entry);
            if (changed == null) {
                lines.remove(at);
            } else {
                lines.set(at, changed.line());
            }
        });
    }

    private interface Edit {
        void of(List<String> lines) throws IOException;
    }

    private void edit(Edit edit) throws IOException {
        boolean isNew = !Files.exists(path);
        Path target = isNew ? path.toAbsolutePath() : path.toRealPath();
        Path draft = target.resolveSibling(target.getFileName() + ".new");
        try (FileChannel out = create(draft)) {
            boolean moved = false;
            try {
                List<String> lines = isNew ? new ArrayList<>(List.of(HEADING)) : new ArrayList<>(lines());
                edit.of(lines);
                ByteBuffer text = StandardCharsets.UTF_8.encode(String.join("\n", lines) + "\n");
                while (text.hasRemaining()) {
                    out.write(text);
                }
                if (!isNew) {
                    keepOwner(target, draft);
                }
                out.force(true);
                Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
                moved = true;
            } finally {
                // After the move it would be somebody else's.
                if (!moved) {
                    Files.deleteIfExists(draft);
                }
            }
        }
    }

    private static FileChannel create(Path draft) throws IOException {
        FileAttribute<?>[] onlyOwner = hasPermissions(draft)
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        try {
            return FileChannel.open(
                    draft, EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), onlyOwner);
        } catch (FileAlreadyExistsException e) {
            throw new IOException(
                    draft + " is there: another hatch user is at work, or was killed; if none is, delete that file", e);
        } catch (NoSuchFileException e) {
            throw new IOException("cannot write " + draft + ": there is no such folder", e);
        } catch (IOException e) {
            throw new IOException("cannot write " + draft + ": " + e, e);
        }
    }

    private static boolean hasPermissions(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    /** As a server that runs as another user has been let in by its group; but never the rest of the world. */
    private static void keepOwner(Path from, Path to) throws IOException {
        if (!hasPermissions(from)) {
            return;
        }
        PosixFileAttributes old = Files.readAttributes(from, PosixFileAttributes.class);
        PosixFileAttributes now = Files.readAttributes(to, PosixFileAttributes.class);
        PosixFileAttributeView view = Files.getFileAttributeView(to, PosixFileAttributeView.class);
        if (!old.group().equals(now.group())) {
            view.setGroup(old.group());
        }
        if (!old.owner().equals(now.owner())) {
            view.setOwner(old.owner());
        }
        Set<PosixFilePermission> permissions = EnumSet.copyOf(old.permissions());
        permissions.removeAll(OTHERS);
        view.setPermissions(permissions);
    }
}

package dev.hatch.server.cli;

import dev.hatch.server.Role;
import dev.hatch.server.UsersFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Changes the file of those who may call a server. */
@Command(
        name = "user",
        description = "Say who may call a server: in the file that hatch serve --users reads, and reads again when it"
                + " is changed.",
        synopsisSubcommandLabel = "COMMAND")
final class UserCommand {
    private static final int SHORTEST_PASSWORD = 8;

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--users",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            defaultValue = "${env:HATCH_USERS:-hatch-users}",
            description = "The file. Default: that which HATCH_USERS names in the environment, or hatch-users.")
    private Path file = Path.of("hatch-users");

    UserCommand(Console console) {
        this.console = console;
    }

    @Command(description = "Add a user; the password is asked for.")
    int add(
            @Parameters(paramLabel = "NAME", description = "The user's name.") String name,
            @Option(
                            names = "--role",
                            paramLabel = "ROLE",
                            description = "What the user may do: read-only (the default) or read-write.")
                    @Nullable Role role,
            @Option(names = "--password-stdin", description = "Take the first line of standard input as password.")
                    boolean passwordStdin,
            @Option(names = "--no-password", description = "For a user who logs in with tokens or a certificate only.")
                    boolean noPassword,
            @Option(
                            names = "--replace",
                            description = "Give a user who is there another password and, if it is said, another role.")
                    boolean replace)
            throws IOException {
        if (passwordStdin && noPassword) {
            throw misunderstood("--password-stdin and --no-password cannot both be");
        }
        String password = noPassword ? null : password(name, passwordStdin);
        if (replace) {
            new UsersFile(file).replace(name, role, password);
            console.err().printf("%s is changed in %s%n", name, file);
        } else {
            Role given = role == null ? Role.READ_ONLY : role;
            new UsersFile(file).add(name, given, password);
            console.err().printf("%s, %s, is in %s now%n", name, given, file);
        }
        return 0;
    }

    @Command(description = "Make a token for a user and print it; it is not shown again.")
    int token(
            @Parameters(paramLabel = "NAME", description = "The user's name.") String name,
            @Option(names = "--replace", description = "Withdraw the tokens that the user has.") boolean replace)
            throws IOException {
        console.out().println(new UsersFile(file).addToken(name, replace));
        return 0;
    }

    @Command(description = "Remove a user with password and tokens.")
    int remove(@Parameters(paramLabel = "NAME", description = "The user's name.") String name) throws IOException {
        new UsersFile(file).remove(name);
        console.err().printf("%s is not in %s any more%n", name, file);
        return 0;
    }

    @Command(description = "List the users.")
    int list() throws IOException {
        List<UsersFile.Listed> users = new UsersFile(file).list();
        int width = users.stream().mapToInt(one -> one.user().name().length()).reduce("NAME".length(), Math::max);
        String row = "%-" + width + "s  %-10s  %-8s  %s%n";
        console.out().printf(Locale.ROOT, row, "NAME", "ROLE", "PASSWORD", "TOKENS");
        for (UsersFile.Listed one : users) {
            console.out()
                    .printf(
                            Locale.ROOT,
                            row,
                            one.user().name(),
                            one.user().role(),
                            one.hasPassword() ? "yes" : "no",
                            one.tokens());
        }
        return 0;
    }

    private String password(String name, boolean fromInput) throws IOException {
        return fromInput ? longEnough(firstLine()) : asked(name);
    }

    private static String longEnough(String password) throws IOException {
        if (password.length() < SHORTEST_PASSWORD) {
            throw new IOException("the password has to have at least " + SHORTEST_PASSWORD + " characters");
        }
        return password;
    }

    private String firstLine() throws IOException {
        String line = new BufferedReader(new InputStreamReader(console.in(), StandardCharsets.UTF_8)).readLine();
        if (line == null) {
            throw new IOException("there is no password on standard input");
        }
        return line;
    }

    private String asked(String name) throws IOException {
        String password = longEnough(console.terminal()
                .askSecretly("Password for " + name + ": ")
                .orElseThrow(() -> misunderstood("there is no terminal to ask for the password on; say --password-stdin"
                        + " and give it on standard input")));
        if (!console.terminal().askSecretly("Once more: ").equals(Optional.of(password))) {
            throw new IOException("these were two different passwords; nothing was changed");
        }
        return password;
    }

    private ParameterException misunderstood(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}

package dev.hatch.server.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.apache.arrow.flight.CallOption;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.flight.Location;
import org.apache.arrow.flight.LocationSchemes;
import org.apache.arrow.flight.auth2.BearerCredentialWriter;
import org.apache.arrow.flight.client.ClientCookieMiddleware;
import org.apache.arrow.flight.grpc.CredentialCallOption;
import org.apache.arrow.flight.sql.FlightSqlClient;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which server a command calls, as whom, and whom it trusts. A secret is never an argument, which everybody can see. */
final class ServerOptions {
    private final Console console;
    private final Map<String, String> environment;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--server",
            paramLabel = "URI",
            defaultValue = "grpc://127.0.0.1:31337",
            description = "The server, grpc://HOST:PORT or grpc+tls://HOST:PORT. Default: ${DEFAULT-VALUE}")
    private String server = "";

    @Option(
            names = "--user",
            paramLabel = "NAME",
            description = "Log in as this user, with the password in HATCH_PASSWORD or one that is asked for.")
    private @Nullable String user;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "Log in with the token in this file. Default: with that in HATCH_TOKEN, if it is set.")
    private @Nullable Path tokenFile;

    @Option(
            names = "--tls-ca",
            paramLabel = "FILE",
            description = "The certificates (PEM) by one of which the server's has to be signed. Default: those that"
                    + " Java trusts.")
    private @Nullable Path tlsCa;

    @Option(names = "--tls-cert", paramLabel = "FILE", description = "This client's certificate (PEM).")
    private @Nullable Path tlsCert;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "The key of that certificate (PEM, PKCS #8).")
    private @Nullable Path tlsKey;

    ServerOptions(Console console) {
        this.console = console;
        environment = console.environment();
    }

    /** A client, and the options that each of its calls takes, for they carry who it is. */
    @SuppressWarnings("try") // Closing may be interrupted, which ends the command like any failure.
    static final class OpenServer implements AutoCloseable {
        private final FlightClient flight;
        private final FlightSqlClient sql;
        private final CallOption[] options;

        private OpenServer(FlightClient flight, CallOption... options) {
            this.flight = flight;
            sql = new FlightSqlClient(flight);
            this.options = options;
        }

        FlightClient flight() {
            return flight;
        }

        FlightSqlClient sql() {
            return sql;
        }

        CallOption[] options() {
            return options.clone();
        }

        @Override
        public void close() throws Exception {
            sql.close();
        }
    }

    /**
     * Connects and, with a user's name, logs in.
     *
     * @throws IOException if a file cannot be read
     * @throws FlightRuntimeException if the server does not let it in
     */
    OpenServer open(BufferAllocator allocator) throws IOException, InterruptedException {
        URI uri = uri();
        boolean tls = LocationSchemes.GRPC_TLS.equals(uri.getScheme());
        requireFitting(tls);
        FlightClient.Builder builder = FlightClient.builder()
                .allocator(allocator)
                .location(
                        tls
                                ? Location.forGrpcTls(uri.getHost(), uri.getPort())
                                : Location.forGrpcInsecure(uri.getHost(), uri.getPort()))
                .intercept(new ClientCookieMiddleware.Factory());
        if (tlsCa != null) {
            builder.trustedCertificates(contentOf(tlsCa));
        }
        if (tlsCert != null && tlsKey != null) {
            builder.clientCertificate(contentOf(tlsCert), contentOf(tlsKey));
        }
        String token = user == null ? token() : null;
        String password = user == null ? null : password(user);
        FlightClient flight = builder.build();
        try {
            return new OpenServer(flight, credentials(flight, token, password));
        } catch (RuntimeException e) {
            flight.close();
            throw e;
        }
    }

    private CallOption[] credentials(FlightClient flight, @Nullable String token, @Nullable String password) {
        if (token != null) {
            return new CallOption[] {new CredentialCallOption(new BearerCredentialWriter(token))};
        }
        if (user == null || password == null) {
            return new CallOption[0];
        }
        // A server that wants no authentication gives no token.
        return flight.authenticateBasicToken(user, password).stream().toArray(CallOption[]::new);
    }

    private URI uri() {
        try {
            URI uri = new URI(server);
            if (uri.getHost() != null
                    && uri.getPort() > 0
                    && List.of(LocationSchemes.GRPC, LocationSchemes.GRPC_INSECURE, LocationSchemes.GRPC_TLS)
                            .contains(String.valueOf(uri.getScheme()))) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // Said below.
        }
        throw misunderstood("--server takes grpc://HOST:PORT or grpc+tls://HOST:PORT, not '" + server + "'");
    }

    private void requireFitting(boolean tls) {
        if ((tlsCert == null) != (tlsKey == null)) {
            throw misunderstood("--tls-cert and --tls-key belong together: give both");
        }
        if (!tls && (tlsCa != null || tlsCert != null)) {
            throw misunderstood("--tls-ca, --tls-cert and --tls-key are for a server at grpc+tls://, not " + server);
        }
        if (user != null && tokenFile != null) {
            throw misunderstood("give --user or --token-file, not both");
        }
    }

    private @Nullable String token() throws IOException {
        String given = tokenFile == null
                ? environment.get("HATCH_TOKEN")
                : new String(contentOf(tokenFile).readAllBytes(), StandardCharsets.UTF_8);
        if (given != null && !given.strip().matches("[!-~]+")) {
            throw new IOException((tokenFile == null ? "HATCH_TOKEN" : tokenFile)
                    + " has no token: hatch user token NAME prints one");
        }
        return given == null ? null : given.strip();
    }

    private String password(String name) {
        String given = environment.get("HATCH_PASSWORD");
        return given != null
                ? given
                : console.terminal()
                        .askSecretly("Password for " + name + " on " + server + ": ")
                        .orElseThrow(() ->
                                misunderstood("there is no terminal to ask for the password on; set HATCH_PASSWORD"));
    }

    private static InputStream contentOf(Path file) throws IOException {
        try {
            return new ByteArrayInputStream(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new IOException("cannot read " + file + ": " + e, e);
        }
    }

    /** What a person can do about it is in the message. */
    Exception explained(FlightRuntimeException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException) {
                return new IOException(
                        "no TLS with " + server + ": " + cause.getMessage()
                                + " (--tls-ca says by whom its certificate is signed)",
                        failure);
            }
            if (cause instanceof IOException) {
                return new IOException("cannot reach " + server + ": " + cause.getMessage(), failure);
            }
        }
        if (failure.status().code() == FlightStatusCode.UNAUTHENTICATED) {
            return new IOException(
                    failure.getMessage() + " (--user NAME, --token-file FILE, or a token in HATCH_TOKEN)", failure);
        }
        return failure;
    }

    private ParameterException misunderstood(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}

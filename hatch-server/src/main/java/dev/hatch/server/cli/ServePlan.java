package dev.hatch.server.cli;

import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import dev.hatch.server.ServerConfig;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What {@code hatch serve} is to do.
 *
 * @param config the server's settings
 * @param sample whether the database is filled with the sample first
 * @param drain how long running statements may take to end
 */
record ServePlan(ServerConfig config, boolean sample, Duration drain) {
    /**
     * As the settings say.
     *
     * @throws IllegalArgumentException if they say what cannot be, with the place
     */
    static ServePlan of(Settings settings) {
        boolean sample = settings.get(Setting.SAMPLE, SettingText::yesOrNo);
        requireDuckDb(settings, sample);
        return new ServePlan(
                server(settings, pool(settings)), sample, settings.get(Setting.DRAIN, SettingText::duration));
    }

    private static void requireDuckDb(Settings settings, boolean sample) {
        String database = settings.text(Setting.DATABASE);
        if (sample && !database.equals(":memory:")) {
            throw new IllegalArgumentException(settings.name(Setting.SAMPLE)
                    + " fills the in-memory database; leave out " + settings.name(Setting.DATABASE) + " "
                    + Settings.withoutProperties(database));
        }
        if (database.startsWith("jdbc:") && !database.startsWith("jdbc:duckdb:")) {
            throw new IllegalArgumentException(settings.name(Setting.DATABASE)
                    + " takes a DuckDB file or :memory:, not a URL of another database");
        }
    }

    private static ConnectionPoolConfig pool(Settings settings) {
        ConnectionPoolConfig.Builder pool = ConnectionPoolConfig.builder().name("hatch");
        settings.set(Setting.DATABASE, text -> text, pool::dsn);
        settings.set(
                Setting.CONNECTIONS,
                SettingText::wholeNumber,
                connections -> pool.maxOpenConnections(connections).maxIdleConnections(connections));
        settings.set(Setting.CONNECTION_TIMEOUT, SettingText::duration, pool::connectionTimeout);
        settings.set(Setting.MAX_WAITING, SettingText::wholeNumber, pool::maxWaiters);
        return pool.build();
    }

    private static ServerConfig server(Settings settings, ConnectionPoolConfig pool) {
        ServerConfig.Builder server = ServerConfig.builder(pool);
        settings.set(Setting.LISTEN, SettingText::address, server::listen);
        settings.set(Setting.ADMIN, SettingText::address, server::admin);
        settings.set(Setting.BATCH_ROWS, SettingText::wholeNumber, server::batchRows);
        settings.set(
                Setting.MAX_MESSAGE_BYTES, text -> Math.toIntExact(SettingText.size(text)), server::maxMessageBytes);
        settings.set(Setting.MAX_SESSIONS, SettingText::wholeNumber, server::maxSessions);
        settings.set(Setting.SESSION_IDLE_TIMEOUT, SettingText::duration, server::sessionIdleTimeout);
        settings.set(Setting.MAX_TRANSACTIONS, SettingText::wholeNumber, server::maxTransactions);
        settings.set(Setting.TRANSACTION_IDLE_TIMEOUT, SettingText::duration, server::transactionIdleTimeout);
        settings.set(Setting.STATEMENT_TIMEOUT, SettingText::duration, server::statementTimeout);
        settings.set(Setting.STALL_TIMEOUT, SettingText::duration, server::stallTimeout);
        settings.set(Setting.MAX_RESULT_ROWS, SettingText::longNumber, server::maxResultRows);
        settings.set(Setting.MAX_RESULT_BYTES, SettingText::size, server::maxResultBytes);
        settings.set(Setting.MAX_CALLS_PER_USER, SettingText::wholeNumber, server::maxCallsPerUser);
        settings.set(Setting.MAX_CALLS_PER_SESSION, SettingText::wholeNumber, server::maxCallsPerSession);
        settings.set(Setting.USERS, Path::of, server::users);
        settings.set(Setting.TOKEN_IDLE_TIMEOUT, SettingText::duration, server::tokenIdleTimeout);
        tls(settings, server);
        settings.set(Setting.TLS_CLIENT_CA, Path::of, server::clientCertificates);
        server.lockDown(settings.get(Setting.LOCK_DOWN, SettingText::yesOrNo));
        ServerConfig config = server.build();
        Exposure exposure = new Exposure(
                config.users() != null,
                config.tls() != null,
                config.clientCertificates() != null,
                settings.get(Setting.INSECURE, SettingText::yesOrNo));
        exposure.requireSafe(settings.name(Setting.LISTEN), config.listen().host());
        ServerConfig.Address admin = config.admin();
        if (admin != null) {
            exposure.requireSafeAdmin(settings.name(Setting.ADMIN), admin.host());
        }
        return config;
    }

    /** Certificate and key are one setting of the server. */
    private static void tls(Settings settings, ServerConfig.Builder server) {
        boolean hasCertificate = settings.isSet(Setting.TLS_CERT);
        boolean hasKey = settings.isSet(Setting.TLS_KEY);
        if (hasCertificate != hasKey) {
            throw new IllegalArgumentException(settings.name(hasCertificate ? Setting.TLS_CERT : Setting.TLS_KEY)
                    + " needs " + (hasCertificate ? Setting.TLS_KEY : Setting.TLS_CERT).flag() + " as well");
        }
        if (hasCertificate) {
            server.tls(Path.of(settings.text(Setting.TLS_CERT)), Path.of(settings.text(Setting.TLS_KEY)));
        }
    }
}

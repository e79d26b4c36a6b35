package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How long sessions are kept, by a clock that is turned. */
class SessionsTest {
    private static final SessionOptions OPTIONS = new SessionOptions(Map.of("schema", "s"));

    private final AtomicLong clock = new AtomicLong();
    private final HeldLeases leases = new HeldLeases(1, Duration.ofSeconds(1), clock::get);
    private final Sessions sessions = new Sessions(
            leases,
            TestServer.config(":memory:", 0, 1, 1)
                    .sessionIdleTimeout(Duration.ofMinutes(30))
                    .maxSessions(2)
                    .build());

    private void pass(Duration time) {
        clock.addAndGet(time.toNanos());
        sessions.endIdle();
    }

    private Session withOptions(String key) {
        Session session = sessions.findOrCreate(key);
        session.setOptions(OPTIONS);
        return session;
    }

    @Test
    void one_whose_client_never_came_back_with_the_cookie_is_forgotten_after_a_minute() {
        Session session = withOptions("ada:1");
        pass(Duration.ofSeconds(59));
        assertThat(sessions.findOrCreate("ada:1")).isSameAs(session);
        pass(Duration.ofSeconds(61));
        assertThat(sessions.find("ada:1")).isNull();
    }

    @Test
    void one_whose_client_did_is_kept_for_the_idle_timeout_and_then_told_of_once() {
        Session session = withOptions("ada:1");
        assertThat(sessions.find("ada:1")).isSameAs(session);
        pass(Duration.ofMinutes(29));
        assertThat(sessions.find("ada:1")).isSameAs(session);
        pass(Duration.ofMinutes(31));
        assertThat(sessions.find("ada:1")).isNull();
        assertThatThrownBy(() -> sessions.requireNotForgotten("ada:1")).hasMessageContaining("the session was idle");
        sessions.requireNotForgotten("ada:1");
    }

    @Test
    void one_without_anything_is_forgotten_at_once_and_nobody_told() {
        Session session = sessions.findOrCreate("ada:1");
        assertThat(session.isEmpty()).isTrue();
        pass(Duration.ofSeconds(2));
        assertThat(sessions.find("ada:1")).isNull();
        sessions.requireNotForgotten("ada:1");
    }

    @Test
    void there_are_so_many_and_no_more() {
        withOptions("ada:1");
        withOptions("ada:2");
        assertThatThrownBy(() -> sessions.findOrCreate("ada:3")).hasMessageContaining("2 sessions are kept");
        assertThat(sessions.close("ada:1")).isTrue();
        assertThat(sessions.findOrCreate("ada:3").isEmpty()).isTrue();
    }
}

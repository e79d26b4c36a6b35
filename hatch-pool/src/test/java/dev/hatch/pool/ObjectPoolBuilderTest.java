package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ObjectPoolBuilderTest {
    private final ObjectPoolBuilder<Object> builder = ObjectPool.builder(Object::new);

    @Test
    void the_defaults_are_what_the_javadoc_says() {
        assertThat(builder.name).isEqualTo("objects");
        assertThat(builder.maxIdle).isEqualTo(1_024);
        assertThat(builder.reset).isNull();
        assertThat(builder.weigher).isNull();
        assertThat(builder.fadeNanos).isEqualTo(Duration.ofSeconds(8).toNanos());
    }

    @Test
    void a_value_that_is_not_allowed_is_quoted() {
        assertThatThrownBy(() -> builder.name(" ")).hasMessage("name is blank: ' '");
        assertThatThrownBy(() -> builder.maxIdle(-1)).hasMessage("maxIdle must be from 0 to 1048576, not -1");
        assertThatThrownBy(() -> builder.maxIdle((1 << 20) + 1)).hasMessageContaining("not 1048577");
        assertThatThrownBy(() -> builder.fadeAfter(Duration.ofSeconds(-1))).hasMessageContaining("PT-1S");
        assertThatThrownBy(() -> builder.fadeAfter(Duration.ofNanos(2))).hasMessageContaining("PT0.000000002S");
        assertThatThrownBy(() -> builder.fadeAfter(Duration.ofDays(40_000))).hasMessageContaining("PT960000H");
        assertThatThrownBy(() -> builder.reset(null)).hasMessage("reset");
        assertThatThrownBy(() -> builder.destroy(null)).hasMessage("destroy");
        assertThatThrownBy(() -> builder.weigher(null)).hasMessage("weigher");
        assertThatThrownBy(() -> ObjectPool.builder(null)).hasMessage("factory");
    }

    @Test
    void a_pool_keeps_its_settings_whatever_is_set_after() {
        try (ObjectPool<Object> pool = builder.maxIdle(1).build()) {
            builder.maxIdle(0);
            pool.put(pool.get());
            assertThat(pool.idle()).isEqualTo(1);
        }
    }
}

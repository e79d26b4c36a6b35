package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class ResourcePoolBuilderTest {
    private final ResourcePoolBuilder<Thing, ThingLease> builder = builder();

    private static ResourcePoolBuilder<Thing, ThingLease> builder() {
        return ResourcePool.builder(new FakeLifecycle(), ThingLease::new);
    }

    interface DurationSetter
            extends BiFunction<
                    ResourcePoolBuilder<Thing, ThingLease>, Duration, ResourcePoolBuilder<Thing, ThingLease>> {}

    interface IntSetter
            extends BiFunction<
                    ResourcePoolBuilder<Thing, ThingLease>, Integer, ResourcePoolBuilder<Thing, ThingLease>> {}

    static Stream<Arguments> times() {
        return Stream.of(
                Arguments.of("acquireTimeout", (DurationSetter) ResourcePoolBuilder::acquireTimeout),
                Arguments.of("maxLifetime", (DurationSetter) ResourcePoolBuilder::maxLifetime),
                Arguments.of("maxIdleTime", (DurationSetter) ResourcePoolBuilder::maxIdleTime),
                Arguments.of("surplusAfter", (DurationSetter) ResourcePoolBuilder::surplusAfter),
                Arguments.of("validateEvery", (DurationSetter) ResourcePoolBuilder::validateEvery),
                Arguments.of("validateAfterIdle", (DurationSetter) ResourcePoolBuilder::validateAfterIdle));
    }

    static Stream<Arguments> limits() {
        return Stream.of(
                Arguments.of("createLimit", (DurationSetter) ResourcePoolBuilder::createLimit),
                Arguments.of("validateLimit", (DurationSetter) ResourcePoolBuilder::validateLimit),
                Arguments.of("resetLimit", (DurationSetter) ResourcePoolBuilder::resetLimit),
                Arguments.of("destroyLimit", (DurationSetter) ResourcePoolBuilder::destroyLimit));
    }

    static Stream<Arguments> counts() {
        return Stream.of(
                Arguments.of("maxSize", 1, (IntSetter) ResourcePoolBuilder::maxSize),
                Arguments.of("minIdle", 0, (IntSetter) ResourcePoolBuilder::minIdle),
                Arguments.of("maxIdle", 0, (IntSetter) ResourcePoolBuilder::maxIdle),
                Arguments.of("maxWaiters", 0, (IntSetter) ResourcePoolBuilder::maxWaiters));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"times", "limits"})
    void a_time_that_is_negative_or_of_centuries_is_refused_and_quoted(String name, DurationSetter setter) {
        Duration tooLong = ResourcePoolBuilder.LONGEST.plusNanos(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> setter.apply(builder, Duration.ofNanos(-1)))
                .withMessageContaining(name + " is PT-0.000000001S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> setter.apply(builder, tooLong))
                .withMessageContaining(name + " is " + tooLong);
        assertThat(setter.apply(builder, ResourcePoolBuilder.LONGEST)).isSameAs(builder);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("times")
    void a_time_may_be_zero(String name, DurationSetter setter) {
        assertThat(setter.apply(builder, Duration.ZERO)).isSameAs(builder);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("limits")
    void a_limit_must_be_more_than_zero(String name, DurationSetter setter) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> setter.apply(builder, Duration.ZERO))
                .withMessageContaining(name + " is PT0S");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("counts")
    void a_count_below_its_least_is_refused_and_quoted(String name, int least, IntSetter setter) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> setter.apply(builder, least - 1))
                .withMessage(name + " is " + (least - 1) + ": at least " + least);
        assertThat(setter.apply(builder, least)).isSameAs(builder);
    }

    @Test
    void no_more_may_be_kept_idle_than_there_may_be() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().maxSize(2).minIdle(3).build())
                .withMessage("minIdle is 3: at most maxSize 2 and maxIdle " + Integer.MAX_VALUE);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().maxSize(9).minIdle(3).maxIdle(2).build())
                .withMessage("minIdle is 3: at most maxSize 9 and maxIdle 2");
        builder().maxSize(2).minIdle(2).maxIdle(2).build().close();
    }

    @Test
    void a_pool_has_a_name_that_can_be_read() {
        assertThatIllegalArgumentException().isThrownBy(() -> builder.name(" ")).withMessage("name is blank: ' '");
        try (ResourcePool<Thing, ThingLease> pool = builder.name("things").build()) {
            assertThat(pool.name()).isEqualTo("things");
        }
        try (ResourcePool<Thing, ThingLease> pool = builder().build()) {
            assertThat(pool.name()).isEqualTo("pool");
        }
    }

    @Test
    void the_defaults_are_those_of_the_javadoc() {
        assertThat(builder.maxSize).isEqualTo(25);
        assertThat(builder.minIdle).isZero();
        assertThat(builder.maxIdle).isEqualTo(Integer.MAX_VALUE);
        assertThat(builder.maxWaiters).isEqualTo(1 << 29);
        assertThat(builder.acquireNanos).isEqualTo(Duration.ofSeconds(30).toNanos());
        assertThat(builder.maxLifetimeNanos).isEqualTo(Duration.ofMinutes(30).toNanos());
        assertThat(builder.maxIdleNanos).isEqualTo(Duration.ofMinutes(10).toNanos());
        assertThat(builder.surplusNanos).isEqualTo(Duration.ofSeconds(10).toNanos());
        assertThat(builder.validateEveryNanos).isEqualTo(Duration.ofMinutes(1).toNanos());
        assertThat(builder.validateIdleNanos).isEqualTo(Duration.ofSeconds(30).toNanos());
        assertThat(builder.createLimitNanos).isEqualTo(Duration.ofSeconds(30).toNanos());
        assertThat(builder.validateLimitNanos).isEqualTo(Duration.ofSeconds(5).toNanos());
        assertThat(builder.resetLimitNanos).isEqualTo(Duration.ofSeconds(5).toNanos());
        assertThat(builder.destroyLimitNanos).isEqualTo(Duration.ofSeconds(10).toNanos());
    }

    @Test
    void more_waiters_than_can_be_counted_are_as_many_as_can_be() {
        assertThat(builder.maxWaiters(Integer.MAX_VALUE).maxWaiters).isEqualTo(1 << 29);
    }

    @Test
    void what_must_be_there_is_asked_for_by_name() {
        assertThatNullPointerException()
                .isThrownBy(() -> ResourcePool.builder(null, ThingLease::new))
                .withMessage("lifecycle");
        assertThatNullPointerException()
                .isThrownBy(() -> ResourcePool.builder(new FakeLifecycle(), null))
                .withMessage("leases");
        assertThatNullPointerException()
                .isThrownBy(() -> builder.listener(null))
                .withMessage("listener");
    }
}

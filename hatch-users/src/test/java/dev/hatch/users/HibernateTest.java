package dev.hatch.users;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.hatch.pool.jdbc.ConnectionPool;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.EntityTransaction;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.OptimisticLockException;
import jakarta.persistence.RollbackException;
import jakarta.persistence.Version;
import java.util.List;
import java.util.stream.Stream;
import org.hibernate.Session;
import org.hibernate.cfg.AvailableSettings;
import org.hibernate.exception.ConstraintViolationException;
import org.hibernate.jpa.HibernatePersistenceConfiguration;
import org.hibernate.tool.schema.Action;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Hibernate on a pool of PostgreSQL connections. */
@Timeout(120)
final class HibernateTest {
    @RegisterExtension
    final TestPool testPool = TestPool.onPostgres();

    private ConnectionPool pool;
    private EntityManagerFactory factory;

    @BeforeEach
    void createSchema() {
        pool = testPool.get();
        factory = new HibernatePersistenceConfiguration("hatch")
                .managedClass(Ship.class)
                .property(AvailableSettings.JAKARTA_NON_JTA_DATASOURCE, pool)
                .property(AvailableSettings.STATEMENT_BATCH_SIZE, 20)
                .schemaToolingAction(Action.CREATE_DROP)
                .createEntityManagerFactory();
    }

    @AfterEach
    void dropSchema() {
        factory.close();
    }

    private Ship saved(String name) {
        Ship ship = new Ship(name);
        factory.runInTransaction(entities -> entities.persist(ship));
        return ship;
    }

    private List<String> names() {
        return factory.callInTransaction(
                entities -> entities.createQuery("SELECT s.name FROM Ship s ORDER BY s.name", String.class)
                        .getResultList());
    }

    @Test
    void what_was_persisted_is_found_by_another_session() {
        Ship ship = saved("Beagle");

        factory.runInTransaction(entities -> {
            Ship found = entities.find(Ship.class, ship.id);
            assertThat(found).isNotSameAs(ship);
            assertThat(found.name).isEqualTo("Beagle");
            assertThat(pool.stats().inUse()).isEqualTo(1);
        });
        assertThat(pool.stats().created()).isEqualTo(1);
    }

    @Test
    void a_query_filters_by_its_parameters() {
        saved("Beagle");
        saved("Bounty");
        saved("Endeavour");

        assertThat(factory.<List<String>>callInTransaction(entities -> entities.createQuery(
                                "SELECT s.name FROM Ship s WHERE s.name LIKE :pattern ORDER BY s.name", String.class)
                        .setParameter("pattern", "B%")
                        .getResultList()))
                .containsExactly("Beagle", "Bounty");
    }

    @Test
    void a_change_is_written_at_commit_and_raises_the_version() {
        Ship ship = saved("Beagle");

        factory.runInTransaction(entities -> entities.find(Ship.class, ship.id).name = "HMS Beagle");

        factory.runInTransaction(entities -> {
            Ship found = entities.find(Ship.class, ship.id);
            assertThat(found.name).isEqualTo("HMS Beagle");
            assertThat(found.version).isEqualTo(1);
        });
    }

    @Test
    void of_two_that_change_one_version_the_second_is_refused() {
        Ship ship = saved("Beagle");

        try (EntityManager slow = factory.createEntityManager()) {
            EntityTransaction transaction = slow.getTransaction();
            transaction.begin();
            slow.find(Ship.class, ship.id).name = "Slow";
            factory.runInTransaction(entities -> {
                entities.find(Ship.class, ship.id).name = "Quick";
                assertThat(pool.stats().inUse()).isEqualTo(2);
            });
            assertThatExceptionOfType(RollbackException.class)
                    .isThrownBy(transaction::commit)
                    .withCauseInstanceOf(OptimisticLockException.class);
        }

        assertThat(names()).containsExactly("Quick");
    }

    @Test
    void a_transaction_that_throws_is_rolled_back() {
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> factory.runInTransaction(entities -> {
                    entities.persist(new Ship("Beagle"));
                    entities.flush();
                    throw new IllegalStateException("changed my mind");
                }));

        assertThat(names()).isEmpty();
    }

    @Test
    void a_session_gives_its_connection_back_with_its_transaction() {
        try (EntityManager entities = factory.createEntityManager()) {
            entities.getTransaction().begin();
            entities.persist(new Ship("Beagle"));
            entities.flush();
            assertThat(pool.stats().inUse()).isEqualTo(1);
            entities.getTransaction().rollback();

            assertThat(pool.stats().inUse()).isZero();
            assertThat(names()).isEmpty();
        }
    }

    @Test
    void a_row_that_breaks_a_constraint_is_refused_and_the_connection_stays_good() {
        saved("Beagle");

        assertThatExceptionOfType(RollbackException.class)
                .isThrownBy(() -> saved("Beagle"))
                .withCauseInstanceOf(ConstraintViolationException.class);

        assertThat(names()).containsExactly("Beagle");
        assertThat(pool.stats().created()).isEqualTo(1);
    }

    @Test
    void a_hundred_rows_are_inserted_in_batches_and_read_back_as_a_stream() {
        factory.runInTransaction(entities -> {
            for (int i = 0; i < 100; i++) {
                entities.persist(new Ship("Ship " + i));
            }
        });

        long read = factory.callInTransaction(entities -> {
            try (Stream<Ship> ships =
                    entities.createQuery("FROM Ship", Ship.class).getResultStream()) {
                return ships.count();
            }
        });
        assertThat(read).isEqualTo(100);
    }

    @Test
    void a_session_that_is_read_only_by_default_does_not_make_the_next_one_so() {
        Ship ship = saved("Beagle");
        try (EntityManager entities = factory.createEntityManager()) {
            Session session = entities.unwrap(Session.class);
            session.setDefaultReadOnly(true);
            session.doWork(connection -> connection.setReadOnly(true));
            assertThat(session.find(Ship.class, ship.id).name).isEqualTo("Beagle");
        }

        saved("Bounty");

        assertThat(names()).containsExactly("Beagle", "Bounty");
        assertThat(pool.stats().created()).isEqualTo(1);
    }

    @Entity(name = "Ship")
    static class Ship {
        @Id
        @GeneratedValue(strategy = GenerationType.SEQUENCE)
        Long id;

        @Version
        int version;

        @Column(unique = true, nullable = false)
        String name;

        /** For Hibernate. */
        protected Ship() {}

        Ship(String name) {
            this.name = name;
        }
    }
}

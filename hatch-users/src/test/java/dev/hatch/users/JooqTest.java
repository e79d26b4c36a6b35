package dev.hatch.users;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.sum;
import static org.jooq.impl.DSL.table;
import static org.jooq.impl.SQLDataType.INTEGER;
import static org.jooq.impl.SQLDataType.VARCHAR;

import dev.hatch.pool.jdbc.ConnectionPool;
import java.util.List;
import java.util.stream.IntStream;
import org.jooq.Cursor;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jooq.Table;
import org.jooq.exception.IntegrityConstraintViolationException;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** jOOQ on a pool of PostgreSQL connections. */
@Timeout(120)
final class JooqTest {
    private static final Table<Record> BOOK = table(name("book"));
    private static final Field<Integer> ID = field(name("id"), INTEGER);
    private static final Field<String> TITLE = field(name("title"), VARCHAR);
    private static final Field<Integer> COPIES = field(name("copies"), INTEGER);
    private static final Field<String[]> TAGS = field(name("tags"), VARCHAR.array());

    @RegisterExtension
    final TestPool testPool = TestPool.onPostgres();

    private ConnectionPool pool;
    private DSLContext dsl;

    @BeforeEach
    void createTable() {
        pool = testPool.get();
        dsl = DSL.using(pool, SQLDialect.POSTGRES);
        dsl.dropTableIfExists(BOOK).execute();
        dsl.createTable(BOOK)
                .column(ID, INTEGER.identity(true))
                .column(TITLE, VARCHAR.notNull())
                .column(COPIES, INTEGER.notNull())
                .column(TAGS, VARCHAR.array())
                .primaryKey(ID)
                .unique(TITLE)
                .execute();
    }

    private static int insert(DSLContext dsl, String title, int copies) {
        return dsl.insertInto(BOOK, TITLE, COPIES)
                .values(title, copies)
                .returning(ID)
                .fetchSingle(ID);
    }

    private List<String> titles() {
        return dsl.select(TITLE).from(BOOK).orderBy(ID).fetch(TITLE);
    }

    @Test
    void an_insert_returns_its_key_and_a_query_finds_the_row() {
        assertThat(insert(dsl, "Emma", 3)).isEqualTo(1);
        assertThat(insert(dsl, "Persuasion", 5)).isEqualTo(2);

        assertThat(dsl.select(TITLE, COPIES).from(BOOK).where(COPIES.gt(4)).fetch())
                .singleElement()
                .satisfies(row -> assertThat(row.get(TITLE)).isEqualTo("Persuasion"));
        assertThat(dsl.meta().getTables("book")).hasSize(1);
        assertThat(pool.stats().created()).isEqualTo(1);
    }

    @Test
    void a_transaction_that_ends_well_is_committed() {
        dsl.transaction(transaction -> {
            insert(transaction.dsl(), "Emma", 3);
            assertThat(pool.stats().inUse()).isEqualTo(1);
            assertThat(titles()).isEmpty();
        });

        assertThat(titles()).containsExactly("Emma");
    }

    @Test
    void a_transaction_that_throws_is_rolled_back() {
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> dsl.transaction(transaction -> {
                    insert(transaction.dsl(), "Emma", 3);
                    throw new IllegalStateException("changed my mind");
                }));

        assertThat(titles()).isEmpty();
    }

    @Test
    void a_transaction_within_another_goes_back_to_its_savepoint() {
        dsl.transaction(outer -> {
            insert(outer.dsl(), "Emma", 3);
            assertThatExceptionOfType(IntegrityConstraintViolationException.class)
                    .isThrownBy(() -> outer.dsl().transaction(inner -> {
                        insert(inner.dsl(), "Persuasion", 5);
                        insert(inner.dsl(), "Emma", 4);
                    }));
            outer.dsl().transaction(inner -> insert(inner.dsl(), "Sanditon", 1));
        });

        assertThat(titles()).containsExactly("Emma", "Sanditon");
        assertThat(pool.stats().created()).isEqualTo(1);
    }

    @Test
    void a_batch_binds_each_of_its_rows() {
        Object[][] rows = IntStream.range(0, 500)
                .mapToObj(i -> new Object[] {"Volume " + i, i})
                .toArray(Object[][]::new);

        int[] counts = dsl.batch(dsl.insertInto(BOOK, TITLE, COPIES).values((String) null, (Integer) null))
                .bind(rows)
                .execute();

        assertThat(counts).hasSize(500).containsOnly(1);
        assertThat(dsl.select(sum(COPIES)).from(BOOK).fetchSingle().value1().intValue())
                .isEqualTo(124_750);
    }

    @Test
    void several_statements_go_in_one_batch() {
        int[] counts = dsl.batch(
                        dsl.insertInto(BOOK, TITLE, COPIES).values("Emma", 3),
                        dsl.insertInto(BOOK, TITLE, COPIES).values("Persuasion", 5),
                        dsl.update(BOOK).set(COPIES, 0))
                .execute();

        assertThat(counts).containsExactly(1, 1, 2);
    }

    @Test
    void an_array_goes_there_and_back() {
        String[] tags = {"novel", "England, 1815", "\"quoted\""};

        String[] returned = dsl.insertInto(BOOK, TITLE, COPIES, TAGS)
                .values("Emma", 3, tags)
                .returning(TAGS)
                .fetchSingle(TAGS);

        assertThat(returned).isEqualTo(tags);
    }

    @Test
    void a_cursor_holds_its_connection_until_it_is_closed() {
        insert(dsl, "Emma", 3);
        insert(dsl, "Persuasion", 5);

        try (Cursor<Record> cursor = dsl.select().from(BOOK).orderBy(ID).fetchLazy()) {
            assertThat(cursor.fetchNext().get(TITLE)).isEqualTo("Emma");
            assertThat(pool.stats().inUse()).isEqualTo(1);
        }

        assertThat(pool.stats().inUse()).isZero();
    }
}

package dev.hatch.users;

final class JdbcTemplateOnDuckDbTest extends JdbcTemplateContract {
    JdbcTemplateOnDuckDbTest() {
        super(TestPool.onDuckDb());
    }
}

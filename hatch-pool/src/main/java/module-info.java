/** The pools of Hatch. */
module dev.hatch.pool {
    requires transitive java.sql;
    requires java.management;
    requires jdk.jfr;
    requires jdk.management;
    requires jdk.unsupported;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports dev.hatch.pool;
    exports dev.hatch.pool.buffer;
    exports dev.hatch.pool.jdbc;

    uses dev.hatch.pool.jdbc.ConnectionSource;
}

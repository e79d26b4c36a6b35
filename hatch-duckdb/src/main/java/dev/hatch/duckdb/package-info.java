/** DuckDB as a {@link dev.hatch.pool.jdbc.ConnectionSource}. Being on the class path is enough. */
@NullMarked
package dev.hatch.duckdb;

import org.jspecify.annotations.NullMarked;

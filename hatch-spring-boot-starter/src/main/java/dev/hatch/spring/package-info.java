/** The connection pool as the {@link javax.sql.DataSource} of a Spring Boot application. */
@NullMarked
package dev.hatch.spring;

import org.jspecify.annotations.NullMarked;

/** Shows what a connection pool hands on from one user of a connection to the next. */
@NullMarked
package dev.hatch.conformance;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.hatch.pool;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.hatch.pool.buffer;

import org.jspecify.annotations.NullMarked;

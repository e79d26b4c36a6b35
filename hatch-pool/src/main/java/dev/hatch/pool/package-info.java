/**
 * The pools that know nothing of what they lend. {@link dev.hatch.pool.ResourcePool} is for what is scarce and has to be
 * waited for.
 */
@NullMarked
package dev.hatch.pool;

import org.jspecify.annotations.NullMarked;

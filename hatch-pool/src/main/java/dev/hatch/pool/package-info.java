/**
 * The pools that know nothing of what they lend. {@link dev.hatch.pool.ResourcePool} is for what is scarce and has to be
 * waited for, {@link dev.hatch.pool.ObjectPool} for what is cheap but not free. {@link dev.hatch.pool.MemoryBudget} bounds the bytes
 * of several pools.
 */
@NullMarked
package dev.hatch.pool;

import org.jspecify.annotations.NullMarked;

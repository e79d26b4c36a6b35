/**
 * Hatch against its rivals. {@link dev.hatch.benchmarks.Bench} runs one {@code Benchmark}; a benchmark names its rivals,
 * {@code Forks} measures them in JVMs of their own, {@code Results} compares and writes.
 */
@NullMarked
package dev.hatch.benchmarks;

import org.jspecify.annotations.NullMarked;

package dev.hatch.benchmarks;

/**
 * One forked JVM that ran to its end.
 *
 * @param round which of the forks of the same it is, from 1
 */
record Fork(Rival rival, int round, ForkReport report) {}

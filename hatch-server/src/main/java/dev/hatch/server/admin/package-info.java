/** The admin address: the live page, its numbers as JSON and as Prometheus reads them, and what a supervisor asks. */
@NullMarked
package dev.hatch.server.admin;

import org.jspecify.annotations.NullMarked;

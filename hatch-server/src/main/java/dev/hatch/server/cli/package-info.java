/** The {@code hatch} command. */
@NullMarked
package dev.hatch.server.cli;

import org.jspecify.annotations.NullMarked;

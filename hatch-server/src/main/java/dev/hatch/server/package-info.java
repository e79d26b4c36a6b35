/** The Flight SQL server. {@link dev.hatch.server.HatchServer} is the way in. */
@NullMarked
package dev.hatch.server;

import org.jspecify.annotations.NullMarked;

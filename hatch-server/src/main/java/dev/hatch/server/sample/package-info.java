/** Sample data to try the server with. {@link dev.hatch.server.sample.TpchSample} is the way in. */
@NullMarked
package dev.hatch.server.sample;

import org.jspecify.annotations.NullMarked;

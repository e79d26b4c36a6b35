/** The pools as Micrometer's meters. Each binder is closed by whoever made it, before or after its pool. */
@NullMarked
package dev.hatch.micrometer;

import org.jspecify.annotations.NullMarked;

/** Arrow record batches built row by row. */
@NullMarked
package dev.hatch.arrow;

import org.jspecify.annotations.NullMarked;

/**
 * Snapshot ⇄ canonical bytes. A document is lines of JSON, cut into content-addressed chunks; a
 * manifest names the chunks of the three documents. Decoding never throws and never yields half a
 * snapshot: hostile or cut input is refused with a reason.
 */
@NullMarked
package dev.fairway.contract.codec;

import org.jspecify.annotations.NullMarked;

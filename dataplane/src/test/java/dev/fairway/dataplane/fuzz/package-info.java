/**
 * A second reading of HTTP/1, written from the RFCs and the attack ledger on strings, slow and plain;
 * generators of hostile messages; and targets that hold the engine to the second reading. A target
 * is a class with {@code fuzzerTestOneInput(byte[])}: plain loops, the corpus replay and Jazzer
 * ({@code hack/fuzz}) drive all of them alike.
 */
@NullMarked
package dev.fairway.dataplane.fuzz;

import org.jspecify.annotations.NullMarked;

/**
 * The contract between the two halves: what a routing snapshot <em>is</em>.
 *
 * <p>A snapshot is three values that travel apart: {@link dev.fairway.contract.Snapshot} (hosts,
 * routes, policies), {@link dev.fairway.contract.Endpoints} (where backends are right now) and
 * {@link dev.fairway.contract.Keys} (certificates, credentials and other secrets). The controller's
 * pure compiler makes them, the data plane reads them. Everything here is an immutable record or a
 * sealed type on {@code java.base} alone, valid from birth, and holds no configuration text: user
 * strings appear only as typed values.
 *
 * <p>Evolution: a component added after the first release is an {@code Optional} or a {@code List},
 * so that older bytes still decode; readers ignore fields they do not know and refuse a member of a
 * sealed type they do not know (an unknown policy that was skipped could be a missing gate).
 */
@NullMarked
package dev.fairway.contract;

import org.jspecify.annotations.NullMarked;

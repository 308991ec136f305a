/**
 * Pickers, and the endpoint registry that outlives generations; plain Java.
 *
 * <p>{@link dev.fairway.dataplane.balance.EndpointRegistry} owns every backend's live endpoints and
 * what is learnt of them. A {@link dev.fairway.dataplane.balance.Selection} picks one for each
 * attempt; who is eligible (ready, not ejected, not tried) is decided in one place for all of them.
 *
 * <p>Mutable: an endpoint's counters, health and state, a backend's published set and its turns. All
 * are atomic or volatile; sets are replaced as one.
 *
 * <p>To add a way to balance: a file beside {@code RoundRobin} and a line in {@link
 * dev.fairway.dataplane.balance.Balancing}.
 */
@NullMarked
package dev.fairway.dataplane.balance;

import org.jspecify.annotations.NullMarked;

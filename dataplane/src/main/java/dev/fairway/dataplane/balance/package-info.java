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
 * <p>{@code ewma} is the power of two choices on peak-EWMA response time (10 s) × requests in flight,
 * as ingress-nginx names it; time counts to the response head, connecting included. A new endpoint
 * begins at the average of the others, and so is neither flooded nor starved. Slow start ({@code
 * fairway.dev/slow-start}) is off by default: round robin is then exact from the first request on.
 * What each does with one slow endpoint is in {@code simulation.txt} beside the tests.
 *
 * <p>To add a way to balance: a file beside {@code RoundRobin} and a line in {@link
 * dev.fairway.dataplane.balance.Balancing}.
 */
@NullMarked
package dev.fairway.dataplane.balance;

import org.jspecify.annotations.NullMarked;

/**
 * The compiled form of each route's policies, run in one fixed, documented order.
 *
 * <p>{@link dev.fairway.dataplane.policy.PlanCompiler} turns a contract route into a {@link
 * dev.fairway.dataplane.policy.RoutePlan}; {@code CompiledRoute} is where the order is read, top to
 * bottom:
 *
 * <pre>
 * admit     https redirect → preflight → refusal → connections → rates
 *           → access (addresses, basic auth, external auth; combined by satisfy)
 * (exchange) body limit
 * dispatch  rewrite → session's backend, else canary → session, hash or balance
 * respond   HSTS, CORS
 * </pre>
 *
 * <p>Compiled routes are immutable and belong to a generation. What outlives them is in {@link
 * dev.fairway.dataplane.policy.LiveState}; the mutable things are the counts of {@link
 * dev.fairway.dataplane.policy.LimiterRegistry} and the verdicts of {@link
 * dev.fairway.dataplane.policy.PasswordChecks}, both thread-safe and bounded.
 *
 * <p>To add a policy: a record in {@link dev.fairway.contract.Policy}, a file here, a line in {@code
 * PlanCompiler.read} (the compiler asks for it) and its place in {@code CompiledRoute}.
 */
@NullMarked
package dev.fairway.dataplane.policy;

import org.jspecify.annotations.NullMarked;

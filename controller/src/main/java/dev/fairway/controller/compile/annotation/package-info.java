/**
 * From annotations and ConfigMap keys to a route's policies: one {@code Feature} for each thing a
 * route can ask for. A feature lists its {@link dev.fairway.controller.compile.annotation.Setting}s
 * (names, grammar, ConfigMap key, whether it guards); parser, error text and vocabulary come from
 * that one list.
 *
 * <p><b>To add an annotation</b>
 *
 * <ol>
 *   <li>a record in {@code contract.Policy}, if no policy says it yet (then the data plane's {@code
 *       policy} needs its compiled form, and {@code compile.References} a line)
 *   <li>a {@code Setting} in the feature it belongs to, listed in {@code settings()}; or a new
 *       feature: one small file, and its line in {@link
 *       dev.fairway.controller.compile.annotation.Features}
 *   <li>its name out of {@code Vocabulary.UNSERVED}
 *   <li>a case folder with a good and a bad value; {@code -Dcases.update=true} writes what comes
 *       out, which you then read
 * </ol>
 *
 * <p><b>Bad values</b> cost themselves: the ConfigMap's value or the built-in default applies, and a
 * problem says so. One that guards ({@code auth-*}, {@code *-source-range}, {@code satisfy}, {@code
 * proxy-ssl-verify}, {@code enable-modsecurity}, snippets that keep requests out) closes the routes
 * of its Ingress: 503. What stands after one of our prefixes and means nothing is reported by name;
 * only nginx's own tuning is accepted in silence.
 *
 * <p><b>Stricter forms</b> after {@code fairway.dev/}; they win over ingress-nginx's:
 *
 * <table>
 *   <caption>native annotations</caption>
 *   <tr><th>name</th><th>value</th><th>in place of</th></tr>
 *   <tr><td>{@code rate-limit}</td><td>{@code 10/s}, {@code 600/m}</td><td>{@code limit-rps}, {@code limit-rpm}</td></tr>
 *   <tr><td>{@code allow-from}, {@code deny-from}</td><td>addresses and ranges</td><td>{@code allowlist-}, {@code denylist-source-range}</td></tr>
 *   <tr><td>{@code body-limit}</td><td>{@code 10MiB}</td><td>{@code proxy-body-size}</td></tr>
 *   <tr><td>{@code connect-}, {@code read-}, {@code send-timeout}</td><td>{@code 250ms}, {@code 60s}, {@code 5m}</td><td>{@code proxy-…-timeout}</td></tr>
 *   <tr><td>{@code load-balance}</td><td>{@code round-robin}, {@code least-requests}, {@code ewma}</td><td>{@code load-balance}</td></tr>
 *   <tr><td>{@code slow-start}</td><td>{@code 30s}: how long an endpoint that joins others takes less than its share</td><td></td></tr>
 *   <tr><td>{@code upstream-tls-verify}</td><td>{@code true}, {@code false}; without {@code proxy-ssl-secret} by the public authorities</td><td>{@code proxy-ssl-verify}</td></tr>
 *   <tr><td>{@code upstream-tls-name}</td><td>a DNS name</td><td>{@code proxy-ssl-name}</td></tr>
 * </table>
 */
@NullMarked
package dev.fairway.controller.compile.annotation;

import org.jspecify.annotations.NullMarked;

/**
 * Cluster objects to a routing snapshot: a pure function, without client, clock, log or environment.
 *
 * <p>{@link dev.fairway.controller.compile.Compiler} takes one read of the cluster, what was retained
 * of the last publication, and the time; it gives a snapshot, endpoints, keys and problems. The way
 * through it, top to bottom:
 *
 * <ol>
 *   <li>{@code Catalogue}: everything by name, sorted at the door
 *   <li>{@code ClassSelection}, {@code Seniority}: which Ingresses are ours, the oldest first
 *   <li>{@code CompileRun}: passes until none throws; an Ingress that makes one throw is left out
 *   <li>{@code Assembly}, one pass: {@code Rules} (what an Ingress claims), {@code TlsPlan} (which
 *       key answers for which host), {@code Drafts} and {@code annotation.Features} (a route and its
 *       policies), {@code HostMerge} (winners, canaries and the order of a host's routes)
 *   <li>{@code References}, {@code EndpointMerge}: only what a route refers to leaves the controller
 * </ol>
 *
 * <p>What the specification leaves open, and how it is closed here:
 *
 * <ul>
 *   <li>Order of a host's routes: the longest path; of equal length Exact, Prefix,
 *       ImplementationSpecific. A trailing slash adds no length between types, so that Exact {@code
 *       /foo} keeps the request {@code /foo} from Prefix {@code /foo/}.
 *   <li>A known host never falls through to rules without a host; the catch-all answers for it.
 *   <li>A Service or port that is missing, and one of type ExternalName, is a backend without
 *       endpoints: 503, or the Ingress's {@code default-backend}. A backend whose protocol is not
 *       served is an answer of 503.
 *   <li>A {@code resource} backend, or none: the path counts as not written.
 *   <li>A host that asks for TLS is redirected to https even while its certificate is missing; ACME's
 *       path is spared.
 *   <li>A TLS entry is for the hosts it lists, for rule hosts under a wildcard it lists, and without
 *       hosts for those its certificate names. Only an Ingress with a rule for a host gives it a
 *       certificate.
 *   <li>The last good certificate of a Secret stays in use, and so does a host's last one, when it
 *       comes from the same namespace.
 * </ul>
 *
 * <p>Every problem's word is in {@link dev.fairway.controller.compile.ProblemCode}. Tests: a folder in
 * {@code crds/src/test/resources/cases} for each story (cluster in; snapshot, problems and answers
 * out).
 */
@NullMarked
package dev.fairway.controller.compile;

import org.jspecify.annotations.NullMarked;

package dev.fairway.controller.compile;

import com.google.re2j.Pattern;
import dev.fairway.contract.HostMatch;
import io.fabric8.kubernetes.api.model.networking.v1.HTTPIngressPath;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBackend;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.IngressServiceBackend;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/**
 * What one Ingress claims: its hosts, their paths and its default backend; what can't be meant is
 * reported and left out.
 *
 * @param hosts in the order of the rules, also those without paths
 */
record Rules(
        Source source,
        SequencedSet<HostMatch> hosts,
        List<Claim> claims,
        Optional<IngressServiceBackend> defaultBackend) {

    private static final Pattern STRICT = Pattern.compile("/[A-Za-z0-9._\\-/]*");

    /** A rule-less Ingress: its default backend is everybody's. */
    boolean catchAll() {
        return hosts.isEmpty() && defaultBackend.isPresent();
    }

    static Rules read(Source source, CompileOptions options, Problems problems) {
        return new Reading(source, options, problems).rules();
    }

    private record Reading(Source source, CompileOptions options, Problems problems) {

        Rules rules() {
            SequencedSet<HostMatch> hosts = new LinkedHashSet<>();
            List<Claim> claims = new ArrayList<>();
            List<IngressRule> rules =
                    Optional.ofNullable(source.spec().getRules()).orElse(List.of());
            for (int i = 0; i < rules.size(); i++) {
                IngressRule rule = rules.get(i);
                String field = "spec.rules[" + i + "]";
                Optional<HostMatch> host = HostName.parse(rule.getHost());
                if (host.isEmpty()) {
                    report(
                            ProblemCode.HOST_INVALID,
                            field + ".host",
                            Printable.quoted(rule.getHost())
                                    + " is no DNS name and no *.name; the rule is left out");
                    continue;
                }
                hosts.add(host.get());
                List<HTTPIngressPath> paths = Budget.paths(rule);
                for (int j = 0; j < paths.size(); j++) {
                    claim(host.get(), paths.get(j), field + ".http.paths[" + j + "]")
                            .ifPresent(claims::add);
                }
            }
            boolean ruleLess = rules.isEmpty();
            Optional<IngressServiceBackend> fallback =
                    backend(source.spec().getDefaultBackend(), "spec.defaultBackend");
            if (ruleLess && source.spec().getDefaultBackend() == null) {
                report(
                        ProblemCode.INGRESS_EMPTY,
                        "spec",
                        "the Ingress has neither rules nor a default backend; nothing of it is served");
            }
            boolean everybodys =
                    ruleLess || hosts.stream().allMatch(h -> h instanceof HostMatch.Any);
            if (fallback.isPresent() && everybodys && options.disableCatchAll()) {
                report(
                        ProblemCode.CATCH_ALL_REFUSED,
                        "spec.defaultBackend",
                        "the default backend would answer for every host, which --disable-catch-all forbids; it is not"
                                + " used");
                fallback = Optional.empty();
            }
            // invalid hosts do not make an Ingress a catch-all
            return new Rules(
                    source,
                    hosts,
                    claims,
                    ruleLess || !hosts.isEmpty() ? fallback : Optional.empty());
        }

        private Optional<Claim> claim(HostMatch host, HTTPIngressPath path, String field) {
            Optional<IngressServiceBackend> backend =
                    backend(path.getBackend(), field + ".backend");
            Optional<PathRule.Kind> kind = PathRule.kind(Optional.ofNullable(path.getPathType()));
            if (kind.isEmpty()) {
                report(
                        ProblemCode.PATH_INVALID,
                        field + ".pathType",
                        Printable.quoted(path.getPathType())
                                + " is no path type; the path is left out");
                return Optional.empty();
            }
            String written =
                    Optional.ofNullable(path.getPath()).filter(p -> !p.isEmpty()).orElse("");
            if (written.isEmpty() && kind.get() == PathRule.Kind.IMPLEMENTATION_SPECIFIC) {
                written = "/";
            }
            boolean pattern = source.regex() && kind.get() != PathRule.Kind.EXACT;
            Optional<String> wrong =
                    pattern ? PathRule.wrongPattern(written) : PathRule.wrong(written);
            if (wrong.isEmpty() && strict(kind.get()) && !STRICT.matches(written)) {
                wrong =
                        Optional.of(
                                "is not of letters, digits and ._-/ alone, as"
                                        + " strict-validate-path-type asks for "
                                        + kind.get().word());
            }
            if (wrong.isPresent()) {
                report(
                        ProblemCode.PATH_INVALID,
                        field + ".path",
                        Printable.quoted(written) + " " + wrong.get() + "; the path is left out");
                return Optional.empty();
            }
            PathRule rule =
                    new PathRule(
                            kind.get(), written, pattern ? written : PathRule.canonical(written));
            return backend.map(service -> new Claim(source, host, rule, service, field));
        }

        /** ingress-nginx's validation of Exact and Prefix, on unless switched off. */
        private boolean strict(PathRule.Kind kind) {
            return options.compatible()
                    && kind != PathRule.Kind.IMPLEMENTATION_SPECIFIC
                    && !"false".equals(options.config().get("strict-validate-path-type"));
        }

        private Optional<IngressServiceBackend> backend(
                @Nullable IngressBackend backend, String field) {
            if (backend == null) {
                if (!field.equals("spec.defaultBackend")) {
                    report(
                            ProblemCode.BACKEND_MISSING,
                            field,
                            "the path names no backend; it counts as not configured");
                }
                return Optional.empty();
            }
            if (backend.getResource() != null) {
                report(
                        ProblemCode.RESOURCE_BACKEND_UNSUPPORTED,
                        field + ".resource",
                        "the backend is a "
                                + Printable.quoted(String.valueOf(backend.getResource().getKind()))
                                + ", but only Services can be backends; it counts as not configured");
                return Optional.empty();
            }
            boolean complete =
                    backend.getService() != null
                            && backend.getService().getName() != null
                            && !backend.getService().getName().isEmpty();
            if (!complete) {
                report(
                        ProblemCode.BACKEND_MISSING,
                        field,
                        "the path names no backend; it counts as not configured");
                return Optional.empty();
            }
            return Optional.of(backend.getService());
        }

        private void report(ProblemCode code, String field, String text) {
            problems.report(code, source.subject(), field, text);
        }
    }
}

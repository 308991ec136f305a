package dev.fairway.controller.compile;

import io.fabric8.kubernetes.api.model.networking.v1.HTTPIngressPath;
import io.fabric8.kubernetes.api.model.networking.v1.HTTPIngressRuleValue;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.IngressTLS;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What one Ingress may cost everybody else; beyond it, it is refused alone. */
final class Budget {
    private Budget() {}

    /** Generated manifests reach a few hundred; routing tables are rebuilt at every change. */
    static final int MAX_PATHS = 2000;

    /** Patterns can't be indexed: each is tried in turn for a request of the host. */
    static final int MAX_PATTERNS = 500;

    /**
     * Hosts, paths, annotations and names; an object of the API server is at most 1.5 MiB, and a
     * sane Ingress a few KiB. Annotations alone may have 256 KiB.
     */
    static final int MAX_CHARS = 384 << 10;

    /** The sentence about what is over, when something is. */
    static Optional<String> exceeded(Ingress ingress) {
        List<IngressRule> rules =
                Optional.ofNullable(ingress.getSpec())
                        .map(spec -> spec.getRules())
                        .orElse(List.of());
        long paths = rules.size();
        long chars = 0;
        for (IngressRule rule : rules) {
            chars += length(rule.getHost());
            for (HTTPIngressPath path : paths(rule)) {
                paths++;
                chars += length(path.getPath());
            }
        }
        Map<String, String> annotations =
                Optional.ofNullable(ingress.getMetadata().getAnnotations()).orElse(Map.of());
        for (Map.Entry<String, String> entry : annotations.entrySet()) {
            chars += length(entry.getKey()) + length(entry.getValue());
        }
        List<IngressTLS> tls =
                Optional.ofNullable(ingress.getSpec()).map(s -> s.getTls()).orElse(List.of());
        for (IngressTLS entry : tls) {
            for (String host : Optional.ofNullable(entry.getHosts()).orElse(List.of())) {
                paths++;
                chars += length(host);
            }
        }
        if (paths > MAX_PATHS) {
            return Optional.of(
                    "has " + paths + " rules, paths and TLS hosts, at most " + MAX_PATHS);
        }
        return chars > MAX_CHARS
                ? Optional.of("holds " + chars + " characters of text, at most " + MAX_CHARS)
                : Optional.empty();
    }

    static List<HTTPIngressPath> paths(IngressRule rule) {
        return Optional.ofNullable(rule.getHttp())
                .map(HTTPIngressRuleValue::getPaths)
                .orElse(List.of());
    }

    private static long length(@Nullable String text) {
        return text == null ? 0 : text.length();
    }
}

package dev.fairway.dataplane.policy;

import dev.fairway.contract.Policy;
import dev.fairway.dataplane.message.Answer;
import dev.fairway.dataplane.message.Header;
import dev.fairway.dataplane.message.Request;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Plain requests to https, on the canonical host alone (attack ledger E13). */
final class HttpsRedirection {
    private final Policy.HttpsRedirect policy;
    private final String port;

    /**
     * @param httpsPort the public port of the https listener
     */
    HttpsRedirection(Policy.HttpsRedirect policy, int httpsPort) {
        this.policy = policy;
        this.port = httpsPort == 443 ? "" : ":" + httpsPort;
    }

    @Nullable Answer check(Request request) {
        if (request.secure() || exempt(request.path())) {
            return null;
        }
        if (request.host().isEmpty()) {
            return Answer.of(400, "A host is needed.", "no-host");
        }
        String target = request.target();
        if (policy.dropTrailingSlash() && target.endsWith("/")) {
            target = target.substring(0, target.length() - 1);
        }
        String location = "https://" + request.host() + port + target;
        return new Answer(
                policy.status(), List.of(new Header("Location", location)), "", "https-redirect");
    }

    boolean exempt(String path) {
        for (String prefix : policy.exemptPrefixes()) {
            if (below(
                    prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix,
                    path)) {
                return true;
            }
        }
        return false;
    }

    /** Whole segments: an exemption of {@code /a} is none of {@code /ab}. */
    private static boolean below(String prefix, String path) {
        return path.startsWith(prefix)
                && (path.length() == prefix.length() || path.charAt(prefix.length()) == '/');
    }
}

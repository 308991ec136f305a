package dev.fairway.dataplane.policy;

import dev.fairway.contract.Template;
import dev.fairway.dataplane.message.PolicyContext;

/** The Host that the backend is told, where it is not the client's. */
final class UpstreamHost {
    private static final int LONGEST = 255;
    private static final String EXTRA = "-._~:[]";

    private final Template value;
    private final Interpolation interpolation;

    UpstreamHost(Template value, Interpolation interpolation) {
        this.value = value;
        this.interpolation = interpolation;
    }

    /** False when no host came out: variables bring whatever a client says. */
    boolean set(PolicyContext context) {
        String host = interpolation.fill(value, context.request());
        if (host.isEmpty()
                || host.length() > LONGEST
                || !host.chars().allMatch(UpstreamHost::fits)) {
            return false;
        }
        context.setUpstreamHeader("host", host);
        return true;
    }

    private static boolean fits(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || EXTRA.indexOf(c) >= 0;
    }
}

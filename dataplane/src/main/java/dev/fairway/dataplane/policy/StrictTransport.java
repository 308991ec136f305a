package dev.fairway.dataplane.policy;

import dev.fairway.contract.Policy;
import dev.fairway.dataplane.message.FixedHeader;
import dev.fairway.dataplane.message.PolicyContext;

/** RFC 6797; section 7.2 forbids it on plain connections. */
final class StrictTransport {
    private final FixedHeader field;

    StrictTransport(Policy.Hsts policy) {
        field =
                new FixedHeader(
                        "Strict-Transport-Security",
                        "max-age="
                                + policy.maxAge().toSeconds()
                                + (policy.includeSubDomains() ? "; includeSubDomains" : "")
                                + (policy.preload() ? "; preload" : ""));
    }

    void respond(PolicyContext context) {
        if (context.request().secure()) {
            context.setResponseHeader(field);
        }
    }
}

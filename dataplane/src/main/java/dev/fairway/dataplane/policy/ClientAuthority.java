package dev.fairway.dataplane.policy;

import dev.fairway.dataplane.message.Request;

/** What a redirect may take from the authority that the client wrote: its port, if that is one. */
final class ClientAuthority {
    private ClientAuthority() {}

    /** {@code :PORT}, or nothing where the client named none. */
    static String port(Request request) {
        String authority = request.authority();
        int colon = authority.lastIndexOf(':');
        String digits = colon < 0 ? "" : authority.substring(colon + 1);
        boolean number =
                !digits.isEmpty()
                        && digits.length() <= 5
                        && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        // An IPv6 literal without a port ends in a bracket, which is no digit.
        return number ? ":" + digits : "";
    }
}

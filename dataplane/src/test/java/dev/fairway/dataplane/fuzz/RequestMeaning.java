package dev.fairway.dataplane.fuzz;

import dev.fairway.dataplane.message.Header;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that a request says.
 *
 * @param path canonical
 * @param query without its question mark; null without one
 * @param host canonical
 * @param authority as received
 * @param fields those anybody may see, names in lower case
 * @param length -1: chunked
 * @param close no other request follows
 * @param upgrade the protocol to switch to; null: none
 * @param body its data
 */
public record RequestMeaning(
        String method,
        String path,
        @Nullable String query,
        String host,
        String authority,
        int minor,
        List<Header> fields,
        long length,
        boolean close,
        boolean expectsContinue,
        @Nullable String upgrade,
        String body) {}

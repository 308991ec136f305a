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
        String body) {

    /** As it is forwarded: bytes that no target may hold are encoded; null without one. */
    public @Nullable String forwardedQuery() {
        return query == null ? null : forwarded(query);
    }

    public static String forwarded(String query) {
        StringBuilder text = new StringBuilder();
        query.chars()
                .forEach(c ->
                        text.append(
                                c < 128 ? String.valueOf((char) c) : String.format("%%%02X", c)));
        return text.toString();
    }
}

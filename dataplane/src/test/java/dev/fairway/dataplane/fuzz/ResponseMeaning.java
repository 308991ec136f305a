package dev.fairway.dataplane.fuzz;

import dev.fairway.dataplane.message.Header;
import java.util.List;

/**
 * All that a response says.
 *
 * @param fields those that are passed on or acted upon, names in lower case
 * @param length -1: chunked, -2: until the connection ends
 * @param close the connection can't be used again
 * @param body its data
 */
public record ResponseMeaning(
        int status,
        String reason,
        int minor,
        List<Header> fields,
        long length,
        boolean close,
        String body) {}

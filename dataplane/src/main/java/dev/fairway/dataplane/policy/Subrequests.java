package dev.fairway.dataplane.policy;

import dev.fairway.dataplane.message.Header;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Asks other servers on a request's behalf, without a body either way. Never blocks. */
@FunctionalInterface
public interface Subrequests {

    /** Completes on any thread; exceptionally when there was no answer. */
    CompletionStage<Reply> send(Call call);

    /** There are routes now that will ask: what takes long is done before their first request. May block. */
    default void prepare() {}

    /**
     * @param url absolute, http or https
     * @param headers names in lower case; Host follows from the URL
     */
    record Call(String method, String url, List<Header> headers) {
        public Call {
            headers = List.copyOf(headers);
        }
    }

    record Reply(int status, List<Header> headers) {
        public Reply {
            headers = List.copyOf(headers);
        }

        @Nullable String header(String name) {
            for (Header header : headers) {
                if (header.name().equalsIgnoreCase(name)) {
                    return header.value();
                }
            }
            return null;
        }

        List<String> all(String name) {
            String lower = name.toLowerCase(Locale.ROOT);
            return headers.stream()
                    .filter(h -> h.name().toLowerCase(Locale.ROOT).equals(lower))
                    .map(Header::value)
                    .toList();
        }
    }
}

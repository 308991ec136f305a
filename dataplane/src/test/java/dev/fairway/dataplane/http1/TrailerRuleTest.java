package dev.fairway.dataplane.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attack ledger B9: what a receiver might merge into its header fields passes under no rule. */
class TrailerRuleTest {

    /** One of each kind: names the engine acts on, forbidden names, forbidden families. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length",
                "Transfer-Encoding",
                "Host",
                "Connection",
                "Authorization",
                "Cookie",
                "Set-Cookie",
                "X-Forwarded-For",
                "X-Real-IP",
                "Forwarded",
                "Expect",
                "TE",
                "Trailer",
                "Location",
                "WWW-Authenticate",
                "Cache-Control",
                "Range",
                "X-Original-URL",
                "X-HTTP-Method-Override",
                "Content-Encoding",
                "CONTENT-TYPE",
                "If-Match",
                "Proxy-Authorization",
                "Access-Control-Allow-Origin",
                "Sec-WebSocket-Key",
                "X-Forwarded-Client-Cert",
                "x-auth-user"
            })
    void what_a_head_may_say_is_no_trailer_under_any_rule(String name) {
        for (TrailerRule rule : TrailerRule.values()) {
            assertEquals(List.of("grpc-status"), passing(rule, name, "grpc-status"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-Trace", "my-metadata-bin", "contents", "ifs", "x-authority"})
    void other_names_are_metadata_of_a_call_and_nothing_elsewhere(String name) {
        assertEquals(List.of(name), passing(TrailerRule.GRPC, name));
        assertEquals(List.of(), passing(TrailerRule.LISTED, name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Grpc-Message", "Server-Timing", "Content-Digest", "repr-digest"})
    void listed_names_pass_under_both_though_their_family_may_not(String name) {
        for (TrailerRule rule : TrailerRule.values()) {
            assertEquals(List.of(name), passing(rule, name));
        }
    }

    private static List<String> passing(TrailerRule rule, String... names) {
        String lines = String.join(": 1\r\n", names) + ": 1\r\n\r\n";
        Trailers trailers = new Trailers();
        assertNull(
                HeadScanner.read(
                        trailers,
                        Unpooled.copiedBuffer(lines, StandardCharsets.ISO_8859_1),
                        Trailers.LIMITS));
        trailers.restrict(rule);
        List<String> passing = new ArrayList<>();
        for (int i = 0; i < trailers.count(); i++) {
            if (trailers.name(i) != FieldName.DROPPED) {
                passing.add(trailers.text(trailers.nameStart(i), trailers.nameEnd(i)));
            }
        }
        return passing;
    }
}

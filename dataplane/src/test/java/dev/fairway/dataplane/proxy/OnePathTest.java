package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.HostMatch;
import dev.fairway.contract.PathMatch;
import dev.fairway.contract.Route;
import dev.fairway.contract.VirtualHost;
import dev.fairway.dataplane.fuzz.Grammar;
import dev.fairway.dataplane.fuzz.ReferencePath;
import dev.fairway.dataplane.http1.CanonicalRequest;
import dev.fairway.dataplane.http1.RequestHead;
import dev.fairway.dataplane.http1.RequestTarget;
import dev.fairway.dataplane.policy.Rewriting;
import dev.fairway.dataplane.route.PathTable;
import dev.fairway.dataplane.route.RouteTable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Attack ledger E1 to E6: of each of many hostile targets the router, who judges, a rewrite, the log,
 * the backend and the canonicaliser all have one path in mind, the reference's.
 */
class OnePathTest {
    private static final int TARGETS = 60_000;
    private static final List<String> PREFIXES = List.of("/a/b", "/admin", "/a", "/b");
    private static final RouteTable<String> ROUTES =
            new RouteTable<>(
                    List.of(
                            new VirtualHost(
                                    new HostMatch.Any(),
                                    PREFIXES.stream().map(OnePathTest::route).toList())),
                    host -> new PathTable<>(host.routes(), Route::id));

    private static final Rewriting REWRITE = new Rewriting();

    private static Route route(String prefix) {
        return new Route(
                prefix,
                new Route.Origin("ns", "ingress", "service", "80"),
                new PathMatch.Prefix(prefix),
                new Route.Action.Answer(404),
                List.of());
    }

    @Test
    void every_consumer_of_a_path_sees_the_same_one() {
        Random random = new Random(8);
        Grammar grammar = new Grammar(random);
        int accepted = 0;
        for (int i = 0; i < TARGETS; i++) {
            String raw = grammar.path();
            String query = random.nextInt(4) == 0 ? "?x=/../admin" : "";
            String expected =
                    raw.contains("?") || raw.contains(" ") ? null : ReferencePath.canonical(raw);
            RequestHead head =
                    ForwardTarget.accepted(
                            ("GET " + raw + query + " HTTP/1.1\r\nHost: a.test\r\n\r\n")
                                    .getBytes(StandardCharsets.ISO_8859_1));
            if (head == null || raw.contains("?")) {
                assertTrue(raw.contains("?") || expected == null, raw);
                continue;
            }
            accepted++;
            CanonicalRequest request = new CanonicalRequest(head);
            assertEquals(expected, request.path(), raw);
            assertEquals(expected + query, request.canonicalTarget(), raw);
            assertEquals(
                    expected,
                    ReferencePath.canonical(request.target().replaceFirst("\\?.*", "")),
                    "the log's target");
            assertEquals(
                    "GET " + expected + query + " HTTP/1.1",
                    ForwardTarget.forwarded(request, false).split("\r\n", 2)[0]);
            assertEquals("/in" + expected, REWRITE.path(request), raw);
            String kept = ForwardTarget.forwarded(request, true).split(" ", 3)[1];
            assertEquals(expected, ReferencePath.canonical(kept.replaceFirst("\\?.*", "")), raw);
            RequestTarget to = head.target();
            assertEquals(
                    owner(expected),
                    ROUTES.match(to.host(), to.hostLength(), to.path(), to.pathLength()),
                    raw);
        }
        assertTrue(accepted > TARGETS / 4 && accepted < TARGETS, accepted + " accepted");
    }

    /** Whole segments only: /admin is not /administrator. */
    private static String owner(String path) {
        for (String prefix : PREFIXES) {
            if ((path + "/").startsWith(prefix + "/")) {
                return prefix;
            }
        }
        return null;
    }
}

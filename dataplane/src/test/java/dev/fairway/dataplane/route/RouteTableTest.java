package dev.fairway.dataplane.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.management.ThreadMXBean;
import dev.fairway.contract.HostMatch;
import dev.fairway.contract.PathMatch;
import dev.fairway.contract.Route;
import dev.fairway.contract.VirtualHost;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteTableTest {

    @ParameterizedTest
    @CsvSource({
        "prefix:/, /anything/at/all, prefix:/",
        "prefix:/, /, prefix:/",
        "exact:/foo, /foo, exact:/foo",
        "exact:/foo, /foo/, -",
        "exact:/foo, /FOO, -",
        "exact:/foo, /bar, -",
        "exact:/foo/, /foo/, exact:/foo/",
        "exact:/foo/, /foo, -",
        "prefix:/foo, /foo, prefix:/foo",
        "prefix:/foo, /foo/, prefix:/foo",
        "prefix:/foo, /foo/x, prefix:/foo",
        "prefix:/foo/, /foo, prefix:/foo/",
        "prefix:/foo/, /foo/, prefix:/foo/",
        "prefix:/foo/, /foo/x, prefix:/foo/",
        "prefix:/foo, /FOO, -",
        "prefix:/foo, /foobar, -",
        "prefix:/aaa/bb, /aaa/bbb, -",
        "prefix:/aaa/bbb, /aaa/bbb, prefix:/aaa/bbb",
        "prefix:/aaa/bbb/, /aaa/bbb, prefix:/aaa/bbb/",
        "prefix:/aaa/bbb, /aaa/bbb/, prefix:/aaa/bbb",
        "prefix:/aaa/bbb, /aaa/bbb/ccc, prefix:/aaa/bbb",
        "prefix:/aaa/bbb, /aaa/bbbxyz, -",
        "prefix:/aaa/bbb prefix:/aaa prefix:/, /aaa/ccc, prefix:/aaa",
        "prefix:/aaa/bbb prefix:/aaa prefix:/, /aaa/bbb, prefix:/aaa/bbb",
        "prefix:/aaa/bbb prefix:/aaa prefix:/, /ccc, prefix:/",
        "exact:/foo prefix:/foo, /foo, exact:/foo",
        "exact:/foo prefix:/foo, /foo/, prefix:/foo",
        "prefix:/foo/ prefix:/foo, /foo, prefix:/foo/",
        "prefix:/foo/ prefix:/foo, /foo/, prefix:/foo/",
        "prefix:/aaa, /ccc, -",
        "prefix:/aaa any, /ccc, any",
        "string:/foo, /foobar, string:/foo",
        "string:/foo, /fo, -",
        "regex:/foo[0-9]+, /foo12/x, regex:/foo[0-9]+",
        "regex:/foo[0-9]+, /x/foo12, -",
        "regex:/foo$, /foo/x, -",
        "regexi:/foo, /FOO/x, regexi:/foo",
        "regex:/a.* exact:/abc, /abc, regex:/a.*",
        "exact:/abc regex:/a.*, /abc, exact:/abc",
        "any exact:/abc, /abc, any",
    })
    void the_first_route_that_matches_wins(String rules, String path, String expected) {
        RouteTable<String> table =
                table(new VirtualHost(new HostMatch.Any(), routes(rules.split(" "))));
        assertEquals("-".equals(expected) ? null : expected, match(table, "h", path));
    }

    @ParameterizedTest
    @CsvSource({
        "foo.com, exact",
        "bar.foo.com, wildcard",
        "exact.foo.com, exact-below",
        "BAR_1-x.foo.com, wildcard",
        "baz.bar.foo.com, any",
        ".foo.com, any",
        "b%r.foo.com, any",
        "foo.com.evil.org, any",
        "barfoo.com, any",
        "unknown, any",
        "'', any",
    })
    void an_exact_host_beats_a_wildcard_of_one_label_beats_any(String host, String expected) {
        RouteTable<String> table =
                table(
                        host(new HostMatch.Any(), "any"),
                        host(new HostMatch.Wildcard("foo.com"), "wildcard"),
                        host(new HostMatch.Exact("foo.com"), "exact"),
                        host(new HostMatch.Exact("exact.foo.com"), "exact-below"));
        assertEquals(expected, match(table, host, "/"));
    }

    @Test
    void a_known_host_never_falls_through_to_another() {
        RouteTable<String> table =
                table(
                        host(new HostMatch.Any(), "any"),
                        new VirtualHost(new HostMatch.Wildcard("foo.com"), routes("prefix:/only")),
                        new VirtualHost(new HostMatch.Exact("a.foo.com"), routes("prefix:/here")),
                        new VirtualHost(new HostMatch.Exact("empty.com"), List.of()));
        assertNull(match(table, "a.foo.com", "/only"));
        assertNull(match(table, "b.foo.com", "/here"));
        assertNull(match(table, "empty.com", "/"));
        assertEquals("any", match(table, "c.com", "/only"));
    }

    @Test
    void only_the_given_lengths_count() {
        RouteTable<String> table =
                table(new VirtualHost(new HostMatch.Exact("h"), routes("exact:/a", "regex:/b$")));
        byte[] host = bytes("hgarbage");
        assertEquals("exact:/a", table.match(host, 1, bytes("/abc"), 2));
        assertEquals("regex:/b$", table.match(host, 1, bytes("/bcd"), 2));
        assertNull(table.match(host, 8, bytes("/abc"), 2));
    }

    @Test
    void a_pattern_that_is_no_RE2_is_refused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> table(new VirtualHost(new HostMatch.Any(), routes("regex:/(a"))));
    }

    @Test
    void the_index_answers_as_the_ordered_list_does() {
        Random random = new Random(7);
        for (int round = 0; round < 3000; round++) {
            List<Route> routes = new ArrayList<>();
            for (int i = random.nextInt(12); i >= 0; i--) {
                routes.add(randomRoute(random));
            }
            RouteTable<String> table = table(new VirtualHost(new HostMatch.Any(), routes));
            for (int i = 0; i < 40; i++) {
                String path = randomPath(random);
                assertEquals(
                        naive(routes, path),
                        match(table, "h", path),
                        () -> path + " over " + routes.stream().map(Route::id).toList());
            }
        }
    }

    @Test
    void a_match_allocates_nothing_among_ten_thousand_routes() {
        List<Route> routes = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            routes.add(route("prefix:/team" + i % 100 + "/service" + i));
        }
        RouteTable<String> table =
                table(
                        new VirtualHost(new HostMatch.Exact("h.example.com"), routes),
                        host(new HostMatch.Wildcard("example.com"), "wild"));
        byte[] host = bytes("h.example.com");
        byte[] path = bytes("/team77/service7777/some/deeper/path");
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long leastOfAll = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) { // the VM itself allocates now and then
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 1000; i++) {
                if (table.match(host, host.length, path, path.length) == null) {
                    throw new AssertionError();
                }
            }
            leastOfAll = Math.min(leastOfAll, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertEquals(true, leastOfAll < 1000, "bytes for 1000 matches: " + leastOfAll);
    }

    private static Route randomRoute(Random random) {
        String path = randomPath(random);
        return route(
                switch (random.nextInt(12)) {
                    case 0, 1, 2 -> "exact:" + path;
                    case 3, 4, 5, 6 -> "prefix:" + path;
                    case 7, 8 -> "string:" + path;
                    case 9 -> "regex:" + path + (random.nextBoolean() ? "[ab]*" : "$");
                    case 10 -> "regexi:" + path + (random.nextBoolean() ? "(/|$)(.*)" : "|/b");
                    default -> random.nextInt(4) == 0 ? "any" : "regex:" + path + "?";
                });
    }

    private static String randomPath(Random random) {
        StringBuilder path = new StringBuilder();
        for (int i = random.nextInt(4); i >= 0; i--) {
            path.append('/');
            for (int j = random.nextInt(3); j > 0; j--) {
                path.append("abA".charAt(random.nextInt(3)));
            }
        }
        return path.toString().replaceAll("/+", "/");
    }

    private static @Nullable String naive(List<Route> routes, String path) {
        for (Route route : routes) {
            boolean matches =
                    switch (route.path()) {
                        case PathMatch.Exact(String rule) -> path.equals(rule);
                        case PathMatch.Prefix(String rule) ->
                                segments(path).size() >= segments(rule).size()
                                        && segments(path)
                                                .subList(0, segments(rule).size())
                                                .equals(segments(rule));
                        case PathMatch.StringPrefix(String rule) -> path.startsWith(rule);
                        case PathMatch.Regex(String pattern, boolean insensitive) ->
                                java.util.regex.Pattern.compile(
                                                pattern,
                                                insensitive
                                                        ? java.util.regex.Pattern.CASE_INSENSITIVE
                                                        : 0)
                                        .matcher(path)
                                        .lookingAt();
                        case PathMatch.Any() -> true;
                    };
            if (matches) {
                return route.id();
            }
        }
        return null;
    }

    private static List<String> segments(String path) {
        return Arrays.stream(path.split("/")).filter(s -> !s.isEmpty()).toList();
    }

    private static VirtualHost host(HostMatch match, String id) {
        return new VirtualHost(match, List.of(route(id, new PathMatch.Any())));
    }

    private static List<Route> routes(String... rules) {
        return Arrays.stream(rules).map(RouteTableTest::route).toList();
    }

    private static Route route(String rule) {
        String path = rule.substring(rule.indexOf(':') + 1);
        return route(
                rule,
                switch (rule.substring(0, Math.max(0, rule.indexOf(':')))) {
                    case "exact" -> new PathMatch.Exact(path);
                    case "prefix" -> new PathMatch.Prefix(path);
                    case "string" -> new PathMatch.StringPrefix(path);
                    case "regex" -> new PathMatch.Regex(path, false);
                    case "regexi" -> new PathMatch.Regex(path, true);
                    default -> new PathMatch.Any();
                });
    }

    private static Route route(String id, PathMatch path) {
        return new Route(
                id,
                new Route.Origin("ns", "ingress", "service", "80"),
                path,
                new Route.Action.Answer(404),
                List.of());
    }

    private static RouteTable<String> table(VirtualHost... hosts) {
        return new RouteTable<>(List.of(hosts), host -> new PathTable<>(host.routes(), Route::id));
    }

    private static @Nullable String match(RouteTable<String> table, String host, String path) {
        byte[] h = bytes(host);
        byte[] p = bytes(path);
        return table.match(h, h.length, p, p.length);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

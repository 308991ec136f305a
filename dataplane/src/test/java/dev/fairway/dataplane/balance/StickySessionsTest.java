package dev.fairway.dataplane.balance;

import static dev.fairway.contract.Endpoints.Condition.DRAINING;
import static dev.fairway.contract.Endpoints.Condition.READY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.KeyId;
import dev.fairway.contract.Policy.Affinity;
import dev.fairway.contract.Policy.Affinity.Mode;
import dev.fairway.contract.Policy.LoadBalance;
import dev.fairway.contract.Policy.LoadBalance.Algorithm;
import dev.fairway.dataplane.policy.FakeContext;
import dev.fairway.dataplane.policy.FakeRequest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class StickySessionsTest {
    private static final Affinity.Cookie PLAIN =
            new Affinity.Cookie(
                    "INGRESSCOOKIE",
                    "/app",
                    Optional.empty(),
                    Optional.empty(),
                    false,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());

    private final Sets sets = new Sets();
    private boolean changeOnFailure;
    private boolean keepDraining;
    private Affinity.Cookie attributes = PLAIN;
    private byte[] seed = "seed".getBytes();

    private StickySessions sessions(Mode mode) {
        return new StickySessions(
                new Affinity(
                        "affinity",
                        mode,
                        attributes,
                        new KeyId("seed/x"),
                        changeOnFailure,
                        true,
                        keepDraining),
                seed,
                sets.backend,
                Balancing.of(new LoadBalance(Algorithm.ROUND_ROBIN), sets.backend, sets.chance),
                sets.chance,
                () -> 784111777_000L);
    }

    /** One visit: whom it met and the cookie it was given, if any. */
    private record Visit(Endpoint endpoint, List<String> setCookies) {
        String value() {
            String line = setCookies.getFirst();
            return line.substring(line.indexOf('=') + 1, line.indexOf(';'));
        }
    }

    private static FakeRequest carrying(String value) {
        FakeRequest request = FakeRequest.get("/app");
        return value == null ? request : request.with("cookie", "INGRESSCOOKIE=" + value);
    }

    private Visit visit(Mode mode, String cookie, Endpoint... failed) {
        FakeContext context = new FakeContext(carrying(cookie));
        Selection selection = sessions(mode).select(context.request());
        Tried tried = new Tried();
        Endpoint endpoint = selection.pick(tried);
        for (Endpoint each : failed) {
            assertSame(each, endpoint);
            tried.add(each);
            endpoint = selection.pick(tried);
        }
        if (endpoint != null) {
            selection.answered(endpoint, context);
        }
        return new Visit(
                endpoint,
                context.added().stream().map(s -> s.substring("Set-Cookie: ".length())).toList());
    }

    @ParameterizedTest
    @EnumSource
    void a_session_returns_to_its_endpoint_and_the_cookie_is_set_once(Mode mode) {
        sets.ready(5);
        Set<Endpoint> met = new HashSet<>();
        for (int i = 0; i < 30; i++) {
            Visit first = visit(mode, null);
            met.add(first.endpoint);
            for (int j = 0; j < 3; j++) {
                Visit next = visit(mode, first.value());
                assertSame(first.endpoint, next.endpoint);
                assertEquals(List.of(), next.setCookies);
            }
        }
        assertEquals(5, met.size());
    }

    @ParameterizedTest
    @EnumSource
    void a_forged_or_unknown_cookie_is_balanced_anew(Mode mode) {
        sets.ready(3);
        String good = visit(mode, null).value();
        seed = "other".getBytes();
        String foreign = visit(mode, null).value();
        seed = "seed".getBytes();
        String flipped =
                good.substring(0, good.length() - 2)
                        + (good.charAt(good.length() - 2) == 'A' ? 'B' : 'A')
                        + good.charAt(good.length() - 1);
        for (String bad :
                List.of(
                        "",
                        "x",
                        ".",
                        "10.0.0.1:8080",
                        good.substring(1),
                        foreign,
                        flipped,
                        good + ".")) {
            Visit visit = visit(mode, bad);
            assertEquals(1, visit.setCookies.size(), bad);
            assertSame(visit.endpoint, visit(mode, visit.value()).endpoint);
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_value_is_short_and_tells_nothing_of_the_endpoint(Mode mode) {
        sets.ready(3);
        String value = visit(mode, null).value();
        assertTrue(value.length() <= 64, value);
        assertTrue(value.matches("[A-Za-z0-9_.-]+"), value);
        assertFalse(value.contains("10.0"), value);
    }

    @ParameterizedTest
    @EnumSource
    void a_session_whose_endpoint_left_gets_another_and_a_new_cookie_where_that_names_it(
            Mode mode) {
        sets.ready(3);
        Visit first = visit(mode, null);
        int index = sets.backend.endpoints().indexOf(first.endpoint);
        sets.apply(index == 0 ? null : READY, index == 1 ? null : READY, index == 2 ? null : READY);
        Visit next = visit(mode, first.value());
        assertNotSame(first.endpoint, next.endpoint);
        assertEquals(mode == Mode.PERSISTENT ? 1 : 0, next.setCookies.size());
    }

    @Test
    void scaling_moves_no_persistent_session_and_a_share_of_the_balanced_ones() {
        sets.ready(4);
        Map<String, Endpoint> persistent = new HashMap<>();
        Map<String, Endpoint> balanced = new HashMap<>();
        for (int i = 0; i < 400; i++) {
            Visit one = visit(Mode.PERSISTENT, null);
            persistent.put(one.value(), one.endpoint);
            Visit other = visit(Mode.BALANCED, null);
            balanced.put(other.value(), other.endpoint);
        }
        sets.ready(5);
        persistent.forEach((v, e) -> assertSame(e, visit(Mode.PERSISTENT, v).endpoint));
        long moved =
                balanced.entrySet().stream()
                        .filter(s -> visit(Mode.BALANCED, s.getKey()).endpoint != s.getValue())
                        .count();
        assertTrue(moved > 50 && moved < 110, "a fifth is 80, moved " + moved);
    }

    @ParameterizedTest
    @EnumSource
    void without_change_on_failure_a_failed_attempt_goes_to_the_same_endpoint(Mode mode) {
        sets.ready(3);
        Visit first = visit(mode, null);
        sets.fail(first.endpoint, 5); // ejected: the session is there all the same
        Visit next = visit(mode, first.value(), first.endpoint);
        assertSame(first.endpoint, next.endpoint);
        assertEquals(List.of(), next.setCookies);
    }

    @ParameterizedTest
    @EnumSource
    void with_change_on_failure_the_session_moves_and_the_cookie_with_it(Mode mode) {
        changeOnFailure = true;
        sets.ready(3);
        Visit first = visit(mode, null);
        Visit next = visit(mode, first.value(), first.endpoint);
        assertNotSame(first.endpoint, next.endpoint);
        assertSame(next.endpoint, visit(mode, next.value()).endpoint);
        sets.fail(first.endpoint, 5);
        assertNotSame(first.endpoint, visit(mode, first.value()).endpoint);
    }

    @ParameterizedTest
    @EnumSource
    void a_first_visit_moves_on_after_a_failure_in_any_case(Mode mode) {
        sets.ready(3);
        FakeContext context = new FakeContext(carrying(null));
        Selection selection = sessions(mode).select(context.request());
        Endpoint failed = selection.pick(new Tried());
        Endpoint next = selection.pick(Sets.tried(failed));
        assertNotSame(failed, next);
        selection.answered(next, context);
        String line = context.added().getFirst();
        String value = line.substring(line.indexOf('=') + 1, line.indexOf(';'));
        assertSame(next, visit(mode, value).endpoint);
    }

    @ParameterizedTest
    @EnumSource
    void a_draining_endpoint_keeps_its_sessions_only_where_asked_and_gets_no_new_ones(Mode mode) {
        for (boolean keep : new boolean[] {true, false}) {
            keepDraining = keep;
            sets.ready(2);
            String value;
            do { // somebody whose session is with the first
                value = visit(mode, null).value();
            } while (visit(mode, value).endpoint != sets.endpoint(0));
            sets.apply(DRAINING, READY);
            assertSame(sets.endpoint(keep ? 0 : 1), visit(mode, value).endpoint);
            for (int i = 0; i < 20; i++) {
                assertSame(sets.endpoint(1), visit(mode, null).endpoint);
            }
            sets.apply(DRAINING, DRAINING); // nobody is ready
            assertSame(sets.endpoint(0), visit(mode, value).endpoint);
        }
    }

    @ParameterizedTest
    @EnumSource
    void without_endpoints_there_is_nobody_and_no_cookie(Mode mode) {
        Visit visit = visit(mode, null);
        assertEquals(null, visit.endpoint);
        assertEquals(List.of(), visit.setCookies);
    }

    @Test
    void the_attributes_are_ingress_nginxs_in_its_order() {
        sets.ready(1);
        assertTrue(
                visit(Mode.PERSISTENT, null)
                        .setCookies
                        .getFirst()
                        .endsWith("; Path=/app; HttpOnly"));
        attributes =
                new Affinity.Cookie(
                        "INGRESSCOOKIE",
                        "/app",
                        Optional.of("foo.com"),
                        Optional.of(Affinity.SameSite.LAX),
                        false,
                        Optional.of(true),
                        Optional.of(-5L),
                        Optional.of(3600L));
        String line = visit(Mode.PERSISTENT, null).setCookies.getFirst();
        assertEquals(
                "; Expires=Sun, 06 Nov 1994 09:49:37 GMT; Max-Age=-5; Domain=foo.com; Path=/app;"
                        + " Secure; HttpOnly; SameSite=Lax",
                line.substring(line.indexOf(';')));
    }

    @Test
    void secure_follows_the_scheme_unless_told() {
        SessionCookie plain = new SessionCookie(PLAIN);
        assertEquals(
                "INGRESSCOOKIE=v; Path=/app; Secure; HttpOnly",
                plain.line("v", FakeRequest.get("/").overTls(), 0));
        Affinity.Cookie never =
                new Affinity.Cookie(
                        "C",
                        "/",
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        Optional.of(false),
                        Optional.empty(),
                        Optional.empty());
        assertEquals(
                "C=v; Path=/; HttpOnly",
                new SessionCookie(never).line("v", FakeRequest.get("/").overTls(), 0));
    }

    @ParameterizedTest
    @CsvSource({
        "Mozilla/5.0 (X11) Chrome/51.0 Safari/537, true",
        "Mozilla/5.0 (X11) Chrome/66.0 Safari/537, true",
        "Mozilla/5.0 (X11) Chrome/80.0 Safari/537, false",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 12_4 like Mac OS X), true",
        "Mozilla/5.0 (iPad; CPU OS 12_4 like Mac OS X), true",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 13_4 like Mac OS X), false",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_6) Version/12 Safari/605, true",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_6) Chrome/80 Safari/537, false",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/13 Safari/605, false",
        ", false",
    })
    void same_site_none_is_left_out_for_browsers_that_reject_it(String agent, boolean rejects) {
        FakeRequest request = FakeRequest.get("/");
        if (agent != null) {
            request.with("user-agent", agent);
        }
        for (boolean conditional : new boolean[] {true, false}) {
            Affinity.Cookie cookie =
                    new Affinity.Cookie(
                            "C",
                            "/",
                            Optional.empty(),
                            Optional.of(Affinity.SameSite.NONE),
                            conditional,
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty());
            assertEquals(
                    !(conditional && rejects),
                    new SessionCookie(cookie).line("v", request, 0).endsWith("; SameSite=None"));
        }
    }
}

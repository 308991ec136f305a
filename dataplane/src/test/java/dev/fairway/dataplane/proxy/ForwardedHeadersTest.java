package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Cidr;
import dev.fairway.contract.Settings;
import dev.fairway.contract.Settings.Forwarding;
import dev.fairway.dataplane.Altered;
import dev.fairway.dataplane.policy.Decision;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Attack ledger E7: who may say where a request comes from. */
class ForwardedHeadersTest {
    private static final String SAID =
            "GET / HTTP/1.1\r\nHost: a.test\r\nX-Forwarded-For: 6.6.6.6, 7.7.7.7\r\nX-Forwarded-For: 10.0.0.9, 10.0.0.8\r\n"
                    + "X-Forwarded-Proto: https\r\nX-Forwarded-Host: evil.test\r\nX-Forwarded-Port: 8443\r\nX-Real-IP: 5.5.5.5\r\n"
                    + "X-Scheme: gopher\r\nX-Forwarded-Scheme: gopher\r\nX-Original-Forwarded-For: 4.4.4.4\r\nForwarded: for=3.3.3.3\r\nX-Request-ID: given-1\r\n\r\n";

    static Settings trusting(Forwarding forwarding) {
        return Altered.with(Settings.DEFAULTS, "forwarding", forwarding);
    }

    private static void assertOnce(String head, String name, String value) {
        assertEquals(value, Wire.field(head, name), head);
        long lines =
                head.lines()
                        .filter(line -> line.toLowerCase().startsWith(name.toLowerCase() + ":"))
                        .count();
        assertEquals(1, lines, head);
    }

    @Test
    void nobody_is_believed_by_default() throws Exception {
        AtomicReference<String> client = new AtomicReference<>("");
        try (ProxyFixture proxy = new ProxyFixture(RawBackend.answering(RawBackend.ok("ok")))) {
            proxy.admit =
                    context -> {
                        client.set(
                                context.request().clientAddressText()
                                        + " "
                                        + context.request().scheme());
                        return Decision.PROCEED;
                    };
            proxy.ask(SAID);
            String head = proxy.backends.getFirst().heads.getLast();
            assertEquals("127.0.0.1 http", client.get());
            assertOnce(head, "X-Forwarded-For", "127.0.0.1");
            assertOnce(head, "X-Real-IP", "127.0.0.1");
            assertOnce(head, "X-Forwarded-Proto", "http");
            assertOnce(head, "X-Forwarded-Scheme", "http");
            assertOnce(head, "X-Scheme", "http");
            assertOnce(head, "X-Forwarded-Port", "80");
            assertOnce(head, "X-Forwarded-Host", "a.test");
            assertOnce(head, "X-Original-Forwarded-For", "6.6.6.6, 7.7.7.7, 10.0.0.9, 10.0.0.8");
            assertOnce(head, "X-Original-Forwarded-Host", "evil.test");
            assertOnce(head, "X-Request-ID", "given-1");
            assertNull(Wire.field(head, "Forwarded"));
        }
    }

    @Test
    void a_trusted_proxy_is_and_only_as_far_as_trust_goes() throws Exception {
        AtomicReference<String> client = new AtomicReference<>("");
        try (ProxyFixture proxy = new ProxyFixture(RawBackend.answering(RawBackend.ok("ok")))) {
            proxy.admit =
                    context -> {
                        client.set(
                                context.request().clientAddressText()
                                        + " "
                                        + context.request().scheme());
                        return Decision.PROCEED;
                    };
            List<Cidr> trusted = List.of(Cidr.parse("127.0.0.0/8"), Cidr.parse("10.0.0.0/8"));
            proxy.settings = trusting(new Forwarding(trusted, "x-forwarded-for", false));
            proxy.ask(SAID);
            String head = proxy.backends.getFirst().heads.getLast();
            assertEquals("7.7.7.7 https", client.get());
            assertOnce(head, "X-Forwarded-For", "7.7.7.7");
            assertOnce(head, "X-Real-IP", "7.7.7.7");
            assertOnce(head, "X-Forwarded-Proto", "https");
            assertOnce(head, "X-Forwarded-Host", "evil.test");
            assertOnce(head, "X-Forwarded-Port", "8443");
            assertOnce(head, "Forwarded", "for=3.3.3.3");

            proxy.settings = trusting(new Forwarding(trusted, "x-forwarded-for", true));
            proxy.ask(SAID);
            assertOnce(
                    proxy.backends.getFirst().heads.getLast(),
                    "X-Forwarded-For",
                    "6.6.6.6, 7.7.7.7, 10.0.0.9, 10.0.0.8, 127.0.0.1");

            proxy.settings = trusting(new Forwarding(trusted, "cf-connecting-ip", false));
            proxy.ask(
                    "GET / HTTP/1.1\r\nHost: a.test\r\nCF-Connecting-IP: 2001:DB8:0:0::1\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n");
            assertEquals("2001:db8::1 http", client.get());

            proxy.ask(
                    "GET / HTTP/1.1\r\nHost: a.test\r\nCF-Connecting-IP: nonsense\r\nX-Forwarded-Port: 1x\r\n\r\n");
            assertEquals("127.0.0.1 http", client.get());
            assertOnce(proxy.backends.getFirst().heads.getLast(), "X-Forwarded-Port", "80");

            proxy.settings =
                    trusting(
                            new Forwarding(
                                    List.of(Cidr.parse("10.0.0.0/8")), "x-forwarded-for", false));
            proxy.ask(SAID);
            assertEquals("127.0.0.1 http", client.get());
            assertTrue(
                    proxy.backends
                            .getFirst()
                            .heads
                            .getLast()
                            .contains("X-Forwarded-For: 127.0.0.1\r\n"));
        }
    }

    /** Attack ledger E18: a backend that leads back to the proxy itself. */
    @Test
    void a_request_that_goes_round_in_circles_ends_with_508() throws Exception {
        try (ProxyFixture proxy =
                new ProxyFixture(RawBackend.answering(RawBackend.ok("never asked")))) {
            proxy.backends.set(0, RawBackend.at(proxy.address));
            assertEquals(508, proxy.get("/").status());
            assertEquals(1, proxy.fired(Limit.PASSES));
            assertEquals(Passes.MOST + 1, proxy.finished.size());
            assertEquals("loop", proxy.lastFinished(1).reason());
        }
    }

    @Test
    void who_else_a_request_passed_is_told_and_does_not_count() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(RawBackend.answering(RawBackend.ok("ok")))) {
            String said = "CDN-Loop: fairway, other;v=1, Fairway ;x=1\r\n";
            proxy.ask(
                    "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: CDN-Loop\r\n"
                            + said
                            + "CDN-Loop: fairways\r\n".repeat(20)
                            + "\r\n");
            String head = proxy.backends.getFirst().heads.getFirst();
            assertTrue(head.contains("\r\n" + said), head);
            assertTrue(head.contains("\r\nCDN-Loop: fairway\r\n"), head);
        }
    }

    @Test
    void what_the_client_said_is_told_under_the_name_it_was_asked_to_use() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(RawBackend.answering(RawBackend.ok("ok")))) {
            proxy.settings = trusting(new Forwarding(List.of(), "x-client", false));
            proxy.ask(
                    "GET / HTTP/1.1\r\nHost: a.test\r\nX-Client: 6.6.6.6\r\nX-Forwarded-For: 7.7.7.7\r\n\r\n");
            String head = proxy.backends.getFirst().heads.getLast();
            assertOnce(head, "X-Original-Forwarded-For", "6.6.6.6");
            assertOnce(head, "X-Forwarded-For", "127.0.0.1");
        }
    }
}

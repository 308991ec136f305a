package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ForwardingTest {

    @ParameterizedTest
    @EnumSource(
            value = TransportKind.class,
            names = {"EPOLL", "NIO"})
    void a_get_reaches_the_backend_and_its_answer_the_client(TransportKind kind) throws Exception {
        try (ProxyFixture proxy =
                new ProxyFixture(
                        ProxyLimits.DEFAULTS, kind, RawBackend.answering(RawBackend.ok("hello")))) {
            assertEquals(kind, proxy.server.transport());
            RawClient.Response response = proxy.get("/x/%61?q=%61");
            assertEquals(200, response.status());
            assertEquals("hello", response.body());
            assertEquals("fairway", response.field("Server"));
            assertEquals("one", response.field("X-Route"));
            assertNotNull(response.field("Date"));
            String head = proxy.backends.getFirst().heads.getFirst();
            assertTrue(head.startsWith("GET /x/a?q=%61 HTTP/1.1\r\nHost: a.test\r\n"), head);
            assertEquals("127.0.0.1", Wire.field(head, "X-Real-IP"));
            assertEquals("127.0.0.1", Wire.field(head, "X-Forwarded-For"));
            assertEquals("a.test", Wire.field(head, "X-Forwarded-Host"));
            assertEquals("80", Wire.field(head, "X-Forwarded-Port"));
            assertEquals("http", Wire.field(head, "X-Forwarded-Proto"));
            assertEquals("http", Wire.field(head, "X-Forwarded-Scheme"));
            assertEquals("http", Wire.field(head, "X-Scheme"));
            assertTrue(Wire.field(head, "X-Request-ID").matches("[0-9a-f]{32}"), head);
            assertNull(Wire.field(head, "X-Original-Forwarded-For"));
            assertEquals("a.test/x/a", proxy.paths.getFirst());
            ProxyFixture.Finished told = proxy.lastFinished(1);
            assertEquals("/x/%61?q=%61", told.target());
            assertEquals("ok", told.reason());
            assertEquals(List.of(200), told.attemptStatuses());
            assertEquals(1, proxy.released.get());
            assertEquals(0, proxy.backends.getFirst().fixture.endpoint.inFlight());
        }
    }

    @Test
    void requests_of_a_connection_share_an_upstream_connection() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(RawBackend.answering(RawBackend.ok("hello")));
                RawClient client = proxy.client()) {
            for (int i = 0; i < 20; i++) {
                assertEquals("hello", client.get("/" + i).response().body());
            }
            assertEquals(1, proxy.backends.getFirst().connections.get());
            assertFalse(client.in.available() > 0);
        }
    }
}

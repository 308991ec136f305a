package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Settings;
import dev.fairway.dataplane.http1.CanonicalRequest;
import dev.fairway.dataplane.http1.RequestHead;
import dev.fairway.dataplane.http1.Trailers;
import dev.fairway.dataplane.policy.Dispatch;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What serves one request after another keeps nothing of the last one: each field is spoilt, and after
 * its renewal is as a new object's. A field that somebody adds and does not reset fails here.
 */
class RenewalTest {
    private final CanonicalRequest request = new RequestHead().canonical();
    private final ClientStream client =
            (ClientStream)
                    Proxy.newProxyInstance(
                            ClientStream.class.getClassLoader(),
                            new Class<?>[] {ClientStream.class},
                            (self, method, arguments) ->
                                    method.getReturnType() == long.class ? 0L : null);
    private RawBackend backend;
    private ProxyFixture proxy;
    private Engine engine;
    private Loop loop;

    @BeforeEach
    void open() throws Exception {
        backend = RawBackend.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        proxy = new ProxyFixture(backend);
        engine = (Engine) field(ProxyServer.class, "engine").get(proxy.server);
        loop = (Loop) ((List<?>) field(ProxyServer.class, "loops").get(proxy.server)).getFirst();
    }

    @AfterEach
    void close() throws Exception {
        proxy.close();
    }

    private Exchange exchange() {
        return new Exchange(engine, loop, client, request, Settings.DEFAULTS, 1);
    }

    /** Those that are exempt are what {@link Exchange#reusable} asks for, or parts kept on purpose. */
    @Test
    void a_renewed_exchange_is_as_a_new_one() throws Exception {
        Exchange used = exchange();
        spoil(used);
        used.renew(client, request, Settings.DEFAULTS, 1);
        same(
                exchange(),
                used,
                Set.of("awaits", "withoutEndpoint", "errorPageFor", "endedDelivery", "endedBody"));
    }

    @Test
    void its_record_knows_nothing_of_the_last_request() throws Exception {
        ExchangeRecord used = new ExchangeRecord(exchange());
        spoil(used);
        used.begin(1, 2);
        ExchangeRecord fresh = new ExchangeRecord(exchange());
        fresh.begin(1, 2);
        same(fresh, used, Set.of("source"));
    }

    @Test
    void its_context_has_no_edits() throws Exception {
        ExchangeContext used = new ExchangeContext(request, new ExchangeRecord(exchange()), loop);
        used.setUpstreamHeader("x-a", "b");
        used.addResponseHeader("x-a", "b");
        used.onFinish(() -> {});
        used.begin(request);
        assertTrue(used.upstreamEdits().isEmpty() && used.responseEdits().isEmpty());
        assertEquals(List.of(), used.releases());
    }

    @Test
    void an_attempt_begins_anew() throws Exception {
        Attempt used = new Attempt(backend.fixture.endpoint, 1);
        spoil(used);
        used.begin(backend.fixture.endpoint, 1);
        same(new Attempt(backend.fixture.endpoint, 1), used, Set.of());
    }

    @Test
    void a_body_begins_anew() throws Exception {
        RequestBody used = new RequestBody(1);
        spoil(used);
        used.trailers(new Trailers());
        used.begin();
        same(new RequestBody(1), used, Set.of());
    }

    /** {@code attemptedAgain} and {@code claimed}: one that ended plainly has neither. */
    @Test
    void a_delivery_and_its_retries_begin_anew() throws Exception {
        Dispatch.Forward to = (Dispatch.Forward) proxy.dispatch(null);
        Delivery used = delivery(to);
        Retries retries = (Retries) field(Delivery.class, "retries").get(used);
        spoil(used);
        spoil(retries);
        used.renew(client, request, proxy, to, null, false);
        Delivery fresh = delivery(to);
        same(fresh, used, Set.of("attemptedAgain", "exchange", "context", "record"));
        same(field(Delivery.class, "retries").get(fresh), retries, Set.of("claimed", "record"));
    }

    private Delivery delivery(Dispatch.Forward to) {
        Exchange exchange = exchange();
        ExchangeRecord record = new ExchangeRecord(exchange);
        ExchangeContext context = new ExchangeContext(request, record, loop);
        return new Delivery(
                engine, loop, exchange, client, request, context, record, proxy, to, null, false);
    }

    /** Another value in each field of a primitive type. */
    private static void spoil(Object object) throws Exception {
        for (Field field : object.getClass().getDeclaredFields()) {
            field.setAccessible(true);
            int modifiers = field.getModifiers();
            if (Modifier.isFinal(modifiers) || Modifier.isStatic(modifiers)) {
                continue;
            }
            if (field.getType() == boolean.class) {
                field.setBoolean(object, !field.getBoolean(object));
            } else if (field.getType() == long.class) {
                field.setLong(object, 77);
            } else if (field.getType() == int.class) {
                field.setInt(object, 77);
            } else if (field.getType() == String.class) {
                field.set(object, "spoilt");
            }
        }
    }

    private static void same(Object fresh, Object used, Set<String> exempt) throws Exception {
        for (Field field : fresh.getClass().getDeclaredFields()) {
            field.setAccessible(true);
            boolean plain = field.getType().isPrimitive() || field.getType() == String.class;
            if (Modifier.isStatic(field.getModifiers()) || exempt.contains(field.getName())) {
                continue;
            }
            if (plain) {
                assertEquals(field.get(fresh), field.get(used), field.getName());
            } else {
                assertEquals(field.get(fresh) == null, field.get(used) == null, field.getName());
            }
        }
    }

    private static Field field(Class<?> of, String name) throws Exception {
        Field field = of.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }
}

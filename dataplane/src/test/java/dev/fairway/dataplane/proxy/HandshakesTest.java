package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.dataplane.Altered;
import dev.fairway.dataplane.balance.Endpoint;
import dev.fairway.dataplane.policy.Transport;
import dev.fairway.dataplane.tls.HandshakeTurn;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whose handshake is computed when (attack ledger D12): by handshakes of one byte, as slow as the tests want. */
class HandshakesTest {
    private static final String FLOOD = "127.0.0.2";
    private static final String HONEST = "127.0.0.3";

    private final OneByteTls tls = new OneByteTls();
    private final List<RawClient> flood = new ArrayList<>();
    private ProxyFixture proxy;

    private static final class OneByteTls implements ProxyFixture.Tls {
        /** Whose handshakes were computed. */
        private final List<String> computed = new CopyOnWriteArrayList<>();

        private final CountDownLatch go = new CountDownLatch(1);
        private volatile int millis;

        @Override
        public ChannelHandler newServerHandler(ByteBufAllocator allocator, HandshakeTurn turn) {
            return new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext context, Object message) {
                    ByteBuf hello = (ByteBuf) message;
                    byte[] request = new byte[hello.skipBytes(1).readableBytes()];
                    hello.readBytes(request).release();
                    context.channel().config().setAutoRead(false);
                    turn.take(() -> compute(context, request));
                }
            };
        }

        private void compute(ChannelHandlerContext context, byte[] request) {
            InetSocketAddress from = (InetSocketAddress) context.channel().remoteAddress();
            computed.add(from.getAddress().getHostAddress());
            try {
                go.await();
                Thread.sleep(millis);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            context.fireUserEventTriggered(SslHandshakeCompletionEvent.SUCCESS);
            context.fireChannelRead(Unpooled.wrappedBuffer(request));
            context.pipeline().remove(context.name());
            context.channel().config().setAutoRead(true);
        }

        @Override
        public SslHandler newUpstreamHandler(
                Transport.Tls transport, Endpoint endpoint, ByteBufAllocator allocator) {
            throw new IllegalStateException("backends are plain");
        }
    }

    @BeforeEach
    void watch() {
        Leaks.watch();
    }

    @AfterEach
    void end() throws Exception {
        tls.go.countDown();
        for (RawClient client : flood) {
            client.close();
        }
        proxy.close();
        Leaks.assertNone();
    }

    private void begin(int underWay, int waiting, int floods) throws IOException {
        ProxyLimits limits =
                Altered.with(
                        ProxyLimits.DEFAULTS,
                        "entry.handshakesPerLoop",
                        underWay,
                        "entry.handshakesWaiting",
                        waiting);
        proxy =
                new ProxyFixture(
                        limits,
                        TransportKind.EPOLL,
                        tls,
                        true,
                        RawBackend.answering(RawBackend.ok("ok")));
        for (int i = 0; i < floods; i++) {
            flood.add(RawClient.from(proxy.address, FLOOD));
        }
    }

    /** The first occupies the loop until the tests say go, so that the others' are there together. */
    private void helloOfAll() throws IOException {
        flood.getFirst().send("x");
        proxy.eventually("the first is computed", () -> tls.computed.size() == 1);
        for (RawClient client : flood.subList(1, flood.size())) {
            client.send("x");
        }
    }

    @Test
    void a_flood_from_one_address_delays_another_s_handshake_by_one() throws Exception {
        begin(100, 100, 30);
        try (RawClient honest = RawClient.from(proxy.address, HONEST)) {
            proxy.eventually("all are there", () -> proxy.server.clientConnections() == 31);
            helloOfAll();
            honest.send("x");
            tls.go.countDown();
            assertEquals(200, honest.get("/").response().status());
            proxy.eventually("all had theirs", () -> tls.computed.size() == 31);
            assertTrue(tls.computed.indexOf(HONEST) <= 2, tls.computed::toString);
        }
    }

    @Test
    void requests_are_served_between_the_handshakes_of_a_flood() throws Exception {
        begin(100, 100, 40);
        tls.millis = 20;
        try (RawClient honest = RawClient.from(proxy.address, HONEST)) {
            proxy.eventually("all are there", () -> proxy.server.clientConnections() == 41);
            RawClient first = flood.getFirst();
            first.send("x");
            tls.go.countDown();
            honest.send("x");
            assertEquals(200, honest.get("/").response().status());
            for (RawClient client : flood.subList(1, flood.size())) {
                client.send("x");
            }
            assertEquals(200, honest.get("/").response().status());
            assertTrue(tls.computed.size() < 30, tls.computed::toString);
        }
    }

    @Test
    void whoever_is_alone_is_not_held_back() throws Exception {
        begin(100, 100, 40);
        proxy.eventually("all are there", () -> proxy.server.clientConnections() == 40);
        helloOfAll();
        tls.go.countDown();
        for (RawClient client : flood) {
            assertEquals(200, client.get("/").response().status());
        }
        assertEquals(Collections.nCopies(40, FLOOD), tls.computed);
        assertEquals(0, proxy.fired(Limit.HANDSHAKES));
        assertEquals(0, proxy.fired(Limit.HANDSHAKES_WAITING));
    }

    @Test
    void beyond_so_many_the_oldest_of_the_address_with_most_gives_way() throws Exception {
        begin(4, 100, 0);
        try (RawClient slow = RawClient.from(proxy.address, HONEST)) {
            proxy.eventually("it is there", () -> proxy.server.clientConnections() == 1);
            for (int i = 0; i < 3; i++) {
                flood.add(RawClient.from(proxy.address, FLOOD));
            }
            proxy.eventually("all are there", () -> proxy.server.clientConnections() == 4);
            flood.add(RawClient.from(proxy.address, FLOOD));
            assertTrue(flood.getFirst().closed());
            assertEquals(1, proxy.fired(Limit.HANDSHAKES));
            tls.go.countDown();
            assertEquals(200, slow.send("x").get("/").response().status());
            assertEquals(200, flood.get(1).send("x").get("/").response().status());
        }
    }

    @Test
    void of_one_address_so_many_wait_and_the_oldest_gives_way() throws Exception {
        begin(100, 3, 5);
        proxy.eventually("all are there", () -> proxy.server.clientConnections() == 5);
        helloOfAll();
        tls.go.countDown();
        proxy.eventually("one gave way", () -> proxy.server.clientConnections() == 4);
        assertEquals(1, proxy.fired(Limit.HANDSHAKES_WAITING));
        assertEquals(200, flood.getLast().get("/").response().status());
        assertEquals(200, flood.getFirst().get("/").response().status());
    }
}

package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Settings;
import dev.fairway.contract.Settings.Forwarding;
import dev.fairway.contract.Settings.ProxyProtocol;
import dev.fairway.dataplane.http1.CanonicalRequest;
import dev.fairway.dataplane.http1.HeadWriter;
import dev.fairway.dataplane.http1.RequestHead;
import dev.fairway.dataplane.http1.ResponseHead;
import dev.fairway.dataplane.http1.Trailers;
import dev.fairway.dataplane.http2.FieldBlock;
import dev.fairway.dataplane.http2.HeaderBlock;
import dev.fairway.dataplane.policy.AddressSet;
import io.netty.channel.EventLoop;
import io.netty.util.ResourceLeakDetector;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one event loop owns besides its channels: deadlines, upstream connections, heads to reuse,
 * outlets to flush. Client and upstream side of an exchange live on one loop, so nothing here is
 * shared. All methods run on the loop, but for the gauges' reads.
 */
final class Loop implements Executor, ResponseReader.Heads {
    private static final int HEADS_KEPT = 256;
    private static final int EXCHANGES_KEPT = 256;
    private static final DateTimeFormatter IMF_FIXDATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private final EventLoop executor;
    private final Engine engine;
    private final LoopClock clock;
    private final DeadlineWheel wheel = new DeadlineWheel(System.nanoTime());
    private final WriteBuffers buffers = new WriteBuffers();
    private final ReceiveBuffers clientReceive;
    private final ReceiveBuffers upstreamReceive;
    private final HeadWriter writer = new HeadWriter();
    private final FieldBlock fieldBlock = new FieldBlock();
    private final HeaderBlock headerBlock = new HeaderBlock();
    private final Trailers trailers = new Trailers();
    private final ArrayList<Outlet> unflushed = new ArrayList<>();
    private final ArrayList<Outlet> unflushedShared = new ArrayList<>();
    private final ArrayDeque<RequestHead> requestHeads = new ArrayDeque<>();
    private final ArrayDeque<ResponseHead> responseHeads = new ArrayDeque<>();
    private final ArrayDeque<Exchange> ended = new ArrayDeque<>();
    private @Nullable Settings exchangesOf;
    private final Set<Downstream> clients = new LinkedHashSet<>();
    private final Handshakes handshakes;
    private final Turns turns;
    private final SplittableRandom random = new SplittableRandom();
    private final UpstreamPool pool;
    private final ClientWaits waits;
    private final ByteBuffer probe = ByteBuffer.allocateDirect(1);
    private TrustedPeers trusted = new TrustedPeers(Forwarding.UNTRUSTED);
    private @Nullable ProxyProtocol proxyProtocol;
    private AddressSet introducers = new AddressSet(List.of());
    private byte[] date = new byte[0];
    private long dateSecond = -1;
    private long relieved;

    // Read by gauges on any thread: stale by a moment is fine.
    int exchanges;
    int retrying;
    int hedging;

    Loop(EventLoop executor, LoopClock clock, Engine engine) {
        this.executor = executor;
        this.engine = engine;
        this.clock = clock;
        // io_uring holds a buffer for each channel that waits; a leak is looked for in buffers of
        // their own.
        boolean shares =
                engine.transport() != TransportKind.IO_URING && !ResourceLeakDetector.isEnabled();
        this.clientReceive = new ReceiveBuffers(2048, 64 << 10, shares);
        this.upstreamReceive = new ReceiveBuffers(4096, 256 << 10, shares);
        this.pool = new UpstreamPool(this, engine);
        this.waits = new ClientWaits(engine, this);
        this.handshakes = new Handshakes(engine, this);
        this.turns = new Turns(engine, this);
    }

    void start() {
        executor.execute(() -> clock.afterTurn(this::turned));
        executor.scheduleAtFixedRate(
                this::sweep,
                DeadlineWheel.TICK_NANOS,
                DeadlineWheel.TICK_NANOS,
                TimeUnit.NANOSECONDS);
    }

    /** Its thread is gone. */
    void ended() {
        buffers.release();
        clientReceive.release();
        upstreamReceive.release();
    }

    private void turned() {
        turns.turn();
        handshakes.turn();
        flush();
    }

    private void sweep() {
        long now = System.nanoTime();
        wheel.sweep(now);
        if (now - relieved >= Overload.SAMPLE_NANOS) {
            relieved = now;
            ProxyLimits.Entry limits = engine.limits().entry();
            engine.connections().makeRoom(clients, now);
            engine.overload()
                    .relieve(
                            clients,
                            waits,
                            now - limits.pressedIdle().toNanos(),
                            limits.pressedStall().toNanos());
        }
        pool.sweep(now);
        flush();
    }

    EventLoop executor() {
        return executor;
    }

    /** Runs it here, and flushes what it wrote. */
    @Override
    public void execute(Runnable task) {
        executor.execute(() -> {
            task.run();
            flush();
        });
    }

    LoopClock clock() {
        return clock;
    }

    /** The loop's own time. */
    long now() {
        return clock.now();
    }

    ReceiveBuffers clientReceive() {
        return clientReceive;
    }

    ReceiveBuffers upstreamReceive() {
        return upstreamReceive;
    }

    WriteBuffers buffers() {
        return buffers;
    }

    DeadlineWheel wheel() {
        return wheel;
    }

    HeadWriter writer() {
        return writer;
    }

    /** For HTTP/2's header blocks as they are read; empty between two. */
    FieldBlock fieldBlock() {
        return fieldBlock;
    }

    /** For those that are written. */
    HeaderBlock headerBlock() {
        return headerBlock;
    }

    /** For HTTP/2's trailers as they are read; empty. */
    Trailers trailers() {
        trailers.clear();
        return trailers;
    }

    UpstreamPool pool() {
        return pool;
    }

    ClientWaits waits() {
        return waits;
    }

    SplittableRandom random() {
        return random;
    }

    /** One byte to read into, where nothing is expected. */
    ByteBuffer probe() {
        return probe.clear();
    }

    /** The compiled form of a generation's setting; the last one is kept. */
    TrustedPeers trusted(Forwarding forwarding) {
        if (trusted.forwarding() != forwarding) {
            trusted = new TrustedPeers(forwarding);
        }
        return trusted;
    }

    Handshakes handshakes() {
        return handshakes;
    }

    Turns turns() {
        return turns;
    }

    /** Whose PROXY headers are believed; the last setting's is kept. */
    AddressSet introducers(ProxyProtocol setting) {
        if (proxyProtocol != setting) {
            proxyProtocol = setting;
            introducers = new AddressSet(setting.trusted());
        }
        return introducers;
    }

    Set<Downstream> clients() {
        return clients;
    }

    /** What one request uses goes out when the channel that caused it was read. */
    void flushLater(Outlet outlet) {
        unflushed.add(outlet);
    }

    /**
     * What many requests share goes out when all that the kernel had was read, since the others'
     * channels are mostly among it: one system call and one TLS record for all.
     */
    void flushTogether(Outlet outlet) {
        unflushedShared.add(outlet);
    }

    /** Ends a read cycle. A flush may write elsewhere (an error closes a channel): until none waits. */
    void flush() {
        boolean more = clock.turning();
        while (!unflushed.isEmpty() || !(more || unflushedShared.isEmpty())) {
            (unflushed.isEmpty() ? unflushedShared : unflushed).removeLast().flush();
        }
        if (unflushedShared.isEmpty()) {
            buffers.collect();
        }
        clock.pass();
    }

    Exchange exchange(
            ClientStream client, CanonicalRequest request, Settings settings, long beganNanos) {
        Exchange again = exchangesOf == settings ? ended.pollFirst() : null;
        if (again == null) {
            return new Exchange(engine, this, client, request, settings, beganNanos);
        }
        again.renew(client, request, settings, beganNanos);
        return again;
    }

    /** The client's last word on it. One that ended otherwise than most is not used again. */
    void reuse(Exchange exchange) {
        if (!exchange.reusable()) {
            return;
        }
        if (exchange.settings() != exchangesOf) {
            exchangesOf = exchange.settings();
            ended.clear(); // they pin the snapshot before
        }
        if (ended.size() < EXCHANGES_KEPT) {
            ended.addFirst(exchange);
        }
    }

    RequestHead requestHead() {
        RequestHead head = requestHeads.pollFirst();
        if (head == null) {
            head = new RequestHead();
        }
        head.clear();
        return head;
    }

    void reuse(RequestHead head) {
        if (requestHeads.size() < HEADS_KEPT) {
            requestHeads.addFirst(head);
        }
    }

    @Override
    public ResponseHead responseHead() {
        ResponseHead head = responseHeads.pollFirst();
        if (head == null) {
            head = new ResponseHead();
        }
        head.clear();
        return head;
    }

    @Override
    public void reuse(ResponseHead head) {
        if (responseHeads.size() < HEADS_KEPT) {
            responseHeads.addFirst(head);
        }
    }

    /** The Date of this second, RFC 9110 5.6.7. */
    byte[] date() {
        long second = System.currentTimeMillis() / 1000;
        if (second != dateSecond) {
            dateSecond = second;
            date =
                    IMF_FIXDATE
                            .format(Instant.ofEpochSecond(second))
                            .getBytes(StandardCharsets.US_ASCII);
        }
        return date;
    }
}

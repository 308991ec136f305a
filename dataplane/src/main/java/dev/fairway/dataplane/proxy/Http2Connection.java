package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Settings;
import dev.fairway.dataplane.generation.Generation;
import dev.fairway.dataplane.http1.Fault;
import dev.fairway.dataplane.http1.HeadLimits;
import dev.fairway.dataplane.http1.RequestHead;
import dev.fairway.dataplane.http1.Trailers;
import dev.fairway.dataplane.http2.ErrorCode;
import dev.fairway.dataplane.http2.FieldBlock;
import dev.fairway.dataplane.http2.FrameReader;
import dev.fairway.dataplane.http2.HpackDecoder;
import dev.fairway.dataplane.http2.Http2;
import dev.fairway.dataplane.http2.PeerSettings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.collection.IntObjectHashMap;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 client connection: frames go straight to the exchanges of its streams, and theirs come back,
 * one flush each turn of the loop.
 *
 * <pre>
 * PREFACE ─▶ OPEN ─▶ LEAVING (a first GOAWAY: go elsewhere) ─▶ LEFT (the last one: no more streams) ─▶ CLOSED
 *    └─────────┴─────────┴── a connection error ─────────────────┴─▶ CLOSED
 * </pre>
 *
 * Owned by its event loop.
 */
final class Http2Connection extends ChannelInboundHandlerAdapter
        implements Downstream, FrameReader.Receiver {
    private static final long TICK_NANOS = 250_000_000;

    /** How long a client may take to hear that it should leave, if it answers no PING. */
    private static final long LEAVING_NANOS = 1_000_000_000;

    private static final long LEAVING_PING = 0x6661697277617931L;
    private static final int SETTINGS_WEIGHT = 10;

    /** After so much of a read it is asked whether others wait: a request weighs 8, a DATA frame 1. */
    private static final int WORK_AT_ONCE = 64;

    private static final int REQUEST_WORK = 8;

    private enum Phase {
        PREFACE,
        OPEN,
        LEAVING,
        LEFT,
        CLOSED
    }

    private final Engine engine;
    private final Loop loop;
    private final Channel channel;
    private final ForwardedHeaders who;
    private final Turns.Party party;
    private final Http2Limits limits;
    private final HeadLimits headLimits;
    private final PeerSettings peer = new PeerSettings();
    private final Http2Guard guard;
    private final Http2Output out;
    private final FrameReader reader = new FrameReader(this);
    private final HpackDecoder decoder = new HpackDecoder();
    private final WriteStall stall;
    private final IntObjectHashMap<Http2Stream> streams = new IntObjectHashMap<>(4);
    private final ClosedStreams closed = new ClosedStreams();
    private final long began;
    private final Deadline deadline =
            new Deadline() {
                @Override
                void expired() {
                    tick(System.nanoTime());
                }
            };

    private final int concurrentStreams;
    private Settings settings;
    private Phase phase = Phase.PREFACE;
    private int prefaceRead;
    private boolean ticking;
    private long idleSince;
    private boolean acknowledged;
    private long leavingSince;
    private int unfinishedAt;
    private long unfinishedSince;

    private int lastStream;
    private int requests;
    private int receiveWindow;
    private int returned;

    /** Whose DATA frame is being read; null: nobody's. */
    private @Nullable Http2Stream reading;

    /** What came beyond a turn's share; null: never anything. */
    private @Nullable Intake intake;

    private boolean waitsForTurn;
    private int work;

    Http2Connection(Engine engine, Loop loop, Channel channel, ForwardedHeaders who) {
        this.engine = engine;
        this.loop = loop;
        this.channel = channel;
        this.who = who;
        this.party = loop.turns().entered(who.peer());
        this.limits = engine.limits().http2();
        this.guard = new Http2Guard(limits, loop);
        this.out = new Http2Output(loop, channel, guard, peer, limits.controlQueued());
        this.stall = new WriteStall(engine, loop, channel);
        this.settings = engine.settings();
        this.headLimits = engine.head(settings);
        this.concurrentStreams = settings.http2OrDefault().streams();
        this.began = loop.now();
        this.idleSince = began;
        this.receiveWindow = limits.connectionWindow();
    }

    ForwardedHeaders who() {
        return who;
    }

    ByteBufAllocator alloc() {
        return channel.alloc();
    }

    /** Our settings are the first thing said (RFC 9113 3.4). */
    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        loop.clients().add(this);
        out.settings(
                Http2.SETTINGS_MAX_CONCURRENT_STREAMS,
                concurrentStreams,
                Http2.SETTINGS_INITIAL_WINDOW_SIZE,
                limits.streamWindow(),
                Http2.SETTINGS_MAX_HEADER_LIST_SIZE,
                headLimits.headBytes(),
                Http2.SETTINGS_ENABLE_CONNECT_PROTOCOL,
                1);
        int more = limits.connectionWindow() - Http2.INITIAL_WINDOW;
        if (more > 0) {
            out.windowUpdate(0, more);
        }
        loop.wheel().set(deadline, began, settings.headTimeout().toNanos());
        loop.execute(() -> {}); // flushes, also when nothing is being read
    }

    // What comes.

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        boolean itsTurn = loop.turns().begins(party);
        if (phase == Phase.CLOSED) {
            in.release();
        } else if (waitsForTurn) {
            intake().addLast(in);
        } else if (itsTurn) {
            read(in);
        } else {
            engine.fire(Limit.TURN_SHARE);
            intake().addLast(in);
            awaitTurn();
        }
    }

    /** Takes the bytes over: what its turn does not suffice for is held. */
    private void read(ByteBuf in) {
        try {
            if (preface(in)) {
                reader.read(in);
                noteUnfinished();
            }
            if (out.flooded() && phase != Phase.CLOSED) {
                engine.fire(Limit.HTTP2_CONTROL_QUEUE);
                fail(ErrorCode.ENHANCE_YOUR_CALM);
            }
            if (reader.paused() && in.isReadable() && phase != Phase.CLOSED) {
                engine.fire(Limit.TURN_SHARE);
                intake().addFirst(in.retain());
                awaitTurn();
            }
        } finally {
            in.release();
        }
    }

    private Intake intake() {
        Intake held = intake;
        if (held == null) {
            held = new Intake(engine, channel);
            intake = held;
        }
        return held;
    }

    private void awaitTurn() {
        waitsForTurn = true;
        loop.turns().await(party, channel, this::nextTurn);
    }

    /** Goes on with a part of what is held. */
    private void nextTurn() {
        waitsForTurn = false;
        ByteBuf next = intake().poll();
        if (next != null) {
            read(next); // never when closed: nothing is held then
            if (!waitsForTurn && phase != Phase.CLOSED) {
                awaitTurn();
            }
        }
    }

    private void releaseHeld() {
        Intake held = intake;
        if (held != null) {
            held.release();
            held.open();
        }
    }

    /** Counts what was read, in the middle of it: others may wait. */
    private void worked(int weight) {
        work += weight;
        if (work >= WORK_AT_ONCE) {
            work = 0;
            if (!loop.turns().goesOn(party)) {
                reader.pause();
            }
        }
    }

    private boolean preface(ByteBuf in) {
        while (prefaceRead < Http2.PREFACE.length && in.isReadable()) {
            if (in.readByte() != Http2.PREFACE[prefaceRead++]) {
                fail(ErrorCode.PROTOCOL_ERROR);
                return false;
            }
        }
        return in.isReadable();
    }

    /** A head that never ends is a slow head, whatever the frames it comes in. */
    private void noteUnfinished() {
        if (!reader.unfinished()) {
            unfinishedSince = 0;
        } else if (unfinishedSince == 0 || unfinishedAt != reader.finished()) {
            unfinishedSince = loop.now();
            unfinishedAt = reader.finished();
            beginTicking();
        }
    }

    private static boolean isClients(int stream) {
        return (stream & 1) == 1;
    }

    /** Whether nothing was ever said of this stream. */
    private boolean isIdle(int stream) {
        return stream > lastStream || !isClients(stream);
    }

    @Override
    public void headers(
            int stream,
            byte[] block,
            int from,
            int to,
            boolean endStream,
            boolean dependsOnItself) {
        worked(REQUEST_WORK);
        Http2Stream known = streams.get(stream);
        if (known != null) {
            trailers(known, block, from, to, endStream && !dependsOnItself);
        } else if (!isClients(stream)) {
            connectionError(ErrorCode.PROTOCOL_ERROR);
        } else if (stream <= lastStream) {
            if (skipped(block, from, to)) {
                headersAfterEnd(stream);
            }
        } else {
            lastStream = stream;
            guard.stream();
            if (phase == Phase.LEFT) {
                if (skipped(block, from, to)) {
                    closed.add(stream, ClosedStreams.End.RESET_BY_US);
                }
            } else if (dependsOnItself) {
                if (skipped(block, from, to)) {
                    reset(stream, ErrorCode.PROTOCOL_ERROR);
                }
            } else if (streams.size() >= concurrentStreams) {
                if (skipped(block, from, to)) {
                    engine.fire(Limit.HTTP2_STREAMS);
                    reset(stream, ErrorCode.REFUSED_STREAM);
                }
            } else {
                request(stream, block, from, to, endStream);
            }
        }
    }

    /** Decodes a block nobody wants, for the table's sake. */
    private boolean skipped(byte[] block, int from, int to) {
        FieldBlock fields = loop.fieldBlock();
        fields.begin(FieldBlock.Part.TRAILERS, null, headLimits);
        if (decoder.decode(block, from, to, fields)) {
            return true;
        }
        connectionError(ErrorCode.COMPRESSION_ERROR);
        return false;
    }

    private void headersAfterEnd(int stream) {
        switch (closed.of(stream)) {
            case RESET_BY_US -> control(1);
            case RESET_BY_CLIENT -> reset(stream, ErrorCode.STREAM_CLOSED);
            case COMPLETE -> connectionError(ErrorCode.STREAM_CLOSED);
            case UNKNOWN -> connectionError(ErrorCode.PROTOCOL_ERROR);
        }
    }

    private void request(int id, byte[] block, int from, int to, boolean endStream) {
        RequestHead head = loop.requestHead();
        FieldBlock fields = loop.fieldBlock();
        fields.begin(FieldBlock.Part.REQUEST, head, headLimits);
        if (!decoder.decode(block, from, to, fields)) {
            loop.reuse(head);
            connectionError(ErrorCode.COMPRESSION_ERROR);
            return;
        }
        Generation generation = engine.generations().get();
        settings = generation == null ? Settings.DEFAULTS : generation.settings();
        Fault fault = fields.request(head, this::webSocketKey);
        if (fault == null) {
            fault = head.interpretStream(settings.underscoresInHeaders(), !endStream);
        }
        if (head.droppedUnderscores() > 0) {
            engine.counters().fire(Limit.UNDERSCORE_NAME, head.droppedUnderscores());
        }
        if (fault == Fault.MALFORMED) {
            loop.reuse(head);
            reset(id, ErrorCode.PROTOCOL_ERROR);
            return;
        }
        requests++;
        Http2Stream stream =
                new Http2Stream(engine, loop, this, out, id, head, settings, peer.window());
        streams.put(id, stream);
        beginTicking();
        if (fault == null) {
            stream.begin(head, generation, endStream);
        } else {
            stream.refuse(fault, endStream);
        }
        if (phase == Phase.OPEN) {
            leaveWhenSpent();
        }
    }

    /** Of a handshake we make for the client (RFC 6455 4.1). */
    private String webSocketKey() {
        byte[] key = new byte[16];
        loop.random().nextBytes(key);
        return Base64.getEncoder().encodeToString(key);
    }

    private void leaveWhenSpent() {
        if (requests >= settings.keepAliveRequests()) {
            engine.fire(Limit.REQUESTS_PER_CONNECTION);
            leave();
        } else if (loop.now() - began >= engine.limits().entry().lifetime().toNanos()) {
            engine.fire(Limit.CONNECTION_LIFETIME);
            leave();
        } else if (engine.overload().atLeast(Pressure.NO_KEEP_ALIVE)) {
            engine.fire(Limit.PRESSURE_KEEP_ALIVE);
            leave();
        }
    }

    private void trailers(
            Http2Stream stream, byte[] block, int from, int to, boolean endStreamRightly) {
        Trailers behind = new Trailers();
        FieldBlock fields = loop.fieldBlock();
        fields.begin(FieldBlock.Part.TRAILERS, behind, headLimits);
        if (!decoder.decode(block, from, to, fields)) {
            connectionError(ErrorCode.COMPRESSION_ERROR);
        } else if (stream.requestEnded()) {
            streamError(stream, ErrorCode.STREAM_CLOSED);
        } else if (!endStreamRightly || fields.trailers() != null) {
            streamError(stream, ErrorCode.PROTOCOL_ERROR);
        } else {
            stream.requestEnds(behind);
        }
    }

    @Override
    public void dataBegin(int id, int length, int content, boolean endStream) {
        worked(1);
        reading = null;
        receiveWindow -= length;
        if (receiveWindow < 0) {
            engine.fire(Limit.HTTP2_WINDOW);
            fail(ErrorCode.FLOW_CONTROL_ERROR);
            return;
        }
        Http2Stream stream = streams.get(id);
        if (stream == null) {
            giveBack(length);
            dataAfterEnd(id);
        } else if (stream.requestEnded()) {
            giveBack(length);
            streamError(stream, ErrorCode.STREAM_CLOSED);
        } else if (!stream.takes(length)) {
            giveBack(length);
            engine.fire(Limit.HTTP2_WINDOW);
            streamError(stream, ErrorCode.FLOW_CONTROL_ERROR);
        } else if (content > 0 || endStream) {
            guard.fullData();
            begin(stream, length - content);
        } else if (guard.emptyData()) {
            begin(stream, length);
        } else {
            flood(Limit.HTTP2_EMPTY_FRAMES);
        }
    }

    private void begin(Http2Stream stream, int padding) {
        reading = stream;
        if (padding > 0) {
            stream.padding(padding);
        }
    }

    private void dataAfterEnd(int id) {
        if (isIdle(id)) {
            connectionError(ErrorCode.PROTOCOL_ERROR);
        } else if (closed.of(id) == ClosedStreams.End.RESET_BY_US) {
            control(1);
        } else {
            reset(id, ErrorCode.STREAM_CLOSED);
        }
    }

    @Override
    public void data(int id, ByteBuf piece) {
        Http2Stream stream = reading;
        if (stream == null) {
            piece.release();
        } else {
            stream.data(piece);
        }
    }

    @Override
    public void dataEnd(int id, boolean endStream) {
        Http2Stream stream = reading;
        reading = null;
        if (stream != null && endStream) {
            stream.requestEnds(null);
        }
    }

    @Override
    public void priority(int stream) {
        if (!guard.priority()) {
            flood(Limit.HTTP2_PRIORITIES);
        }
    }

    @Override
    public void reset(int id, int code) {
        Http2Stream stream = streams.get(id);
        if (stream != null) {
            boolean calm = guard.reset();
            closed.add(id, ClosedStreams.End.RESET_BY_CLIENT);
            stream.close();
            if (!calm) {
                engine.fire(Limit.HTTP2_RESETS);
                fail(ErrorCode.ENHANCE_YOUR_CALM);
            }
        } else if (isIdle(id)) {
            connectionError(ErrorCode.PROTOCOL_ERROR);
        } else {
            control(1);
        }
    }

    @Override
    public @Nullable ErrorCode setting(int id, int value) {
        int before = peer.window();
        ErrorCode code = peer.apply(id, value);
        if (code != null) {
            return code;
        }
        if (id == Http2.SETTINGS_HEADER_TABLE_SIZE) {
            out.tableBytes(peer.tableBytes());
        } else if (id == Http2.SETTINGS_INITIAL_WINDOW_SIZE) {
            for (Http2Stream stream : streams.values()) {
                if (!stream.grow(peer.window() - before)) {
                    return ErrorCode.FLOW_CONTROL_ERROR;
                }
            }
        }
        return null;
    }

    @Override
    public void settingsEnd() {
        if (phase == Phase.PREFACE) {
            phase = Phase.OPEN;
            idle();
        }
        if (control(SETTINGS_WEIGHT)) {
            out.settingsAck();
            out.pump();
        }
    }

    @Override
    public void settingsAcknowledged() {
        acknowledged = true;
        control(1);
    }

    @Override
    public void ping(long payload, boolean acknowledged) {
        if (!control(1)) {
            return;
        }
        if (!acknowledged) {
            out.ping(payload, true);
        } else if (phase == Phase.LEAVING && payload == LEAVING_PING) {
            lastGoAway();
        }
    }

    /** The client opens no more streams; it may still take responses. */
    @Override
    public void goAway(int last, int code) {
        if (control(1) && (phase == Phase.OPEN || phase == Phase.LEAVING)) {
            phase = Phase.LEFT;
            closeWhenLeft();
        }
    }

    @Override
    public void windowUpdate(int id, int increment) {
        if (!guard.windowUpdate()) {
            flood(Limit.HTTP2_WINDOW_UPDATES);
        } else if (id == 0) {
            if (!out.grow(increment)) {
                connectionError(ErrorCode.FLOW_CONTROL_ERROR);
            }
        } else {
            Http2Stream stream = streams.get(id);
            if (stream == null) {
                if (isIdle(id)) {
                    connectionError(ErrorCode.PROTOCOL_ERROR);
                }
            } else if (stream.grow(increment)) {
                out.pump();
            } else {
                streamError(stream, ErrorCode.FLOW_CONTROL_ERROR);
            }
        }
    }

    @Override
    public void unknown(int type) {
        control(1);
    }

    private boolean control(int weight) {
        boolean fine = guard.control(weight);
        if (!fine) {
            flood(Limit.HTTP2_CONTROL_FRAMES);
        }
        return fine;
    }

    private void flood(Limit limit) {
        engine.fire(limit);
        fail(ErrorCode.ENHANCE_YOUR_CALM);
    }

    @Override
    public void streamError(int id, ErrorCode code) {
        Http2Stream stream = streams.get(id);
        if (stream != null) {
            streamError(stream, code);
        } else if (isIdle(id)) {
            connectionError(code);
        } else {
            control(1);
        }
    }

    // What streams say.

    /** The client's fault: the stream is reset and what it wanted stops. */
    void streamError(Http2Stream stream, ErrorCode code) {
        reset(stream, code);
    }

    /** Ends a stream from our side. */
    void reset(Http2Stream stream, ErrorCode code) {
        reset(stream.id(), code);
        stream.close();
    }

    private void reset(int id, ErrorCode code) {
        closed.add(id, ClosedStreams.End.RESET_BY_US);
        out.reset(id, code);
        if (!guard.provoked() && phase != Phase.CLOSED) {
            engine.fire(Limit.HTTP2_RESETS);
            fail(ErrorCode.ENHANCE_YOUR_CALM);
        }
    }

    /** No fault of the client's. */
    void write(Http2Stream stream, ErrorCode code) {
        closed.add(stream.id(), ClosedStreams.End.RESET_BY_US);
        out.reset(stream.id(), code);
    }

    /** Its response is out. A request that is still coming is of no use any more (RFC 9113 8.1). */
    void completed(Http2Stream stream) {
        if (stream.requestEnded()) {
            closed.add(stream.id(), ClosedStreams.End.COMPLETE);
        } else {
            write(stream, ErrorCode.NO_ERROR);
        }
        gone(stream);
    }

    /** Its exchange ended, and the stream with it. */
    void gone(Http2Stream stream) {
        streams.remove(stream.id());
        if (streams.isEmpty()) {
            idleSince = loop.now();
            closeWhenLeft();
        }
    }

    /** A backend took so many bytes of a request, or they are of no use. */
    void giveBack(int size) {
        returned += size;
        if (returned >= limits.connectionWindow() / 2 && phase != Phase.CLOSED) {
            out.windowUpdate(0, returned);
            receiveWindow += returned;
            returned = 0;
        }
    }

    // Time.

    private void beginTicking() {
        if (!ticking && phase != Phase.CLOSED && phase != Phase.PREFACE) {
            ticking = true;
            loop.wheel().set(deadline, loop.now(), TICK_NANOS);
        }
    }

    /** Nothing is under way: only the connection's own time runs. */
    private void idle() {
        ticking = false;
        long due = idleSince + keepAliveNanos();
        long acknowledgeBy = began + limits.settingsAck().toNanos();
        boolean soon = !acknowledged && acknowledgeBy - due < 0;
        loop.wheel().set(deadline, began, (soon ? acknowledgeBy : due) - began);
    }

    private void tick(long now) {
        switch (phase) {
            case PREFACE -> {
                engine.fire(Limit.HEAD_TIME);
                channel.close();
            }
            case CLOSED -> {
                engine.fire(Limit.LINGER);
                channel.close();
            }
            case OPEN, LEAVING, LEFT -> tickOpen(now);
        }
        loop.flush();
    }

    /** A connection that may not be kept still gets to its first request. */
    private long keepAliveNanos() {
        Duration time =
                requests == 0 && settings.keepAlive().isZero()
                        ? settings.headTimeout()
                        : settings.keepAlive();
        return time.toNanos();
    }

    private void tickOpen(long now) {
        // One that is in the middle of a body may have sent all of it before it heard of us.
        if (!acknowledged && reading == null && now - began >= limits.settingsAck().toNanos()) {
            engine.fire(Limit.HTTP2_SETTINGS_TIME);
            fail(ErrorCode.SETTINGS_TIMEOUT);
            return;
        }
        if (unfinishedSince != 0
                && reader.unfinished()
                && unfinishedAt == reader.finished()
                && now - unfinishedSince >= settings.headTimeout().toNanos()) {
            engine.fire(Limit.HEAD_TIME);
            fail(ErrorCode.ENHANCE_YOUR_CALM);
            return;
        }
        if (phase == Phase.LEAVING && now - leavingSince >= LEAVING_NANOS) {
            lastGoAway();
        }
        if (!streams.isEmpty()) {
            for (Http2Stream stream : List.copyOf(streams.values())) {
                stream.tick(now);
            }
        } else if (now - idleSince >= keepAliveNanos()) {
            engine.fire(Limit.KEEP_ALIVE_IDLE);
            out.goAway(lastStream, ErrorCode.NO_ERROR);
            close();
            return;
        }
        if (phase == Phase.CLOSED) {
            return;
        }
        if (streams.isEmpty() && phase == Phase.OPEN && unfinishedSince == 0) {
            idle();
        } else {
            loop.wheel().set(deadline, now, TICK_NANOS);
        }
    }

    // The connection's end.

    /**
     * Leaves when the process does, whatever is under way: that ends first. While memory is short, closes
     * what is unused.
     */
    @Override
    public boolean closeIfIdle(long nanos) {
        if (engine.draining()) {
            boolean first = phase == Phase.OPEN;
            leave();
            return first;
        }
        if (phase == Phase.OPEN && streams.isEmpty() && idleSince - nanos <= 0) {
            out.goAway(lastStream, ErrorCode.NO_ERROR);
            close();
            loop.flush();
            return true;
        }
        return false;
    }

    /** The first of two steps (RFC 9113 6.8): requests that are on their way are still served. */
    private void leave() {
        if (phase == Phase.OPEN) {
            phase = Phase.LEAVING;
            leavingSince = loop.now();
            out.goAway(Http2.MAX_STREAM, ErrorCode.NO_ERROR);
            out.ping(LEAVING_PING, false);
            ticking = true;
            loop.wheel().set(deadline, leavingSince, TICK_NANOS);
            loop.execute(() -> {}); // flushes
        }
    }

    private void lastGoAway() {
        phase = Phase.LEFT;
        out.goAway(lastStream, ErrorCode.NO_ERROR);
        closeWhenLeft();
    }

    private void closeWhenLeft() {
        if (phase == Phase.LEFT && streams.isEmpty()) {
            close();
        }
    }

    @Override
    public void connectionError(ErrorCode code) {
        engine.fire(
                code == ErrorCode.ENHANCE_YOUR_CALM ? Limit.HTTP2_CONTINUATION : Limit.HTTP2_ERROR);
        fail(code);
    }

    /** Says why, and ends everything. */
    private void fail(ErrorCode code) {
        if (phase != Phase.CLOSED) {
            out.goAway(lastStream, code);
            close();
        }
    }

    /** What was written goes out; what still comes is thrown away. */
    private void close() {
        if (phase == Phase.CLOSED) {
            return;
        }
        phase = Phase.CLOSED;
        reader.stop();
        releaseHeld();
        endStreams();
        loop.wheel().set(deadline, loop.now(), engine.limits().client().writeStall().toNanos());
        long linger = engine.limits().client().linger().toNanos();
        Farewell.shutdown(
                channel, out.outlet(), () -> loop.wheel().set(deadline, loop.now(), linger));
    }

    private void endStreams() {
        for (Http2Stream stream : List.copyOf(streams.values())) {
            stream.close();
        }
        streams.clear();
    }

    @Override
    public byte[] peer() {
        return who.peer();
    }

    @Override
    public long heldBytes() {
        Intake came = intake;
        long held = out.pending() + (came == null ? 0 : came.bytes());
        for (Http2Stream stream : streams.values()) {
            held += stream.heldBytes();
        }
        return held;
    }

    @Override
    public void cut() {
        channel.close();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        loop.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        boolean writable = channel.isWritable();
        stall.writable(writable);
        if (writable) {
            out.drained();
            loop.flush();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        phase = Phase.CLOSED;
        reader.stop();
        releaseHeld();
        loop.clients().remove(this);
        loop.turns().left(party);
        endStreams();
        loop.wheel().remove(deadline);
        stall.end();
        loop.flush();
    }

    /** Resets, and TLS records that are none: nothing more to say on this connection. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        channel.close();
    }
}

package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.balance.Endpoint;
import dev.fairway.dataplane.http2.ErrorCode;
import dev.fairway.dataplane.http2.FrameReader;
import dev.fairway.dataplane.http2.Http2;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.collection.IntObjectHashMap;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection to a backend, with many requests at a time.
 *
 * <pre>
 * SETTLING (the backend's SETTINGS are to come) ─▶ OPEN ⇄ VERIFYING (after a long silence)
 *                                                   └─▶ LEAVING (takes no more streams) ─▶ CLOSED
 * </pre>
 *
 * What is wrong with one stream ends that stream; what is wrong with the connection ends them all, with
 * GOAWAY. Owned by its loop.
 */
final class UpstreamHttp2Connection extends ChannelInboundHandlerAdapter
        implements FrameReader.Receiver {
    private static final int REFUSED_STREAM = ErrorCode.REFUSED_STREAM.code();
    private static final int HTTP_1_1_REQUIRED = ErrorCode.HTTP_1_1_REQUIRED.code();
    private static final UpstreamHttp2Stream[] NONE = {};

    /** Ids are no scarcer than this: a connection this old may as well be made anew. */
    private static final int LAST_ID = Http2.MAX_STREAM - 2;

    private enum State {
        SETTLING,
        OPEN,
        VERIFYING,
        LEAVING,
        CLOSED
    }

    private final Loop loop;
    private final Engine engine;
    private final Endpoint endpoint;
    private final UpstreamHttp2Group group;
    private final Channel channel;
    private final UpstreamHttp2Limits limits;
    private final UpstreamFrames frames;
    private final FrameReader reader = new FrameReader(this);
    private final UpstreamHttp2Messages messages;
    private final IntObjectHashMap<UpstreamHttp2Stream> streams = new IntObjectHashMap<>();
    private final ControlBudget control;
    private final ControlBudget resets;
    private final Deadline deadline =
            new Deadline() {
                @Override
                void expired() {
                    timedOut();
                }
            };

    private State state = State.SETTLING;
    private int nextId = 1;

    /** Streams given to deliveries that have not begun yet. */
    private int promised;

    private @Nullable ArrayDeque<UpstreamHttp2Stream> awaiting;
    private int streamWindow = Http2.INITIAL_WINDOW;
    private long lastRead;
    private boolean heard;

    UpstreamHttp2Connection(
            Loop loop,
            Engine engine,
            Endpoint endpoint,
            UpstreamHttp2Group group,
            Channel channel,
            boolean https,
            UpstreamHttp2Limits limits) {
        this.loop = loop;
        this.engine = engine;
        this.endpoint = endpoint;
        this.group = group;
        this.channel = channel;
        this.limits = limits;
        this.frames = new UpstreamFrames(loop, channel, https);
        this.messages =
                new UpstreamHttp2Messages(loop, this, frames, engine.limits().upstream().head());
        this.lastRead = loop.now();
        long period = limits.period().toNanos();
        this.control = new ControlBudget(limits.control(), period, lastRead);
        this.resets = new ControlBudget(limits.resets(), period, lastRead);
    }

    /** Says hello; the group hears when streams may come. */
    void begin() {
        frames.begin(limits, engine.limits().upstream().head().headBytes());
        loop.wheel().set(deadline, loop.now(), limits.settle().toNanos());
    }

    // What the group says.

    /** Whether a stream may begin now. */
    boolean hasRoom() {
        return state == State.OPEN && used() < Math.min(limits.streams(), frames.peer().streams());
    }

    private int used() {
        return streams.size() + promised;
    }

    /**
     * How many more streams it takes, or will.
     *
     * @param unsettled that many, as long as the backend has not said
     */
    int promises(int unsettled) {
        return switch (state) {
            case SETTLING -> unsettled;
            case OPEN, VERIFYING -> {
                int most = Math.min(limits.streams(), frames.peer().streams());
                // One that takes none now may later: another connection would take none either.
                yield most == 0 ? unsettled : Math.max(0, most - used());
            }
            case LEAVING, CLOSED -> 0;
        };
    }

    /** Whether it takes streams, or will. */
    boolean serving() {
        return state != State.LEAVING && state != State.CLOSED;
    }

    /** Whether it was silent for so long that it has to be asked first. */
    boolean doubtful(long now) {
        return state == State.OPEN
                && streams.isEmpty()
                && now - lastRead >= limits.verifyAfter().toNanos();
    }

    void verify() {
        state = State.VERIFYING;
        frames.ping(loop.now(), false);
        loop.wheel().set(deadline, loop.now(), limits.verifyWithin().toNanos());
    }

    UpstreamHttp2Stream stream() {
        boolean reused = nextId > 1;
        promise(1);
        return new UpstreamHttp2Stream(this, frames, reused);
    }

    private void promise(int change) {
        boolean busy = used() > 0;
        promised += change;
        becameBusy(busy);
    }

    private void becameBusy(boolean before) {
        boolean busy = used() > 0;
        if (busy != before && state != State.CLOSED) {
            loop.pool().busy(busy ? 1 : -1);
        }
    }

    /** Whether it has been without a stream for so long. */
    boolean idleFor(long now, long nanos) {
        return used() == 0 && now - lastRead >= nanos;
    }

    /** Takes no more streams, and closes with the last. */
    void retire() {
        if (serving()) {
            state = State.LEAVING;
            loop.wheel().clear(deadline);
            group.left(this);
            closeWhenDone();
        }
    }

    private void closeWhenDone() {
        if (state == State.LEAVING && used() == 0) {
            frames.goAway(ErrorCode.NO_ERROR);
            frames.flush();
            close();
        }
    }

    // What streams say.

    UpstreamHttp2Limits limits() {
        return limits;
    }

    DeadlineWheel wheel() {
        return loop.wheel();
    }

    long now() {
        return loop.now();
    }

    void fire(Limit limit) {
        engine.fire(limit);
    }

    /** What the backend gives each stream first. */
    int streamWindow() {
        return streamWindow;
    }

    /**
     * @return its id
     */
    int opened(UpstreamHttp2Stream stream) {
        int id = nextId;
        nextId += 2;
        streams.put(id, stream);
        promise(-1);
        control.earn();
        if (nextId >= LAST_ID) {
            retire();
        }
        return id;
    }

    void closed(UpstreamHttp2Stream stream) {
        if (stream.id() == 0) {
            promise(-1);
        } else {
            boolean busy = used() > 0;
            streams.remove(stream.id());
            becameBusy(busy);
        }
        closeWhenDone();
        if (state == State.OPEN) {
            if (used() == 0 && endpoint.state() != Endpoint.State.READY) {
                retire();
            } else {
                group.serve();
            }
        }
    }

    /** The stream has data and a window of its own: it is next when the connection's grows. */
    void awaitsWindow(UpstreamHttp2Stream stream) {
        ArrayDeque<UpstreamHttp2Stream> list = awaiting;
        if (list == null) {
            list = new ArrayDeque<>();
            awaiting = list;
        }
        if (!stream.awaitsConnection) {
            stream.awaitsConnection = true;
            list.addLast(stream);
        }
    }

    private void serveAwaiting() {
        ArrayDeque<UpstreamHttp2Stream> list = awaiting;
        for (int left = list == null ? 0 : list.size();
                list != null && left > 0 && frames.window() > 0;
                left--) {
            UpstreamHttp2Stream next = list.pollFirst();
            next.awaitsConnection = false;
            next.unblocked();
        }
    }

    // What the channel says.

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            lastRead = loop.now();
            heard = true;
            if (state != State.CLOSED) {
                reader.read(in);
            }
        } finally {
            in.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        loop.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (channel.isWritable()) {
            for (UpstreamHttp2Stream stream : all()) {
                stream.writable();
            }
        }
    }

    private UpstreamHttp2Stream[] all() {
        return streams.isEmpty() ? NONE : streams.values().toArray(NONE);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end(UpstreamFault.BROKEN);
        loop.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        end(UpstreamFault.BROKEN);
        loop.flush();
    }

    private void timedOut() {
        switch (state) {
            case SETTLING -> open();
            case VERIFYING -> {
                engine.fire(Limit.UPSTREAM_STALE);
                end(UpstreamFault.BROKEN);
            }
            case OPEN, LEAVING, CLOSED -> {}
        }
    }

    private void open() {
        loop.wheel().clear(deadline);
        state = State.OPEN;
        group.serve();
    }

    private void close() {
        end(UpstreamFault.BROKEN);
    }

    /** Ends all streams with it. */
    private void end(UpstreamFault fault) {
        State was = state;
        if (was == State.CLOSED) {
            return;
        }
        boolean busy = used() > 0;
        UpstreamHttp2Stream[] lost = all();
        state = State.CLOSED;
        streams.clear();
        reader.stop();
        loop.wheel().remove(deadline);
        channel.close();
        loop.pool().http2Closed(busy);
        group.left(this);
        for (UpstreamHttp2Stream stream : lost) {
            stream.lost(fault);
        }
        if (was == State.SETTLING) {
            group.unserved(heard ? UpstreamFault.NOT_HTTP2 : UpstreamFault.UNREACHABLE);
        } else {
            group.serve();
        }
    }

    // What the reader says.

    @Override
    public void connectionError(ErrorCode code) {
        frames.goAway(code);
        frames.flush();
        end(UpstreamFault.MALFORMED);
    }

    /** The connection is in error, and nothing more is read. */
    void error(ErrorCode code) {
        reader.stop();
        connectionError(code);
    }

    /** A frame of a stream that is not open: of one that was, it may have been under way. */
    boolean neverWas(int stream) {
        return (stream & 1) == 0 || stream >= nextId;
    }

    /** The stream, while it is open. */
    @Nullable UpstreamHttp2Stream stream(int id) {
        return streams.get(id);
    }

    /** A response head beyond the limits: its stream's fault alone. */
    void headTooLarge() {
        engine.fire(Limit.UPSTREAM_HEAD_SIZE);
    }

    /** A frame of a message. */
    void earn() {
        control.earn();
    }

    /** One that carries nothing. */
    void spend() {
        if (!control.spend(lastRead)) {
            engine.fire(Limit.UPSTREAM_CONTROL_FRAMES);
            error(ErrorCode.ENHANCE_YOUR_CALM);
        }
    }

    @Override
    public void headers(
            int stream,
            byte[] block,
            int from,
            int to,
            boolean endStream,
            boolean dependsOnItself) {
        messages.headers(stream, block, from, to, endStream);
    }

    @Override
    public void dataBegin(int stream, int length, int content, boolean endStream) {
        messages.dataBegin(stream, length, content, endStream);
    }

    @Override
    public void data(int stream, ByteBuf piece) {
        messages.data(piece);
    }

    @Override
    public void dataEnd(int stream, boolean endStream) {
        messages.dataEnd(endStream);
    }

    @Override
    public void reset(int stream, int code) {
        if (neverWas(stream)) {
            error(ErrorCode.PROTOCOL_ERROR);
            return;
        }
        UpstreamHttp2Stream of = streams.get(stream);
        if (of == null) {
            spend();
            return;
        }
        if (!resets.spend(lastRead)) {
            engine.fire(Limit.UPSTREAM_RESETS);
            retire();
        }
        if (code == REFUSED_STREAM && !of.responseBegun()) {
            of.lost(UpstreamFault.REFUSED);
        } else {
            of.lost(code == HTTP_1_1_REQUIRED ? UpstreamFault.NOT_HTTP2 : UpstreamFault.RESET);
        }
    }

    @Override
    public @Nullable ErrorCode setting(int id, int value) {
        return frames.peer().apply(id, value);
    }

    @Override
    public void settingsEnd() {
        frames.settingsAck();
        spend();
        if (state == State.CLOSED || !windowsChanged()) {
            return;
        }
        if (state == State.SETTLING) {
            open();
        } else if (state == State.OPEN) {
            group.serve();
        }
        for (UpstreamHttp2Stream stream : all()) {
            stream.unblocked();
        }
    }

    /** All streams' windows follow the setting, once for all that a frame says of it. */
    private boolean windowsChanged() {
        int change = frames.peer().window() - streamWindow;
        streamWindow = frames.peer().window();
        for (UpstreamHttp2Stream stream : change == 0 ? NONE : all()) {
            if (!stream.grow(change)) {
                error(ErrorCode.FLOW_CONTROL_ERROR);
                return false;
            }
        }
        return true;
    }

    @Override
    public void settingsAcknowledged() {}

    @Override
    public void ping(long payload, boolean acknowledged) {
        if (!acknowledged) {
            frames.ping(payload, true);
            spend();
        } else if (state == State.VERIFYING) {
            open();
        }
    }

    /** Streams beyond the last it names were not begun with (RFC 9113 6.8). */
    @Override
    public void goAway(int lastStream, int code) {
        spend();
        UpstreamHttp2Stream[] open = all();
        boolean settling = state == State.SETTLING;
        if (serving()) {
            state = State.LEAVING;
            loop.wheel().clear(deadline);
            group.left(this);
        }
        for (UpstreamHttp2Stream stream : open) {
            if (Integer.compareUnsigned(stream.id(), lastStream) > 0) {
                stream.lost(UpstreamFault.GOING_AWAY);
            }
        }
        if (settling) {
            group.unserved(UpstreamFault.UNREACHABLE);
        } else {
            group.serve();
        }
        closeWhenDone();
    }

    @Override
    public void windowUpdate(int stream, int increment) {
        if (stream == 0) {
            if (frames.grow(increment)) {
                serveAwaiting();
            } else {
                error(ErrorCode.FLOW_CONTROL_ERROR);
            }
            return;
        }
        if (neverWas(stream)) {
            error(ErrorCode.PROTOCOL_ERROR);
            return;
        }
        UpstreamHttp2Stream of = streams.get(stream);
        if (of == null) {
            return;
        }
        if (of.grow(increment)) {
            of.unblocked();
        } else {
            of.broken(ErrorCode.FLOW_CONTROL_ERROR, UpstreamFault.MALFORMED);
        }
    }

    @Override
    public void priority(int stream) {
        spend();
    }

    @Override
    public void unknown(int type) {
        spend();
    }

    @Override
    public void streamError(int stream, ErrorCode code) {
        if (neverWas(stream)) {
            error(ErrorCode.PROTOCOL_ERROR);
            return;
        }
        UpstreamHttp2Stream of = streams.get(stream);
        if (of != null) {
            of.broken(code, UpstreamFault.MALFORMED);
        }
    }
}

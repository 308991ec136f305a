package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.balance.Endpoint;
import dev.fairway.dataplane.http1.HeadLimits;
import dev.fairway.dataplane.http2.ErrorCode;
import dev.fairway.dataplane.http2.FrameReader;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

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
final class UpstreamHttp2Connection extends ChannelInboundHandlerAdapter {

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
    private final UpstreamHttp2Streams streams;
    private final FrameReader reader;
    private final ControlBudget control;
    private final Deadline deadline =
            new Deadline() {
                @Override
                void expired() {
                    timedOut();
                }
            };

    private State state = State.SETTLING;
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
        this.streams = new UpstreamHttp2Streams(frames);
        this.lastRead = loop.now();
        long period = limits.period().toNanos();
        this.control = new ControlBudget(limits.control(), period, lastRead);
        HeadLimits heads = engine.limits().upstream().head();
        this.reader =
                new FrameReader(
                        new UpstreamHttp2Receiver(
                                this,
                                streams,
                                frames,
                                new UpstreamHttp2Messages(loop, this, streams, frames, heads),
                                new ControlBudget(limits.resets(), period, lastRead)));
    }

    /** Says hello; the group hears when streams may come. */
    void begin() {
        frames.begin(limits, engine.limits().upstream().head().headBytes());
        loop.wheel().set(deadline, loop.now(), limits.settle().toNanos());
    }

    // What the group says.

    /** Whether a stream may begin now. */
    boolean hasRoom() {
        return state == State.OPEN
                && streams.used() < Math.min(limits.streams(), frames.peer().streams());
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
                yield most == 0 ? unsettled : Math.max(0, most - streams.used());
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
                && streams.noneOpen()
                && now - lastRead >= limits.verifyAfter().toNanos();
    }

    void verify() {
        state = State.VERIFYING;
        frames.ping(loop.now(), false);
        loop.wheel().set(deadline, loop.now(), limits.verifyWithin().toNanos());
    }

    UpstreamHttp2Stream stream() {
        boolean busy = streams.used() > 0;
        boolean reused = streams.begun();
        streams.promise();
        busySince(busy);
        return new UpstreamHttp2Stream(this, streams, frames, reused);
    }

    /** Tells the pool whether it is busy now, where that is not as before. */
    private void busySince(boolean before) {
        boolean busy = streams.used() > 0;
        if (busy != before && state != State.CLOSED) {
            loop.pool().busy(busy ? 1 : -1);
        }
    }

    /** Whether it has been without a stream for so long. */
    boolean idleFor(long now, long nanos) {
        return streams.used() == 0 && now - lastRead >= nanos;
    }

    /** Takes no more streams, and closes with the last. */
    void retire() {
        if (serving()) {
            leave();
            closeWhenDone();
        }
    }

    private void leave() {
        state = State.LEAVING;
        loop.wheel().clear(deadline);
        group.left(this);
    }

    private void closeWhenDone() {
        if (state == State.LEAVING && streams.used() == 0) {
            frames.goAway(ErrorCode.NO_ERROR);
            frames.flush();
            end(UpstreamFault.BROKEN);
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

    /**
     * The stream begins.
     *
     * @return its id
     */
    int opened(UpstreamHttp2Stream stream) {
        int id = streams.open(stream);
        control.earn();
        if (streams.outOfIds()) {
            retire();
        }
        return id;
    }

    /** The stream is over, whether it had begun or not. */
    void closed(UpstreamHttp2Stream stream) {
        boolean busy = streams.used() > 0;
        streams.remove(stream);
        busySince(busy);
        closeWhenDone();
        if (state == State.OPEN) {
            if (streams.used() == 0 && endpoint.state() != Endpoint.State.READY) {
                retire();
            } else {
                group.serve();
            }
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
            for (UpstreamHttp2Stream stream : streams.all()) {
                stream.writable();
            }
        }
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

    /** Ends all streams with it. */
    private void end(UpstreamFault fault) {
        State was = state;
        if (was == State.CLOSED) {
            return;
        }
        boolean busy = streams.used() > 0;
        UpstreamHttp2Stream[] lost = streams.takeAll();
        state = State.CLOSED;
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

    // What the receiver says.

    boolean over() {
        return state == State.CLOSED;
    }

    /** The connection is in error, and nothing more is read. */
    void error(ErrorCode code) {
        reader.stop();
        frames.goAway(code);
        frames.flush();
        end(UpstreamFault.MALFORMED);
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

    /** The backend's settings are here, or are others than before. */
    void settled() {
        if (state == State.SETTLING) {
            open();
        } else if (state == State.OPEN) {
            group.serve();
        }
    }

    /** It was asked whether it lives, and does. */
    void verified() {
        if (state == State.VERIFYING) {
            open();
        }
    }

    /** The backend takes no more streams, and has not begun with those beyond this one. */
    void leaves(int lastStream) {
        UpstreamHttp2Stream[] open = streams.all();
        boolean settling = state == State.SETTLING;
        if (serving()) {
            leave();
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
}

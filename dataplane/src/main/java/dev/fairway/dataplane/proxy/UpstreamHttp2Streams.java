package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.http2.Http2;
import io.netty.util.collection.IntObjectHashMap;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The streams of one HTTP/2 connection to a backend: those that are open, those that deliveries were
 * given and have not begun, and those that wait for the connection's window. Owned by its connection's
 * loop.
 */
final class UpstreamHttp2Streams {
    private static final UpstreamHttp2Stream[] NONE = {};

    /** Ids are no scarcer than this: a connection this old may as well be made anew. */
    private static final int LAST_ID = Http2.MAX_STREAM - 2;

    private final UpstreamFrames frames;
    private final IntObjectHashMap<UpstreamHttp2Stream> open = new IntObjectHashMap<>();
    private int nextId = 1;
    private int promised;
    private @Nullable ArrayDeque<UpstreamHttp2Sender> awaiting;
    private int window = Http2.INITIAL_WINDOW;

    UpstreamHttp2Streams(UpstreamFrames frames) {
        this.frames = frames;
    }

    /** How many are open or given out. */
    int used() {
        return open.size() + promised;
    }

    boolean noneOpen() {
        return open.isEmpty();
    }

    /** Whether one was ever opened. */
    boolean begun() {
        return nextId > 1;
    }

    boolean outOfIds() {
        return nextId >= LAST_ID;
    }

    /** One more is given to a delivery. */
    void promise() {
        promised++;
    }

    /**
     * One that was given out begins.
     *
     * @return its id
     */
    int open(UpstreamHttp2Stream stream) {
        int id = nextId;
        nextId += 2;
        open.put(id, stream);
        promised--;
        return id;
    }

    /** One is over, whether it had begun or not. */
    void remove(UpstreamHttp2Stream stream) {
        if (stream.id() == 0) {
            promised--;
        } else {
            open.remove(stream.id());
        }
    }

    /** The open one of this id. */
    @Nullable UpstreamHttp2Stream get(int id) {
        return open.get(id);
    }

    /** A frame of a stream that is not open: of one that was, it may have been under way. */
    boolean neverWas(int id) {
        return (id & 1) == 0 || id >= nextId;
    }

    /** Those that are open now. */
    UpstreamHttp2Stream[] all() {
        return open.isEmpty() ? NONE : open.values().toArray(NONE);
    }

    /** The connection is no more: those that were open. */
    UpstreamHttp2Stream[] takeAll() {
        UpstreamHttp2Stream[] lost = all();
        open.clear();
        return lost;
    }

    // Flow control.

    /** What the backend gives each stream first. */
    int window() {
        return window;
    }

    /**
     * The backend's setting has changed: all streams' windows follow it, once for all that a frame says
     * of it.
     *
     * @return false: beyond what a window can be
     */
    boolean window(int setting) {
        int change = setting - window;
        window = setting;
        for (UpstreamHttp2Stream stream : change == 0 ? NONE : all()) {
            if (!stream.grow(change)) {
                return false;
            }
        }
        return true;
    }

    /** The stream has data and a window of its own: it is next when the connection's grows. */
    void awaitsWindow(UpstreamHttp2Sender stream) {
        ArrayDeque<UpstreamHttp2Sender> list = awaiting;
        if (list == null) {
            list = new ArrayDeque<>();
            awaiting = list;
        }
        if (!stream.awaitsConnection) {
            stream.awaitsConnection = true;
            list.addLast(stream);
        }
    }

    /** The connection's window has grown. */
    void serveAwaiting() {
        ArrayDeque<UpstreamHttp2Sender> list = awaiting;
        for (int left = list == null ? 0 : list.size();
                list != null && left > 0 && frames.window() > 0;
                left--) {
            UpstreamHttp2Sender next = list.pollFirst();
            next.awaitsConnection = false;
            next.unblocked();
        }
    }
}

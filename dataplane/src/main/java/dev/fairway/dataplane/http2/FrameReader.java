package dev.fairway.dataplane.http2;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts frames out of what comes and checks what can be checked without knowing any stream (RFC 9113 4
 * and 6): sizes, flags, which frames belong to streams, that a header block is not interrupted, that
 * SETTINGS come first. DATA passes in retained slices as it arrives; header blocks are gathered whole,
 * bounded in bytes and frames (attack ledger C3).
 *
 * <p>One per connection, of either side; owned by its event loop.
 */
public final class FrameReader {
    /** Real blocks take one or two. */
    private static final int MAX_CONTINUATIONS = 16;

    private static final int MAX_EMPTY_CONTINUATIONS = 1;

    /** Compressed; far above any list we take, so that what is merely too large can be answered so. */
    private static final int MAX_BLOCK = 64 * 1024;

    private static final int BLOCK_KEPT = 4096;

    /** Takes what was read. Any call may {@link #stop} or {@link #pause} the reader. */
    public interface Receiver {
        /**
         * A DATA frame begins. {@link #data} follows for each piece of its content, then {@link
         * #dataEnd}.
         *
         * @param length what it takes of flow control windows, padding included
         * @param content how much of that is content
         */
        void dataBegin(int stream, int length, int content, boolean endStream);

        /** Content, not empty; the receiver releases it. */
        void data(int stream, ByteBuf piece);

        /** The frame is complete. */
        void dataEnd(int stream, boolean endStream);

        /**
         * A complete header block, in {@code block[from, to)} until this returns. It must be decoded
         * whatever becomes of the stream.
         *
         * @param dependsOnItself a stream error, once the block is decoded
         */
        void headers(
                int stream,
                byte[] block,
                int from,
                int to,
                boolean endStream,
                boolean dependsOnItself);

        void priority(int stream);

        /**
         * @param code as on the wire, perhaps unknown
         */
        void reset(int stream, int code);

        /**
         * @return the connection error this setting is
         */
        @Nullable ErrorCode setting(int id, int value);

        /** A SETTINGS frame is complete and wants an acknowledgement. */
        void settingsEnd();

        void settingsAcknowledged();

        void ping(long payload, boolean acknowledged);

        void goAway(int lastStream, int code);

        /**
         * @param stream 0: the connection's
         * @param increment above 0
         */
        void windowUpdate(int stream, int increment);

        /** A frame of a type nobody knows. */
        void unknown(int type);

        /** A frame that is an error of its stream alone. */
        void streamError(int stream, ErrorCode code);

        /** The connection is in error; nothing more is read. */
        void connectionError(ErrorCode code);
    }

    private final Receiver receiver;
    private boolean stopped;
    private boolean paused;
    private boolean begun;
    private int finished;

    private final byte[] small = new byte[Http2.FRAME_HEAD];
    private int have;
    private boolean inPayload;

    // The current frame.
    private int length;
    private int type;
    private int flags;
    private int stream;
    private int left;
    private boolean dataBegun;
    private int content;

    // The current header block; blockStream 0: none.
    private byte[] block = new byte[0];
    private int blockStream;
    private int blockFlags;
    private int blockFrom;
    private int blockTo;
    private int frameFrom;
    private int continuations;
    private int emptyContinuations;
    private boolean dependsOnItself;

    public FrameReader(Receiver receiver) {
        this.receiver = receiver;
    }

    /** Nothing more is read, whatever comes. */
    public void stop() {
        stopped = true;
    }

    /** The {@link #read} that is under way ends with the frame it is at. */
    public void pause() {
        paused = true;
    }

    /** Whether the last {@link #read} was made to end. */
    public boolean paused() {
        return paused;
    }

    /** Whether a header block, or a frame that is not DATA, has begun and not ended. */
    public boolean unfinished() {
        return blockStream != 0 || have > 0 || (inPayload && type != FrameType.DATA);
    }

    /** How many frames and header blocks have ended, modulo 2^32. */
    public int finished() {
        return finished;
    }

    /** Reads all there is, unless it is told to {@link #pause}; does not release it. */
    public void read(ByteBuf in) {
        paused = false;
        while (!(stopped || paused)) {
            if (!inPayload) {
                if (!frameHead(in)) {
                    return;
                }
                ErrorCode code = frameBegins();
                if (code != null) {
                    fail(code);
                    return;
                }
                inPayload = true;
            }
            if (!payload(in)) {
                return;
            }
            inPayload = false;
            if (blockStream == 0) {
                finished++;
            }
        }
    }

    private void fail(ErrorCode code) {
        stopped = true;
        receiver.connectionError(code);
    }

    private boolean frameHead(ByteBuf in) {
        if (!gather(in, Http2.FRAME_HEAD)) {
            return false;
        }
        length = (small[0] & 0xff) << 16 | (small[1] & 0xff) << 8 | small[2] & 0xff;
        type = small[3] & 0xff;
        flags = small[4];
        stream = number(5) & Integer.MAX_VALUE;
        left = length;
        return true;
    }

    /** Whether {@code small} holds {@code size} bytes now. */
    private boolean gather(ByteBuf in, int size) {
        int taken = Math.min(in.readableBytes(), size - have);
        in.readBytes(small, have, taken);
        have += taken;
        if (have < size) {
            return false;
        }
        have = 0;
        return true;
    }

    private int number(int at) {
        return small[at] << 24
                | (small[at + 1] & 0xff) << 16
                | (small[at + 2] & 0xff) << 8
                | small[at + 3] & 0xff;
    }

    private boolean has(int flag) {
        return (flags & flag) != 0;
    }

    private @Nullable ErrorCode frameBegins() {
        if (length > Http2.FRAME_BYTES) {
            return ErrorCode.FRAME_SIZE_ERROR;
        }
        if (!begun) {
            if (type != FrameType.SETTINGS || has(FrameType.ACK)) {
                return ErrorCode.PROTOCOL_ERROR;
            }
            begun = true;
        }
        boolean continues = type == FrameType.CONTINUATION;
        if (blockStream != 0 ? !continues || stream != blockStream : continues) {
            return ErrorCode.PROTOCOL_ERROR;
        }
        return switch (type) {
            case FrameType.DATA -> {
                dataBegun = false;
                yield ofStream();
            }
            case FrameType.HEADERS -> {
                ErrorCode code = ofStream();
                if (code == null) {
                    blockStream = stream;
                    blockFlags = flags;
                    blockFrom = 0;
                    blockTo = 0;
                    continuations = 0;
                    emptyContinuations = 0;
                    dependsOnItself = false;
                    code = blockGrows();
                }
                yield code;
            }
            case FrameType.CONTINUATION -> {
                boolean tooMany =
                        ++continuations > MAX_CONTINUATIONS
                                || (length == 0
                                        && !has(FrameType.END_HEADERS)
                                        && ++emptyContinuations > MAX_EMPTY_CONTINUATIONS);
                yield tooMany ? ErrorCode.ENHANCE_YOUR_CALM : blockGrows();
            }
            case FrameType.PRIORITY -> ofStream();
            case FrameType.RST_STREAM -> sized(4, ofStream());
            case FrameType.SETTINGS -> {
                boolean fits = has(FrameType.ACK) ? length == 0 : length % 6 == 0;
                yield !fits && stream == 0 ? ErrorCode.FRAME_SIZE_ERROR : ofConnection();
            }
            case FrameType.PUSH_PROMISE -> ErrorCode.PROTOCOL_ERROR;
            case FrameType.PING -> sized(8, ofConnection());
            case FrameType.GOAWAY ->
                    length < 8 && stream == 0 ? ErrorCode.FRAME_SIZE_ERROR : ofConnection();
            case FrameType.WINDOW_UPDATE -> sized(4, null);
            default -> {
                receiver.unknown(type);
                yield null;
            }
        };
    }

    private @Nullable ErrorCode ofStream() {
        return stream == 0 ? ErrorCode.PROTOCOL_ERROR : null;
    }

    private @Nullable ErrorCode ofConnection() {
        return stream != 0 ? ErrorCode.PROTOCOL_ERROR : null;
    }

    private @Nullable ErrorCode sized(int wanted, @Nullable ErrorCode otherwise) {
        return otherwise != null || length == wanted ? otherwise : ErrorCode.FRAME_SIZE_ERROR;
    }

    private @Nullable ErrorCode blockGrows() {
        if (blockTo + length > MAX_BLOCK) {
            return ErrorCode.ENHANCE_YOUR_CALM;
        }
        if (blockTo + length > block.length) {
            block = Arrays.copyOf(block, Math.max(Math.max(512, blockTo + length), blockTo * 2));
        }
        frameFrom = blockTo;
        return null;
    }

    /** Whether the frame ended. */
    private boolean payload(ByteBuf in) {
        return switch (type) {
            case FrameType.DATA -> data(in);
            case FrameType.HEADERS, FrameType.CONTINUATION -> fragment(in);
            case FrameType.SETTINGS -> settings(in);
            case FrameType.GOAWAY -> goAway(in);
            case FrameType.PRIORITY -> length == 5 ? fixed(in) : oddPriority(in);
            case FrameType.RST_STREAM, FrameType.PING, FrameType.WINDOW_UPDATE -> fixed(in);
            default -> skip(in) && ended();
        };
    }

    private boolean ended() {
        return !stopped;
    }

    private boolean skip(ByteBuf in) {
        int skipped = Math.min(left, in.readableBytes());
        in.skipBytes(skipped);
        left -= skipped;
        return left == 0;
    }

    private boolean data(ByteBuf in) {
        if (!dataBegun) {
            int padding = 0;
            if (has(FrameType.PADDED)) {
                if (length == 0) {
                    fail(ErrorCode.FRAME_SIZE_ERROR);
                    return false;
                }
                if (!in.isReadable()) {
                    return false;
                }
                padding = in.readUnsignedByte();
                if (padding >= length) {
                    fail(ErrorCode.PROTOCOL_ERROR);
                    return false;
                }
                left--;
            }
            dataBegun = true;
            content = left - padding;
            receiver.dataBegin(stream, length, content, has(FrameType.END_STREAM));
        }
        while (content > 0 && in.isReadable() && !stopped) {
            int size = Math.min(content, in.readableBytes());
            content -= size;
            left -= size;
            receiver.data(stream, in.readRetainedSlice(size));
        }
        if (stopped || content > 0 || !skip(in)) {
            return false;
        }
        receiver.dataEnd(stream, has(FrameType.END_STREAM));
        return ended();
    }

    private boolean fragment(ByteBuf in) {
        int size = Math.min(left, in.readableBytes());
        in.readBytes(block, blockTo, size);
        blockTo += size;
        left -= size;
        if (left > 0) {
            return false;
        }
        ErrorCode code = type == FrameType.HEADERS ? unwrap() : null;
        if (code != null) {
            fail(code);
            return false;
        }
        if (has(FrameType.END_HEADERS)) {
            int of = blockStream;
            blockStream = 0;
            boolean endStream = (blockFlags & FrameType.END_STREAM) != 0;
            receiver.headers(of, block, blockFrom, blockTo, endStream, dependsOnItself);
            if (block.length > BLOCK_KEPT) {
                block = new byte[0];
            }
        }
        return ended();
    }

    /** Takes padding and priority off a HEADERS frame. */
    private @Nullable ErrorCode unwrap() {
        int from = frameFrom;
        int padding = 0;
        if (has(FrameType.PADDED)) {
            if (from == blockTo) {
                return ErrorCode.FRAME_SIZE_ERROR;
            }
            padding = block[from++] & 0xff;
        }
        if (has(FrameType.PRIORITIZED)) {
            if (blockTo - from < 5) {
                return ErrorCode.FRAME_SIZE_ERROR;
            }
            int on =
                    (block[from] & 0x7f) << 24
                            | (block[from + 1] & 0xff) << 16
                            | (block[from + 2] & 0xff) << 8
                            | block[from + 3] & 0xff;
            dependsOnItself = on == stream;
            from += 5;
        }
        if (padding > blockTo - from) {
            return ErrorCode.PROTOCOL_ERROR;
        }
        blockFrom = from;
        blockTo -= padding;
        return null;
    }

    private boolean settings(ByteBuf in) {
        if (has(FrameType.ACK)) {
            receiver.settingsAcknowledged();
            return ended();
        }
        while (left > 0) {
            if (!gather(in, 6)) {
                return false;
            }
            left -= 6;
            int id = (small[0] & 0xff) << 8 | small[1] & 0xff;
            ErrorCode code = receiver.setting(id, number(2));
            if (code != null) {
                fail(code);
                return false;
            }
        }
        receiver.settingsEnd();
        return ended();
    }

    private boolean goAway(ByteBuf in) {
        if (left == length) {
            if (!gather(in, 8)) {
                return false;
            }
            left -= 8;
            receiver.goAway(number(0) & Integer.MAX_VALUE, number(4));
        }
        return skip(in) && ended();
    }

    private boolean oddPriority(ByteBuf in) {
        if (!skip(in)) {
            return false;
        }
        receiver.streamError(stream, ErrorCode.FRAME_SIZE_ERROR);
        return ended();
    }

    private boolean fixed(ByteBuf in) {
        if (!gather(in, length)) {
            return false;
        }
        switch (type) {
            case FrameType.PRIORITY -> {
                if ((number(0) & Integer.MAX_VALUE) == stream) {
                    receiver.streamError(stream, ErrorCode.PROTOCOL_ERROR);
                } else {
                    receiver.priority(stream);
                }
            }
            case FrameType.RST_STREAM -> receiver.reset(stream, number(0));
            case FrameType.PING ->
                    receiver.ping(
                            (long) number(0) << 32 | number(4) & 0xffffffffL, has(FrameType.ACK));
            default -> windowUpdate(number(0) & Integer.MAX_VALUE);
        }
        return ended();
    }

    private void windowUpdate(int increment) {
        if (increment > 0) {
            receiver.windowUpdate(stream, increment);
        } else if (stream == 0) {
            fail(ErrorCode.PROTOCOL_ERROR);
        } else {
            receiver.streamError(stream, ErrorCode.PROTOCOL_ERROR);
        }
    }
}

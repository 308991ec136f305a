package dev.fairway.dataplane.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Any bytes as frames ({@code hack/fuzz frames}): what is told does not depend on how they are cut;
 * nothing is told after an error; a plain second reading of the frame heads agrees on where frames are and
 * how many bytes are content.
 */
public final class FrameTarget {
    private FrameTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        Told whole = read(input, Integer.MAX_VALUE);
        require(whole.all.toString(), read(input, 1).all.toString());
        require(whole.all.toString(), read(input, 7).all.toString());
        if (!whole.ended) {
            frames(input, whole);
        }
    }

    private static Told read(byte[] input, int size) {
        Told told = new Told();
        FrameReader reader = new FrameReader(told);
        for (int at = 0; at < input.length; at += size) {
            int length = Math.min(size, input.length - at);
            reader.read(Unpooled.wrappedBuffer(input, at, length).slice());
            if (size > input.length) {
                break;
            }
        }
        return told;
    }

    /** Frame by frame, where there was no connection error. */
    private static void frames(byte[] input, Told told) {
        int at = 0;
        int blocks = 0;
        int windows = 0;
        while (at + 9 <= input.length) {
            int length = (input[at] & 255) << 16 | (input[at + 1] & 255) << 8 | input[at + 2] & 255;
            int type = input[at + 3];
            if (at + 9 + length > input.length) {
                break;
            }
            if ((type == 1 || type == 9) && (input[at + 4] & 4) != 0) {
                blocks++;
            }
            if (type == 0) {
                windows++;
            }
            at += 9 + length;
        }
        require(blocks + " blocks", told.blocks + " blocks");
        require(windows + " DATA frames", told.ends + " DATA frames");
    }

    private static void require(String wanted, String seen) {
        if (!wanted.equals(seen)) {
            throw new AssertionError(wanted + "\nbut " + seen);
        }
    }

    private static final class Told implements FrameReader.Receiver {
        final StringBuilder all = new StringBuilder();
        boolean ended;
        int blocks;
        int ends;

        private void say(String what, Object... values) {
            if (ended) {
                throw new AssertionError(what + " after the end");
            }
            all.append(what);
            for (Object value : values) {
                all.append(' ').append(value);
            }
            all.append('\n');
        }

        @Override
        public void dataBegin(int stream, int length, int content, boolean endStream) {
            say("data", stream, length, content, endStream);
        }

        @Override
        public void data(int stream, ByteBuf piece) {
            if (!piece.isReadable()) {
                throw new AssertionError("an empty piece");
            }
            byte[] bytes = new byte[piece.readableBytes()];
            piece.readBytes(bytes);
            all.append(HexFormat.of().formatHex(bytes));
            piece.release();
        }

        @Override
        public void dataEnd(int stream, boolean endStream) {
            ends++;
            say("end", stream, endStream);
        }

        @Override
        public void headers(
                int stream, byte[] block, int from, int to, boolean endStream, boolean self) {
            blocks++;
            if (to - from > 64 * 1024) {
                throw new AssertionError("a block of " + (to - from));
            }
            say("headers", stream, HexFormat.of().formatHex(block, from, to), endStream, self);
        }

        @Override
        public void priority(int stream) {
            say("priority", stream);
        }

        @Override
        public void reset(int stream, int code) {
            say("reset", stream, code);
        }

        @Override
        public @Nullable ErrorCode setting(int id, int value) {
            say("setting", id, value);
            return new PeerSettings().apply(id, value);
        }

        @Override
        public void settingsEnd() {
            say("settings");
        }

        @Override
        public void settingsAcknowledged() {
            say("acknowledged");
        }

        @Override
        public void ping(long payload, boolean acknowledged) {
            say("ping", payload, acknowledged);
        }

        @Override
        public void goAway(int lastStream, int code) {
            say("goaway", lastStream, code);
        }

        @Override
        public void windowUpdate(int stream, int increment) {
            if (increment <= 0) {
                throw new AssertionError("increment " + increment);
            }
            say("window", stream, increment);
        }

        @Override
        public void unknown(int type) {
            say("unknown", type);
        }

        @Override
        public void streamError(int stream, ErrorCode code) {
            say("stream error", stream, code);
        }

        @Override
        public void connectionError(ErrorCode code) {
            say("connection error", code);
            ended = true;
        }
    }
}

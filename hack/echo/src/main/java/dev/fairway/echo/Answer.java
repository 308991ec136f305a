package dev.fairway.echo;

import dev.fairway.echo.Request.Header;
import java.time.Duration;
import java.util.List;

/** What goes back for one request. */
sealed interface Answer {

    /** A status with a body of known length. */
    record Whole(int status, List<Header> headers, byte[] body) implements Answer {
        public Whole {
            headers = List.copyOf(headers);
        }
    }

    /** {@code size} bytes of filler: never held in memory at once. */
    record Filler(long size) implements Answer {}

    /** A chunked body of {@code count} lines, {@code pause} apart, then trailers. */
    record Chunks(int count, Duration pause, List<Header> trailers) implements Answer {
        public Chunks {
            trailers = List.copyOf(trailers);
        }
    }

    /** 101, then every WebSocket message goes back as it came. */
    record WebSocket(String key) implements Answer {}

    /** No answer: the connection is reset, as by a process that died. */
    record Reset() implements Answer {}

    /** No answer: the connection is closed in the middle of a body. */
    record Cut() implements Answer {}
}

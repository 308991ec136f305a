package dev.fairway.contract.codec;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The lines of the document that was accepted last, decoded. A document that follows it takes from here
 * what it has in common with it: not only equal values but the very objects. Holds on to the bytes of that
 * document. Not thread-safe.
 */
public final class DecodedLines {
    private Map<Line, DocumentLine> last = new HashMap<>();

    /** A span of bytes, by content. */
    private static final class Line {
        private final byte[] bytes;
        private final int from;
        private final int to;
        private final int hash;

        Line(byte[] bytes, int from, int to) {
            this.bytes = bytes;
            this.from = from;
            this.to = to;
            int sum = 1;
            for (int i = from; i < to; i++) {
                sum = 31 * sum + bytes[i];
            }
            this.hash = sum;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Line line
                    && hash == line.hash
                    && Arrays.equals(bytes, from, to, line.bytes, line.from, line.to);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    /** One document being decoded; nothing is kept of it until {@link #accepted}. */
    final class Reading {
        private final Map<Line, DocumentLine> lines = HashMap.newHashMap(last.size());

        DocumentLine line(Shape shape, byte[] bytes, int from, int to) throws Refusal {
            Line key = new Line(bytes, from, to);
            DocumentLine line = last.get(key);
            if (line == null) {
                line = (DocumentLine) Json.read(shape, bytes, from, to - from);
            }
            lines.put(key, line);
            return line;
        }

        void accepted() {
            last = lines;
        }
    }

    Reading begin() {
        return new Reading();
    }
}

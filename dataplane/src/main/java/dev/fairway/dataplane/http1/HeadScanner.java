package dev.fairway.dataplane.http1;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Reads a head line by line, strictly (RFC 9112 2.2, attack ledger B10 to B14, B24): every line ends
 * in CR LF, names are tokens and touch their colon, no line is folded, values hold no control but
 * HTAB. What is not so is refused, never repaired. Stateless: its place is kept in the head.
 */
public final class HeadScanner {
    private static final int COPY_STEP = 2048;

    /** A bit that letters, digits and the hyphen have in lower case. */
    private static final int UNDERSCORE_LACKS = 0x20;

    private HeadScanner() {}

    /**
     * Takes what belongs to the head from {@code in}; {@link Head#complete} tells whether it ended.
     *
     * @return null: no fault so far
     */
    public static @Nullable Fault read(Head head, ByteBuf in, HeadLimits limits) {
        while (in.isReadable() && !head.complete()) {
            int room = limits.headBytes() - head.length();
            if (room == 0) {
                return head.started ? Fault.HEAD_TOO_LARGE : head.lineTooLong();
            }
            int size = Math.min(Math.min(in.readableBytes(), room), COPY_STEP);
            head.append(in, size);
            int end = lines(head, limits);
            if (end < 0) {
                return FAULTS[-end - 1];
            }
            if (end > 0) {
                in.readerIndex(in.readerIndex() - head.complete(end));
            }
        }
        return null;
    }

    private static final Fault[] FAULTS = Fault.values();

    private static int refuse(Fault fault) {
        return -1 - fault.ordinal();
    }

    /** Where the head ends; 0: not yet; negative: {@link #refuse}. */
    private static int lines(Head head, HeadLimits limits) {
        byte[] bytes = head.bytes();
        int to = head.length();
        boolean lineEnd = Ascii.contains(bytes, head.looked, to, (byte) '\n');
        head.looked = to;
        // Without a line end there is nothing new to say about the last line but its length.
        while (lineEnd && head.lineStart < to) {
            int from = head.lineStart;
            int next;
            if (bytes[from] == '\r' || bytes[from] == '\n') {
                next = lineBreak(bytes, from, to);
                if (next == 0) {
                    break;
                }
                if (next > 0 && head.started) {
                    return next;
                }
                if (next > 0 && ++head.emptyLines > head.emptyLinesAllowed()) {
                    return refuse(Fault.BAD_REQUEST_LINE);
                }
            } else {
                next = head.started ? field(head, from, to) : startLine(head, from, to);
            }
            if (next < 0) {
                return next;
            }
            if (next == 0) {
                break;
            }
            if (next - from - 2 > limits.lineBytes()) {
                return refuse(tooLong(head, from));
            }
            if (head.count() > limits.fields()) {
                return refuse(Fault.TOO_MANY_FIELDS);
            }
            head.lineStart = next;
        }
        return to - head.lineStart > limits.lineBytes() + 1
                ? refuse(tooLong(head, head.lineStart))
                : 0;
    }

    private static Fault tooLong(Head head, int line) {
        return head.started && line >= head.firstField()
                ? Fault.FIELD_TOO_LONG
                : head.lineTooLong();
    }

    /** Behind the CR LF at {@code at}; 0: more is needed. */
    private static int lineBreak(byte[] bytes, int at, int to) {
        if (bytes[at] != '\r') {
            return refuse(Fault.BAD_LINE_END);
        }
        if (at + 1 == to) {
            return 0;
        }
        return bytes[at + 1] == '\n' ? at + 2 : refuse(Fault.BAD_LINE_END);
    }

    private static int startLine(Head head, int from, int to) {
        int end = Ascii.control(head.bytes(), from, to);
        if (end == to) {
            return 0;
        }
        int next = lineBreak(head.bytes(), end, to);
        if (next <= 0) {
            return next;
        }
        Fault fault = head.startLine(from, end);
        if (fault != null) {
            return refuse(fault);
        }
        head.fieldsBegin(next);
        return next;
    }

    private static int field(Head head, int from, int to) {
        byte[] bytes = head.bytes();
        int colon = Ascii.plainToken(bytes, from, to);
        int common = UNDERSCORE_LACKS;
        for (; colon < to; colon++) {
            int lower = Ascii.token(bytes[colon]);
            if (lower == 0) {
                break;
            }
            common &= lower;
        }
        if (colon == to) {
            return 0;
        }
        if (bytes[colon] != ':' || colon == from) {
            return refuse(Fault.BAD_FIELD);
        }
        int start = colon + 1;
        while (start < to && isBlank(bytes[start])) {
            start++;
        }
        int end = Ascii.control(bytes, start, to);
        while (end < to && bytes[end] == '\t') {
            end = Ascii.control(bytes, end + 1, to);
        }
        if (end == to) {
            return 0;
        }
        if (bytes[end] != '\r' && bytes[end] != '\n') {
            return refuse(Fault.BAD_FIELD);
        }
        int next = lineBreak(bytes, end, to);
        if (next <= 0) {
            return next;
        }
        int last = end;
        while (last > start && isBlank(bytes[last - 1])) {
            last--;
        }
        if (common == 0) {
            head.underscoreSuspected();
        }
        head.add(colon, start, last, FieldName.of(bytes, from, colon));
        return next;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }
}

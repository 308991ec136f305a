package dev.fairway.dataplane.http1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Puts an outgoing head together: spans of a validated head, and our own inserts, each checked here
 * once more (attack ledger B22). One per event loop; a head is written in one go.
 */
public final class HeadWriter {
    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] PERCENT_DIGITS =
            "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

    private byte[] bytes = new byte[4096];
    private int length;

    public HeadWriter begin() {
        length = 0;
        return this;
    }

    /** Bytes that were validated, or are a constant of ours. */
    public HeadWriter raw(byte[] from, int start, int end) {
        int size = end - start;
        room(size);
        System.arraycopy(from, start, bytes, length, size);
        length += size;
        return this;
    }

    public HeadWriter raw(byte[] constant) {
        return raw(constant, 0, constant.length);
    }

    /** A constant of ours or canonical text, ASCII. */
    @SuppressWarnings("deprecation") // the low bytes are all there is
    public HeadWriter ascii(String text) {
        room(text.length());
        text.getBytes(0, text.length(), bytes, length);
        length += text.length();
        return this;
    }

    /**
     * One field line.
     *
     * @throws IllegalArgumentException when name or value can't stand in a head
     */
    public HeadWriter field(String name, String value) {
        if (!Ascii.isToken(name) || !Ascii.isFieldValue(value)) {
            throw new IllegalArgumentException("not a header field: " + name);
        }
        return ascii(name).ascii(": ").ascii(value).crlf();
    }

    /** A field whose value is a span of a validated head. */
    public HeadWriter field(String name, byte[] value, int from, int to) {
        return ascii(name).ascii(": ").raw(value, from, to).crlf();
    }

    public HeadWriter number(long value) {
        room(20);
        int at = length + 20;
        long rest = value;
        do {
            bytes[--at] = DIGITS[(int) (rest % 10)];
            rest /= 10;
        } while (rest > 0);
        int size = length + 20 - at;
        System.arraycopy(bytes, at, bytes, length, size);
        length += size;
        return this;
    }

    /** 16 digits. */
    public HeadWriter hex(long value) {
        room(16);
        for (int shift = 60; shift >= 0; shift -= 4) {
            bytes[length++] = DIGITS[(int) (value >>> shift) & 15];
        }
        return this;
    }

    /** RFC 3986 2.1. */
    public HeadWriter percent(byte b) {
        room(3);
        bytes[length++] = '%';
        bytes[length++] = PERCENT_DIGITS[b >> 4 & 15];
        bytes[length++] = PERCENT_DIGITS[b & 15];
        return this;
    }

    public HeadWriter crlf() {
        room(2);
        bytes[length++] = '\r';
        bytes[length++] = '\n';
        return this;
    }

    public int length() {
        return length;
    }

    /** What was written: {@link #length} bytes of this, until the next head. */
    public byte[] bytes() {
        return bytes;
    }

    public void copyTo(ByteBuf out) {
        out.writeBytes(bytes, 0, length);
    }

    /** The head so far, in a buffer of its own. */
    public ByteBuf end(ByteBufAllocator allocator) {
        return allocator.directBuffer(length).writeBytes(bytes, 0, length);
    }

    private void room(int size) {
        if (length + size > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + size, bytes.length * 2));
        }
    }
}

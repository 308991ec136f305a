package dev.fairway.dataplane.http2;

import java.util.Arrays;

/** A header block in the making, compressed. One per event loop is enough; owned by it. */
public final class HeaderBlock {
    private byte[] bytes = new byte[1024];
    private int length;

    public byte[] bytes() {
        return bytes;
    }

    public int length() {
        return length;
    }

    void clear() {
        length = 0;
    }

    void put(int b) {
        room(1);
        bytes[length++] = (byte) b;
    }

    void put(byte[] from, int start, int size) {
        room(size);
        System.arraycopy(from, start, bytes, length, size);
        length += size;
    }

    /** An integer with a prefix of so many bits (RFC 7541 5.1). */
    void integer(int flags, int prefix, int value) {
        room(6);
        int max = (1 << prefix) - 1;
        if (value < max) {
            bytes[length++] = (byte) (flags | value);
            return;
        }
        bytes[length++] = (byte) (flags | max);
        int rest = value - max;
        while (rest >= 128) {
            bytes[length++] = (byte) (rest & 127 | 128);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
    }

    /** A string literal without Huffman code: copying is what is cheap (RFC 7541 5.2). */
    void string(byte[] from, int start, int size) {
        integer(0, 7, size);
        put(from, start, size);
    }

    /** As {@link #string}, in lower case. */
    void name(byte[] from, int start, int size) {
        integer(0, 7, size);
        room(size);
        for (int i = 0; i < size; i++) {
            byte b = from[start + i];
            bytes[length++] = b >= 'A' && b <= 'Z' ? (byte) (b + 32) : b;
        }
    }

    private void room(int size) {
        if (length + size > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + size, bytes.length * 2));
        }
    }
}

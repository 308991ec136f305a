package dev.fairway.dataplane.http1;

import org.jspecify.annotations.Nullable;

/**
 * The bytes of a chunked body that are not data (RFC 9112 7.1, attack ledger B6 to B9): sizes of 1
 * to 8 hex digits, extensions checked and thrown away. Trailers are left to who asks {@link
 * #atTrailers}.
 *
 * <pre>
 * SIZE ─;─▶ EXT_NAME ─=─▶ EXT_VALUE ─"─▶ QUOTED ─"─▶ EXT_END
 *   └──── CR ────┴──────────┴─────────────────────────┴─▶ SIZE_LF ─▶ (data) ─▶ DATA_CR ─▶ DATA_LF ─▶ SIZE
 *                                                            └─ size 0 ─▶ TRAILER ─ CR ─▶ END_LF ─▶ END
 * </pre>
 */
final class ChunkSyntax {
    private static final int MAX_DIGITS = 8;
    private static final int MAX_EXTENSION = 256;
    private static final int MAX_EXTENSIONS = 16 * 1024;

    private enum State {
        SIZE,
        EXT_NAME,
        EXT_VALUE,
        QUOTED,
        QUOTED_PAIR,
        EXT_END,
        SIZE_LF,
        DATA,
        DATA_CR,
        DATA_LF,
        TRAILER,
        END_LF,
        END
    }

    private State state = State.SIZE;
    private int digits;
    private long size;
    private int parts;
    private int extension;
    private int extensions;

    void begin() {
        state = State.SIZE;
        digits = 0;
        size = 0;
        extension = 0;
        extensions = 0;
    }

    /** Whether nothing of a chunk's line has come. */
    boolean atSize() {
        return state == State.SIZE && digits == 0;
    }

    boolean inData() {
        return state == State.DATA;
    }

    boolean ended() {
        return state == State.END;
    }

    /** Whether the last chunk's line has come, and nothing behind it: a trailer, or the end. */
    boolean atTrailers() {
        return state == State.TRAILER;
    }

    /** The trailers were read, with the empty line that ends them. */
    void trailersRead() {
        state = State.END;
    }

    /** Data left in the current chunk. */
    long dataLeft() {
        return size;
    }

    void took(long data) {
        size -= data;
        if (size == 0) {
            state = State.DATA_CR;
        }
    }

    @Nullable Fault next(byte b) {
        switch (state) {
            case SIZE -> {
                int digit = Ascii.hex(b);
                if (digit >= 0) {
                    size = size << 4 | digit;
                    return ++digits <= MAX_DIGITS ? null : Fault.BAD_CHUNK;
                }
                return digits == 0 ? Fault.BAD_CHUNK : endOfPart(b);
            }
            case EXT_NAME -> {
                if (b == '=' && parts > 0) {
                    parts = 0;
                    return to(State.EXT_VALUE);
                }
                return extensionToken(b);
            }
            case EXT_VALUE -> {
                return b == '"' && parts == 0 ? to(State.QUOTED) : extensionToken(b);
            }
            case QUOTED -> {
                if (Ascii.isControl(b) && b != '\t') {
                    return Fault.BAD_CHUNK;
                }
                return to(b == '"' ? State.EXT_END : b == '\\' ? State.QUOTED_PAIR : state);
            }
            case QUOTED_PAIR -> {
                return Ascii.isControl(b) ? Fault.BAD_CHUNK : to(State.QUOTED);
            }
            case EXT_END -> {
                return endOfPart(b);
            }
            case SIZE_LF -> {
                return b == '\n' ? sizeRead() : Fault.BAD_CHUNK;
            }
            case DATA_CR -> {
                return b == '\r' ? to(State.DATA_LF) : Fault.BAD_CHUNK;
            }
            case DATA_LF -> {
                digits = 0;
                return b == '\n' ? to(State.SIZE) : Fault.BAD_CHUNK;
            }
            case TRAILER -> {
                return b == '\r' ? to(State.END_LF) : Fault.BAD_CHUNK;
            }
            case END_LF -> {
                return b == '\n' ? to(State.END) : Fault.BAD_CHUNK;
            }
            case DATA, END -> {}
        }
        throw new IllegalStateException("not syntax: " + state);
    }

    private @Nullable Fault to(State next) {
        state = next;
        boolean inExtension =
                next == State.EXT_NAME
                        || next == State.EXT_VALUE
                        || next == State.QUOTED
                        || next == State.QUOTED_PAIR
                        || next == State.EXT_END;
        if (inExtension && (++extension > MAX_EXTENSION || ++extensions > MAX_EXTENSIONS)) {
            return Fault.CHUNK_OVERHEAD;
        }
        return null;
    }

    /** A token's byte, or what ends the extension. */
    private @Nullable Fault extensionToken(byte b) {
        if (Ascii.token(b) != 0) {
            parts++;
            return to(state);
        }
        return parts == 0 ? Fault.BAD_CHUNK : endOfPart(b);
    }

    private @Nullable Fault endOfPart(byte b) {
        parts = 0;
        if (b == ';') {
            return to(State.EXT_NAME);
        }
        return b == '\r' ? to(State.SIZE_LF) : Fault.BAD_CHUNK;
    }

    private @Nullable Fault sizeRead() {
        extension = 0;
        return to(size == 0 ? State.TRAILER : State.DATA);
    }
}

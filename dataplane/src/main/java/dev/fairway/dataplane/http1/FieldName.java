package dev.fairway.dataplane.http1;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The field names the engine acts on, and what it does with them when it forwards. All others are
 * {@link #OTHER} and pass.
 */
public enum FieldName {
    OTHER(Fate.PASS),
    /** Nobody sees it: not policies, not the backend (underscores, attack ledger B23). */
    DROPPED(Fate.HOP),
    HOST(Fate.OURS),
    CONTENT_LENGTH(Fate.FRAMING),
    TRANSFER_ENCODING(Fate.HOP),
    CONNECTION(Fate.HOP),
    KEEP_ALIVE(Fate.HOP),
    PROXY_CONNECTION(Fate.HOP),
    TE(Fate.HOP),
    TRAILER(Fate.HOP),
    UPGRADE(Fate.HOP),
    HTTP2_SETTINGS(Fate.HOP),
    EXPECT(Fate.FRAMING),
    /** httpoxy. */
    PROXY(Fate.HOP),
    AUTHORIZATION(Fate.END_TO_END),
    COOKIE(Fate.END_TO_END),
    FORWARDED(Fate.END_TO_END),
    CDN_LOOP(Fate.END_TO_END),
    X_REQUEST_ID(Fate.OURS),
    X_REAL_IP(Fate.OURS),
    X_FORWARDED_FOR(Fate.OURS),
    X_FORWARDED_HOST(Fate.OURS),
    X_FORWARDED_PORT(Fate.OURS),
    X_FORWARDED_PROTO(Fate.OURS),
    X_FORWARDED_SCHEME(Fate.OURS),
    X_SCHEME(Fate.OURS),
    X_ORIGINAL_FORWARDED_FOR(Fate.OURS),
    X_ORIGINAL_FORWARDED_HOST(Fate.OURS),
    DATE(Fate.END_TO_END),
    SERVER(Fate.END_TO_END),
    SET_COOKIE(Fate.END_TO_END);

    /** What becomes of a field on its way through. */
    public enum Fate {
        /** Forwarded, unless {@code Connection} names it. */
        PASS,
        /** Forwarded whatever {@code Connection} says (attack ledger E8). */
        END_TO_END,
        /** As {@link #END_TO_END}; the writer decides whether the message has use for it. */
        FRAMING,
        /** In a request we write our own; in a response it passes. */
        OURS,
        /** Hop by hop: never forwarded. */
        HOP
    }

    private static final FieldName[] VALUES = values();
    private static final FieldName[] BY_SHAPE = new FieldName[256];

    private final Fate fate;
    private final byte[] lower;

    static {
        for (FieldName name : VALUES) {
            if (name != OTHER && name != DROPPED) {
                int slot = slot(name.lower, 0, name.lower.length);
                while (BY_SHAPE[slot] != null) {
                    slot = slot + 1 & 255;
                }
                BY_SHAPE[slot] = name;
            }
        }
    }

    FieldName(Fate fate) {
        this.fate = fate;
        this.lower =
                name().toLowerCase(Locale.ROOT)
                        .replace('_', '-')
                        .getBytes(StandardCharsets.US_ASCII);
    }

    public Fate fate() {
        return fate;
    }

    public static FieldName at(int ordinal) {
        return VALUES[ordinal];
    }

    /**
     * @param from a token's begin, which is not empty
     */
    public static FieldName of(byte[] bytes, int from, int to) {
        for (int slot = slot(bytes, from, to); BY_SHAPE[slot] != null; slot = slot + 1 & 255) {
            if (Ascii.equalsIgnoreCase(bytes, from, to, BY_SHAPE[slot].lower)) {
                return BY_SHAPE[slot];
            }
        }
        return OTHER;
    }

    /** By length, first, middle and last letter: most other names meet an empty slot. */
    private static int slot(byte[] bytes, int from, int to) {
        int length = to - from;
        int first = bytes[from] | 0x20;
        int middle = bytes[from + (length >> 1)] | 0x20;
        int last = bytes[to - 1] | 0x20;
        int mixed = ((first * 31 + middle) * 31 + last) * 31 + length;
        return (mixed ^ mixed >>> 8) & 255;
    }
}

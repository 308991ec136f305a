package dev.fairway.dataplane.http1;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A backend's response head. */
public final class ResponseHead extends Head {
    private int status;
    private int minorVersion;
    private boolean http2;
    private int reasonStart;
    private int reasonEnd;
    private long framing;
    private boolean close;

    /** {@code HTTP/1.x SP 3DIGIT [SP reason]} (RFC 9112 4; the last space is often forgotten). */
    @Override
    @Nullable Fault startLine(int from, int to) {
        byte[] b = bytes();
        if (to - from < 12 || !Ascii.equalsIgnoreCase(b, from, from + 7, "http/1.")) {
            return Fault.BAD_STATUS_LINE;
        }
        boolean shape =
                b[from] == 'H'
                        && b[from + 1] == 'T'
                        && b[from + 2] == 'T'
                        && b[from + 3] == 'P'
                        && (b[from + 7] == '0' || b[from + 7] == '1')
                        && b[from + 8] == ' '
                        && Ascii.isDigit(b[from + 9])
                        && Ascii.isDigit(b[from + 10])
                        && Ascii.isDigit(b[from + 11])
                        && (to - from == 12 || b[from + 12] == ' ');
        if (!shape) {
            return Fault.BAD_STATUS_LINE;
        }
        minorVersion = b[from + 7] - '0';
        http2 = false;
        status = (b[from + 9] - '0') * 100 + (b[from + 10] - '0') * 10 + b[from + 11] - '0';
        reasonStart = Math.min(from + 13, to);
        reasonEnd = to;
        return status >= 100 && status <= 599 ? null : Fault.BAD_STATUS_LINE;
    }

    @Override
    Fault lineTooLong() {
        return Fault.BAD_STATUS_LINE;
    }

    @Override
    int emptyLinesAllowed() {
        return 0;
    }

    /**
     * What {@link #interpret} would read, of a response that came by HTTP/2.
     *
     * @param bodyFollows whether its stream goes on
     */
    public @Nullable Fault received(int streamStatus, boolean toHead, boolean bodyFollows) {
        status = streamStatus;
        minorVersion = 1;
        http2 = true;
        reasonStart = 0;
        reasonEnd = 0;
        long said = Framing.of(this, bodyFollows ? Framing.CHUNKED : 0);
        boolean bodiless = toHead || status < 200 || status == 204 || status == 304;
        if (said == Framing.FAULTY || (!bodyFollows && !bodiless && said > 0)) {
            return Fault.MALFORMED;
        }
        framing = bodiless ? 0 : said;
        close = false;
        return null;
    }

    /**
     * Reads framing and connection options once the head is complete.
     *
     * @param toHead whether it answers a HEAD request
     */
    public @Nullable Fault interpret(boolean toHead) {
        int options = ConnectionOptions.read(this);
        if ((options & ConnectionOptions.FAULTY) != 0) {
            return Fault.BAD_FIELD;
        }
        long said = Framing.of(this, Framing.UNTIL_CLOSE);
        if (said == Framing.FAULTY) {
            return Fault.BAD_FRAMING;
        }
        if (said == Framing.CHUNKED && minorVersion == 0) {
            return Fault.BAD_FRAMING;
        }
        boolean bodiless = toHead || status < 200 || status == 204 || status == 304;
        framing = bodiless ? 0 : said;
        close =
                (options & ConnectionOptions.CLOSE) != 0
                        || framing == Framing.UNTIL_CLOSE
                        || (minorVersion == 0 && (options & ConnectionOptions.KEEP_ALIVE) == 0);
        return null;
    }

    /**
     * The backend took an extended CONNECT (RFC 8441): becomes the 101 that HTTP/1 has for it.
     *
     * @param protocol what was asked for
     * @param accept the answer to the client's key; null: it has none
     */
    public void switching(String protocol, @Nullable String accept) {
        status = 101;
        framing = 0;
        reopen();
        line("upgrade", protocol, FieldName.UPGRADE);
        if (accept != null) {
            line("sec-websocket-accept", accept, FieldName.OTHER);
        }
        end();
    }

    private void line(String name, String value, FieldName as) {
        byte[] bytes = (name + ": " + value + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        line(bytes, 0, bytes.length, name.length(), as);
    }

    /** Whether it came by HTTP/2: trailers may follow whatever its length. */
    public boolean http2() {
        return http2;
    }

    public int status() {
        return status;
    }

    public int reasonStart() {
        return reasonStart;
    }

    public int reasonEnd() {
        return reasonEnd;
    }

    /** Body length, or a constant of {@link Framing}. */
    public long framing() {
        return framing;
    }

    /** Whether its bytes say how long its body is: by a length, or by a status that has none. */
    public boolean saysLength() {
        return status == 204 || status == 304 || find(FieldName.CONTENT_LENGTH) >= 0;
    }

    /**
     * Of a response without a body or a word of its length, for a client whose protocol needs one: the
     * body ends when it ends.
     */
    public void withoutLength() {
        framing = Framing.CHUNKED;
    }

    /** The connection can't be used again. */
    public boolean close() {
        return close;
    }
}

package dev.fairway.dataplane.http1;

import org.jspecify.annotations.Nullable;

/**
 * A client's request head. {@link #interpret} turns a complete one into what routing reads: canonical
 * host and path, framing, what the client wants of the connection.
 */
public final class RequestHead extends Head {
    public static final int MAX_METHOD = 32;

    private int methodStart;
    private int methodEnd;
    private int minorVersion;
    private boolean http2;
    private boolean tunnel;

    private final CanonicalRequest canonical = new CanonicalRequest(this);
    private final RequestTarget target = new RequestTarget(this);

    private long framing;
    private boolean close;
    private boolean expectsContinue;
    private int upgrade;
    private boolean connectionNamesTe;
    private int droppedUnderscores;

    @Override
    public void clear() {
        super.clear();
        canonical.clear();
        target.clear();
        http2 = false;
        tunnel = false;
        framing = 0;
        close = true;
        expectsContinue = false;
        upgrade = -1;
        connectionNamesTe = false;
        droppedUnderscores = 0;
    }

    /** {@code method SP target SP HTTP/1.x}, single spaces (RFC 9112 3, attack ledger B15). */
    @Override
    @Nullable Fault startLine(int from, int to) {
        byte[] b = bytes();
        methodStart = from;
        methodEnd = from;
        while (methodEnd < to && b[methodEnd] != ' ') {
            methodEnd++;
        }
        if (!Ascii.isToken(b, from, methodEnd) || methodEnd == to) {
            return Fault.BAD_REQUEST_LINE;
        }
        if (methodEnd - from > MAX_METHOD) {
            return Fault.METHOD_TOO_LONG;
        }
        int targetStart = methodEnd + 1;
        int targetEnd = targetStart;
        while (targetEnd < to && b[targetEnd] != ' ') {
            targetEnd++;
        }
        if (targetEnd == targetStart || targetEnd == to) {
            return Fault.BAD_REQUEST_LINE;
        }
        target.at(targetStart, targetEnd);
        return version(targetEnd + 1, to);
    }

    private @Nullable Fault version(int from, int to) {
        byte[] b = bytes();
        boolean shape =
                to - from == 8
                        && b[from] == 'H'
                        && b[from + 1] == 'T'
                        && b[from + 2] == 'T'
                        && b[from + 3] == 'P'
                        && b[from + 4] == '/'
                        && Ascii.isDigit(b[from + 5])
                        && b[from + 6] == '.'
                        && Ascii.isDigit(b[from + 7]);
        if (!shape) {
            return saysHttp(from, to) ? Fault.BAD_REQUEST_LINE : Fault.NOT_HTTP;
        }
        minorVersion = b[from + 7] - '0';
        return b[from + 5] == '1' && minorVersion <= 1 ? null : Fault.BAD_VERSION;
    }

    private boolean saysHttp(int from, int to) {
        return target.looksLikeOne()
                || (to - from >= 5 && Ascii.equalsIgnoreCase(bytes(), from, from + 5, "http/"));
    }

    @Override
    Fault lineTooLong() {
        return Fault.LINE_TOO_LONG;
    }

    @Override
    int emptyLinesAllowed() {
        return 2;
    }

    /** Reads the complete head; what is ambiguous is refused. */
    public @Nullable Fault interpret(boolean keepUnderscores) {
        if (methodIs("TRACE") || methodIs("CONNECT")) {
            return Fault.METHOD_REFUSED;
        }
        if (!keepUnderscores && mayHaveUnderscores()) {
            dropUnderscores();
        }
        Fault fault = bodyFraming();
        if (fault == null) {
            fault = target.interpret();
        }
        return fault == null ? connection() : fault;
    }

    /**
     * Where the parts of a request are that came by HTTP/2, in these bytes.
     *
     * @param targetFrom of the target, which begins with a slash or is the asterisk
     * @param authorityTo 0: Host says it
     * @param asksForTunnel by extended CONNECT; it has an Upgrade field then
     */
    public void received(
            int methodFrom,
            int methodTo,
            int targetFrom,
            int targetTo,
            int authorityFrom,
            int authorityTo,
            boolean asksForTunnel) {
        http2 = true;
        minorVersion = 1;
        methodStart = methodFrom;
        methodEnd = methodTo;
        target.at(targetFrom, targetTo);
        target.authorityAt(authorityFrom, authorityTo);
        tunnel = asksForTunnel;
    }

    /**
     * As {@link #interpret}, for a request that came by HTTP/2.
     *
     * @param bodyFollows whether its stream goes on
     */
    public @Nullable Fault interpretStream(boolean keepUnderscores, boolean bodyFollows) {
        if (methodIs("TRACE")) {
            return Fault.METHOD_REFUSED;
        }
        if (!keepUnderscores) {
            dropUnderscores();
        }
        framing = Framing.of(this, bodyFollows && !tunnel ? Framing.CHUNKED : 0);
        boolean ended = !bodyFollows || tunnel;
        if (framing == Framing.FAULTY || (ended && framing != 0)) {
            return Fault.MALFORMED;
        }
        Fault fault = target.interpret();
        if (fault == null) {
            fault = connection();
        }
        close = false;
        upgrade = tunnel ? find(FieldName.UPGRADE) : -1;
        return fault;
    }

    private void dropUnderscores() {
        for (int i = 0; i < count(); i++) {
            if (Ascii.contains(bytes(), nameStart(i), nameEnd(i), (byte) '_')) {
                rename(i, FieldName.DROPPED);
                droppedUnderscores++;
            }
        }
    }

    private @Nullable Fault bodyFraming() {
        framing = Framing.of(this, 0);
        if (framing == Framing.FAULTY) {
            int coding = find(FieldName.TRANSFER_ENCODING);
            boolean unknown =
                    coding >= 0
                            && find(FieldName.TRANSFER_ENCODING, coding + 1) < 0
                            && find(FieldName.CONTENT_LENGTH) < 0
                            && Ascii.isToken(bytes(), valueStart(coding), valueEnd(coding));
            return unknown ? Fault.UNKNOWN_CODING : Fault.BAD_FRAMING;
        }
        return framing == Framing.CHUNKED && minorVersion == 0 ? Fault.BAD_FRAMING : null;
    }

    private @Nullable Fault connection() {
        int credentials = find(FieldName.AUTHORIZATION);
        if (credentials >= 0 && find(FieldName.AUTHORIZATION, credentials + 1) >= 0) {
            return Fault.DUPLICATE_FIELD;
        }
        int options = ConnectionOptions.read(this);
        if ((options & ConnectionOptions.FAULTY) != 0) {
            return Fault.BAD_FIELD;
        }
        connectionNamesTe = (options & ConnectionOptions.TE) != 0;
        close = minorVersion == 0 || (options & ConnectionOptions.CLOSE) != 0;
        boolean mayUpgrade =
                minorVersion == 1 && (options & ConnectionOptions.UPGRADE) != 0 && framing == 0;
        upgrade = mayUpgrade ? tunnelProtocol() : -1;
        return expectation();
    }

    /**
     * The one protocol a client may switch to: a tunnel to the backend. Never h2c or TLS, by which it
     * would get past every policy (attack ledger B18).
     */
    private int tunnelProtocol() {
        int field = find(FieldName.UPGRADE);
        if (field < 0 || find(FieldName.UPGRADE, field + 1) >= 0) {
            return -1;
        }
        int from = valueStart(field);
        int to = valueEnd(field);
        int slash = from;
        while (slash < to && bytes()[slash] != '/') {
            slash++;
        }
        boolean protocol =
                Ascii.isToken(bytes(), from, slash)
                        && (slash == to || Ascii.isToken(bytes(), slash + 1, to));
        boolean refused =
                Ascii.equalsIgnoreCase(bytes(), from, slash, "h2c")
                        || Ascii.equalsIgnoreCase(bytes(), from, slash, "h2")
                        || Ascii.equalsIgnoreCase(bytes(), from, slash, "http")
                        || Ascii.equalsIgnoreCase(bytes(), from, slash, "tls");
        return protocol && !refused ? field : -1;
    }

    private @Nullable Fault expectation() {
        int field = find(FieldName.EXPECT);
        if (field < 0 || minorVersion == 0) {
            return null;
        }
        if (find(FieldName.EXPECT, field + 1) >= 0 || !value(field).equals("100-continue")) {
            return Fault.BAD_EXPECTATION;
        }
        expectsContinue = framing != 0;
        return null;
    }

    /** What policies see of it; valid as long as the head is. */
    public CanonicalRequest canonical() {
        return canonical;
    }

    public RequestTarget target() {
        return target;
    }

    public boolean methodIs(String method) {
        if (methodEnd - methodStart != method.length()) {
            return false;
        }
        for (int i = 0; i < method.length(); i++) {
            if (bytes()[methodStart + i] != method.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    public int methodStart() {
        return methodStart;
    }

    public int methodEnd() {
        return methodEnd;
    }

    /** Whether it came by HTTP/2. */
    public boolean http2() {
        return http2;
    }

    public int minorVersion() {
        return minorVersion;
    }

    /** Body length, or {@link Framing#CHUNKED}. */
    public long framing() {
        return framing;
    }

    /** The client wants no other request on this connection. */
    public boolean close() {
        return close;
    }

    public boolean expectsContinue() {
        return expectsContinue;
    }

    /** The Upgrade field that asks for a tunnel; -1: none. */
    public int upgrade() {
        return upgrade;
    }

    /** Whether the client said that it takes trailers (RFC 9110 10.1.4). */
    public boolean acceptsTrailers() {
        for (int i = find(FieldName.TE); i >= 0; i = find(FieldName.TE, i + 1)) {
            for (String coding : value(i).split(",", -1)) {
                if (coding.strip().equalsIgnoreCase("trailers")) {
                    return minorVersion == 1;
                }
            }
        }
        return false;
    }

    /** Whether a backend is told so too: in HTTP/1.1, TE without its word in Connection means nothing. */
    public boolean asksForTrailers() {
        return (connectionNamesTe || http2) && acceptsTrailers();
    }

    public int droppedUnderscores() {
        return droppedUnderscores;
    }
}

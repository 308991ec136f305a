package dev.fairway.dataplane.http1;

import dev.fairway.dataplane.message.CanonicalPath;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Where a request goes: target and authority as received, and the canonical host and path that routing
 * reads. A part of its head, into whose bytes all places point; owned by its loop.
 */
public final class RequestTarget {
    private static final int INITIAL_PATH = 256;

    private final RequestHead head;
    private int start;
    private int pathEnd;
    private int end;
    private int authorityStart;
    private int authorityEnd;
    private final byte[] host = new byte[Authority.MAX_BYTES];
    private int hostLength;
    private byte[] path = new byte[INITIAL_PATH];
    private int pathLength;

    RequestTarget(RequestHead head) {
        this.head = head;
    }

    void clear() {
        if (path.length > INITIAL_PATH * 8) {
            path = new byte[INITIAL_PATH];
        }
        authorityStart = 0;
        authorityEnd = 0;
        hostLength = 0;
        pathLength = 0;
    }

    /** Where it is. */
    void at(int from, int to) {
        start = from;
        end = to;
    }

    /**
     * Where the authority is that came beside it.
     *
     * @param to 0: there is none
     */
    void authorityAt(int from, int to) {
        authorityStart = from;
        authorityEnd = to;
    }

    /** Whether it begins as any form of a target does, or as a URL. */
    boolean looksLikeOne() {
        byte[] b = head.bytes();
        return b[start] == '/' || b[start] == '*' || Ascii.contains(b, start, end, (byte) ':');
    }

    /** Reads it, and the Host field; what is ambiguous is refused. */
    @Nullable Fault interpret() {
        Fault fault = readPath();
        return fault == null ? readAuthority() : fault;
    }

    private @Nullable Fault readPath() {
        byte[] b = head.bytes();
        if (b[start] != '/') {
            if (isAsterisk()) {
                path[0] = '*';
                pathLength = 1;
                pathEnd = end;
                return head.methodIs("OPTIONS") ? null : Fault.BAD_PATH;
            }
            if (!absoluteForm()) {
                return Fault.BAD_PATH;
            }
        }
        pathEnd = start;
        while (pathEnd < end && b[pathEnd] != '?') {
            pathEnd++;
        }
        if (Ascii.contains(b, pathEnd, end, (byte) '#')) {
            return Fault.BAD_PATH;
        }
        if (pathEnd == start) {
            // absolute-form without a path: RFC 9112 3.2.1
            path[0] = '/';
            pathLength = 1;
            return null;
        }
        int bound = CanonicalPath.bound(b, start, pathEnd);
        if (path.length < bound) {
            path = new byte[bound];
        }
        pathLength = CanonicalPath.canonical(b, start, pathEnd, path, true);
        return pathLength < 0 ? Fault.BAD_PATH : null;
    }

    /** {@code http://authority/…}: the authority wins over Host (RFC 9112 3.2.2). */
    private boolean absoluteForm() {
        byte[] b = head.bytes();
        int scheme = start;
        while (scheme < end && b[scheme] != ':') {
            scheme++;
        }
        boolean http =
                Ascii.equalsIgnoreCase(b, start, scheme, "http")
                        || Ascii.equalsIgnoreCase(b, start, scheme, "https");
        if (!http || scheme + 3 > end || b[scheme + 1] != '/' || b[scheme + 2] != '/') {
            return false;
        }
        authorityStart = scheme + 3;
        authorityEnd = authorityStart;
        while (authorityEnd < end && b[authorityEnd] != '/' && b[authorityEnd] != '?') {
            authorityEnd++;
        }
        start = authorityEnd;
        return authorityEnd > authorityStart;
    }

    private @Nullable Fault readAuthority() {
        byte[] b = head.bytes();
        int field = head.find(FieldName.HOST);
        if (field < 0) {
            if (head.minorVersion() == 1 && !(head.http2() && authorityEnd > authorityStart)) {
                return Fault.BAD_HOST;
            }
        } else {
            if (head.find(FieldName.HOST, field + 1) >= 0) {
                return Fault.BAD_HOST;
            }
            hostLength = Authority.canonical(b, head.valueStart(field), head.valueEnd(field), host);
            if (hostLength < 0) {
                return Fault.BAD_HOST;
            }
        }
        if (authorityEnd > authorityStart) {
            hostLength = Authority.canonical(b, authorityStart, authorityEnd, host);
        } else if (field >= 0) {
            authorityStart = head.valueStart(field);
            authorityEnd = head.valueEnd(field);
        }
        return hostLength < 0 ? Fault.BAD_HOST : null;
    }

    /** {@code OPTIONS *}, once interpreted. */
    public boolean isAsterisk() {
        return end - start == 1 && head.bytes()[start] == '*';
    }

    /** Canonical host; {@link #hostLength} bytes of it. */
    public byte[] host() {
        return host;
    }

    public int hostLength() {
        return hostLength;
    }

    /** Canonical path; {@link #pathLength} bytes of it. */
    public byte[] path() {
        return path;
    }

    public int pathLength() {
        return pathLength;
    }

    public int authorityStart() {
        return authorityStart;
    }

    public int authorityEnd() {
        return authorityEnd;
    }

    /** The path as received. */
    public int rawPathStart() {
        return start;
    }

    public int rawPathEnd() {
        return pathEnd;
    }

    /** Ends the query; it begins behind {@link #rawPathEnd}, question mark first. */
    public int end() {
        return end;
    }

    /** Whether anything named one. */
    public boolean hasAuthority() {
        return authorityStart < authorityEnd;
    }

    boolean hasQuery() {
        return pathEnd < end;
    }

    /** Path and query as received; with a slash where an absolute form has no path. */
    String text() {
        String target = head.text(start, end);
        return start == pathEnd ? "/" + target : target;
    }

    String queryText() {
        return hasQuery() ? head.text(pathEnd + 1, end) : "";
    }

    String authorityText() {
        return head.text(authorityStart, authorityEnd);
    }

    String hostText() {
        return new String(host, 0, hostLength, StandardCharsets.US_ASCII);
    }

    String pathText() {
        return new String(path, 0, pathLength, StandardCharsets.US_ASCII);
    }
}

package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.http1.CanonicalRequest;
import dev.fairway.dataplane.http1.FieldName;
import dev.fairway.dataplane.http1.Framing;
import dev.fairway.dataplane.http1.HeadWriter;
import dev.fairway.dataplane.http1.RequestHead;
import dev.fairway.dataplane.http1.RequestTarget;
import dev.fairway.dataplane.message.CanonicalPath;
import dev.fairway.dataplane.policy.Dispatch;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a backend is sent: the canonical request, the client's end-to-end fields in runs as received,
 * and our own. Hop-by-hop fields go first, then ours come, so that no client can remove ours.
 */
final class RequestWriter {
    private static final byte[] VERSION = " HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);

    /** An old client named no host; most servers refuse an empty one. */
    private static final byte[] HOSTLESS =
            "Host: localhost\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] CHUNKED =
            "Transfer-Encoding: chunked\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TRAILERS =
            "TE: trailers\r\nConnection: TE\r\n".getBytes(StandardCharsets.US_ASCII);

    private RequestWriter() {}

    /**
     * @param keepSlashes forward the path with its repeated slashes
     * @param bodiless an error page is asked for: by GET or HEAD, whatever the request was
     */
    static void write(
            HeadWriter out,
            CanonicalRequest request,
            Dispatch.Forward forward,
            ForwardedHeaders forwarded,
            FieldEdits edits,
            boolean keepSlashes,
            boolean bodiless) {
        RequestHead head = request.head();
        out.begin();
        if (bodiless && !head.methodIs("HEAD")) {
            out.ascii("GET");
        } else {
            out.raw(head.bytes(), head.methodStart(), head.methodEnd());
        }
        out.ascii(" ");
        target(out, head, forward, keepSlashes);
        out.raw(VERSION);
        RequestTarget to = head.target();
        if (!to.hasAuthority() && !edits.replaces("host")) {
            out.raw(HOSTLESS);
        } else if (!edits.replaces("host")) {
            out.field("Host", head.bytes(), to.authorityStart(), to.authorityEnd());
        }
        fields(out, head, forwarded, edits, bodiless);
        forwarded.writeTo(out, request, edits);
        Passes.writeTo(out);
        if (!bodiless && head.framing() == Framing.CHUNKED) {
            out.raw(CHUNKED);
        } else if (!bodiless && head.find(FieldName.CONTENT_LENGTH) >= 0) {
            // As we understood it: 010 is eight to some.
            out.ascii("Content-Length: ").number(head.framing()).crlf();
        }
        if (!bodiless && head.upgrade() >= 0) {
            int field = head.upgrade();
            out.ascii("Connection: upgrade\r\n");
            out.field("Upgrade", head.bytes(), head.valueStart(field), head.valueEnd(field));
        } else if (!bodiless && head.asksForTrailers()) {
            out.raw(TRAILERS);
        }
        edits.writeTo(out);
        out.crlf();
    }

    private static void fields(
            HeadWriter out,
            RequestHead head,
            ForwardedHeaders forwarded,
            FieldEdits edits,
            boolean bodiless) {
        int run = -1;
        boolean edited = !edits.isEmpty();
        for (int i = 0; i < head.count(); i++) {
            boolean passes =
                    passes(head, i, forwarded, bodiless) && !(edited && edits.replaces(head, i));
            if (passes && run < 0) {
                run = head.lineStart(i);
            } else if (!passes && run >= 0) {
                out.raw(head.bytes(), run, head.lineStart(i));
                run = -1;
            }
        }
        if (run >= 0) {
            out.raw(head.bytes(), run, head.lineStart(head.count()));
        }
    }

    private static boolean passes(
            RequestHead head, int i, ForwardedHeaders forwarded, boolean bodiless) {
        FieldName name = head.name(i);
        return switch (name.fate()) {
            case PASS -> true;
            case END_TO_END -> name != FieldName.FORWARDED || forwarded.passesForwarded();
            case FRAMING -> !bodiless && name == FieldName.EXPECT && head.expectsContinue();
            case OURS, HOP -> false;
        };
    }

    private static void target(
            HeadWriter out, RequestHead head, Dispatch.Forward forward, boolean keepSlashes) {
        String path = forward.path();
        if (path != null) {
            out.ascii(checked(path));
        } else {
            byte[] kept = keepSlashes ? keptSlashes(head) : null;
            if (kept != null) {
                out.raw(kept);
            } else {
                out.raw(head.target().path(), 0, head.target().pathLength());
            }
        }
        String query = forward.query();
        if (query == null) {
            query(out, head);
        } else if (!query.isEmpty()) {
            out.ascii("?").ascii(checked(query));
        }
    }

    /** As received, but for bytes that no target may hold: they are encoded, as in the path. */
    private static void query(HeadWriter out, RequestHead head) {
        byte[] bytes = head.bytes();
        int run = head.target().rawPathEnd();
        int end = head.target().end();
        for (int i = run; i < end; i++) {
            if (bytes[i] < 0) {
                out.raw(bytes, run, i).percent(bytes[i]);
                run = i + 1;
            }
        }
        out.raw(bytes, run, end);
    }

    /** A rewritten target enters the request line only as visible ASCII. */
    private static String checked(String part) {
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            if (c <= ' ' || c >= 127 || c == '#') {
                throw new IllegalArgumentException("a rewrite made an invalid target");
            }
        }
        return part;
    }

    /**
     * The path with its repeated slashes; null when merging them gives another path than the one
     * that was matched ({@code /a//../b}), which is forwarded then.
     */
    private static byte @Nullable [] keptSlashes(RequestHead head) {
        RequestTarget target = head.target();
        int from = target.rawPathStart();
        int to = target.rawPathEnd();
        byte[] kept = new byte[CanonicalPath.bound(head.bytes(), from, to)];
        int length = CanonicalPath.canonical(head.bytes(), from, to, kept, false);
        if (length < 0) {
            return null;
        }
        byte[] merged = new byte[length + 1];
        int mergedLength = CanonicalPath.canonical(kept, 0, length, merged, true);
        boolean same =
                Arrays.equals(merged, 0, mergedLength, target.path(), 0, target.pathLength());
        return same ? Arrays.copyOf(kept, length) : null;
    }
}

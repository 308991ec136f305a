package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Settings;
import dev.fairway.dataplane.http1.FieldName;
import dev.fairway.dataplane.http1.HeadWriter;
import dev.fairway.dataplane.http1.ResponseHead;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a client is sent of a backend's response head: end-to-end fields in runs, then ours. */
final class ResponseWriter {
    private static final byte[] CHUNKED =
            "Transfer-Encoding: chunked\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CLOSE = "Connection: close\r\n".getBytes(StandardCharsets.US_ASCII);

    private ResponseWriter() {}

    /** A 1xx other than 101. */
    static void informational(HeadWriter out, ResponseHead head) {
        statusLine(out, head);
        fields(out, head, Settings.DEFAULTS, FieldEdits.NONE);
        out.crlf();
    }

    /**
     * A final head, or a 101.
     *
     * @param chunked the body is sent in chunks of ours
     * @param close say that the connection ends with this response
     */
    static void head(
            HeadWriter out,
            ResponseHead head,
            Settings settings,
            FieldEdits edits,
            byte[] date,
            boolean chunked,
            boolean close) {
        statusLine(out, head);
        if (!settings.allowBackendServerHeader() && settings.serverHeader().isPresent()) {
            out.field("Server", settings.serverHeader().get());
        }
        if (head.find(FieldName.DATE) < 0) {
            out.ascii("Date: ").raw(date).crlf();
        }
        fields(out, head, settings, edits);
        edits.writeTo(out);
        if (chunked) {
            out.raw(CHUNKED);
        }
        if (head.status() == 101) {
            int protocol = head.find(FieldName.UPGRADE);
            out.ascii("Connection: upgrade\r\n");
            out.field("Upgrade", head.bytes(), head.valueStart(protocol), head.valueEnd(protocol));
        } else if (close) {
            out.raw(CLOSE);
        }
        out.crlf();
    }

    private static void statusLine(HeadWriter out, ResponseHead head) {
        out.begin().ascii("HTTP/1.1 ").number(head.status()).ascii(" ");
        if (head.http2()) {
            out.ascii(ErrorPage.phrase(head.status()))
                    .crlf(); // HTTP/2 has none; some clients miss it
        } else {
            out.raw(head.bytes(), head.reasonStart(), head.reasonEnd()).crlf();
        }
    }

    private static void fields(
            HeadWriter out, ResponseHead head, Settings settings, FieldEdits edits) {
        int run = -1;
        for (int i = 0; i < head.count(); i++) {
            boolean passes = passes(head, i, settings, edits);
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

    private static boolean passes(ResponseHead head, int i, Settings settings, FieldEdits edits) {
        FieldName name = head.name(i);
        boolean passes =
                switch (name.fate()) {
                    case PASS, OURS -> true;
                    case END_TO_END ->
                            name != FieldName.SERVER || settings.allowBackendServerHeader();
                    // RFC 9110 8.6: no length on 1xx and 204
                    case FRAMING -> head.status() >= 200 && head.status() != 204;
                    case HOP -> false;
                };
        return passes
                && (edits.isEmpty() || !edits.replaces(head, i))
                && !hidden(head, i, settings.hiddenHeaders());
    }

    private static boolean hidden(ResponseHead head, int i, List<String> names) {
        for (int k = 0; k < names.size(); k++) {
            if (head.nameIs(i, names.get(k))) {
                return true;
            }
        }
        return false;
    }
}

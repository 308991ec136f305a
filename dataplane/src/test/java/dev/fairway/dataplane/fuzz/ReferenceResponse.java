package dev.fairway.dataplane.fuzz;

import dev.fairway.dataplane.http1.HeadLimits;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A backend's response, read as strictly as a request (RFC 9112 4 and 6, attack ledger B20). */
public final class ReferenceResponse {
    private static final Pattern START =
            Pattern.compile("HTTP/1\\.([01]) ([1-5][0-9]{2})(?: (.*))?", Pattern.DOTALL);

    private ReferenceResponse() {}

    public static Reading<ResponseMeaning> read(String in, HeadLimits limits, boolean toHead) {
        ReferenceHead head = ReferenceHead.read(in, limits, 0, 502);
        Matcher start = START.matcher(head.startLine());
        boolean started = !head.startLine().isEmpty();
        if (!head.faults().isEmpty() || (started && !start.matches())) {
            return new Reading.Refused<>(Set.of(502));
        }
        if (head.end() < 0) {
            return new Reading.Partial<>();
        }
        int minor = Integer.parseInt(start.group(1));
        int status = Integer.parseInt(start.group(2));
        ReferenceConnection connection = ReferenceConnection.of(head.values("connection"));
        Long said = length(head, minor);
        if (said == null || connection.faulty()) {
            return new Reading.Refused<>(Set.of(502));
        }
        boolean bodiless = toHead || status < 200 || status == 204 || status == 304;
        long length = bodiless ? 0 : said;
        ReferenceBody body = ReferenceBody.read(in, head.end(), length);
        if (body.faulty()) {
            return new Reading.Refused<>(Set.of(502));
        }
        if (body.end() < 0) {
            return new Reading.Partial<>();
        }
        boolean close =
                connection.options().contains("close")
                        || length == -2
                        || (minor == 0 && !connection.options().contains("keep-alive"));
        return new Reading.Whole<>(
                new ResponseMeaning(
                        status,
                        start.group(3) == null ? "" : start.group(3),
                        minor,
                        connection.leaves(head.fields()),
                        length,
                        close,
                        body.data()),
                body.end());
    }

    /** Null: ambiguous. */
    private static @Nullable Long length(ReferenceHead head, int minor) {
        List<String> codings = head.values("transfer-encoding");
        List<String> lengths = head.values("content-length");
        if (!codings.isEmpty()) {
            boolean good =
                    codings.size() == 1
                            && lengths.isEmpty()
                            && codings.getFirst().equalsIgnoreCase("chunked")
                            && minor == 1;
            return good ? -1L : null;
        }
        if (lengths.isEmpty()) {
            return -2L;
        }
        boolean good =
                lengths.size() == 1
                        && ReferenceRequest.DIGITS.matcher(lengths.getFirst()).matches()
                        && (lengths.getFirst().length() < 19
                                || lengths.getFirst().compareTo(String.valueOf(Long.MAX_VALUE))
                                        <= 0);
        return good ? Long.valueOf(lengths.getFirst()) : null;
    }
}

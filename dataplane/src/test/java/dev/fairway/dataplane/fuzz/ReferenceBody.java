package dev.fairway.dataplane.fuzz;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A body (RFC 9112 6.3 and 7.1, attack ledger B6 to B9).
 *
 * @param end where the next message begins; -1: it is not complete
 */
record ReferenceBody(String data, boolean faulty, int end) {
    private static final String EXTENSION =
            "(?:;"
                    + ReferenceHead.TOKEN
                    + "(?:=(?:"
                    + ReferenceHead.TOKEN
                    + "|\"(?:[\\t\\x20\\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\x20-\\x7e\\x80-\\xff])*\"))?)*";
    private static final Pattern SIZE = Pattern.compile("([0-9A-Fa-f]{1,8})(" + EXTENSION + ")");
    private static final Pattern TRAILER =
            Pattern.compile(ReferenceHead.TOKEN + ":[\\t\\x20-\\x7e\\x80-\\xff]*");
    private static final int MAX_EXTENSION = 256;
    private static final int MAX_EXTENSIONS = 16 * 1024;
    private static final int MAX_TRAILERS = 8 * 1024;

    private static final int MAX_TRAILER_FIELDS = 100;

    private static ReferenceBody faulty(StringBuilder data) {
        return new ReferenceBody(data.toString(), true, -1);
    }

    private static ReferenceBody partial(StringBuilder data) {
        return new ReferenceBody(data.toString(), false, -1);
    }

    /**
     * @param length -1: chunked, -2: all there is
     */
    static ReferenceBody read(String in, int from, long length) {
        if (length == -2) {
            return new ReferenceBody(in.substring(from), false, in.length());
        }
        if (length >= 0) {
            boolean whole = in.length() - from >= length;
            int end = whole ? (int) (from + length) : in.length();
            return new ReferenceBody(in.substring(from, end), false, whole ? end : -1);
        }
        return chunked(in, from);
    }

    private static ReferenceBody chunked(String in, int from) {
        StringBuilder data = new StringBuilder();
        int extensions = 0;
        int at = from;
        while (true) {
            int lineFeed = in.indexOf('\n', at);
            if (lineFeed < 0) {
                return partial(data);
            }
            String line = in.substring(at, lineFeed);
            Matcher size =
                    SIZE.matcher(line.endsWith("\r") ? line.substring(0, line.length() - 1) : "");
            if (!size.matches()) {
                return faulty(data);
            }
            extensions += size.group(2).length();
            if (size.group(2).length() > MAX_EXTENSION || extensions > MAX_EXTENSIONS) {
                return faulty(data);
            }
            at = lineFeed + 1;
            long bytes = Long.parseLong(size.group(1), 16);
            if (bytes == 0) {
                return trailers(in, at, data);
            }
            if (in.length() - at < bytes) {
                data.append(in, at, in.length());
                return partial(data);
            }
            data.append(in, at, at + (int) bytes);
            at += (int) bytes;
            String behind = in.substring(at, Math.min(in.length(), at + 2));
            if (!"\r\n".startsWith(behind)) {
                return faulty(data);
            }
            if (behind.length() < 2) {
                return partial(data);
            }
            at += 2;
        }
    }

    private static ReferenceBody trailers(String in, int from, StringBuilder data) {
        int trailers = 0;
        int fields = 0;
        int at = from;
        while (true) {
            int lineFeed = in.indexOf('\n', at);
            if (lineFeed < 0) {
                return partial(data);
            }
            String line = in.substring(at, lineFeed);
            at = lineFeed + 1;
            if (line.equals("\r")) {
                return new ReferenceBody(data.toString(), false, at);
            }
            trailers += line.length() - 1;
            boolean good =
                    line.endsWith("\r")
                            && TRAILER.matcher(line.substring(0, line.length() - 1)).matches();
            if (!good || trailers > MAX_TRAILERS || ++fields > MAX_TRAILER_FIELDS) {
                return faulty(data);
            }
        }
    }

    /** Statuses for a faulty body. */
    static final Set<Integer> STATUSES = new TreeSet<>(Set.of(400));
}

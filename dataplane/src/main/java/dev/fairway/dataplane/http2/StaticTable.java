package dev.fairway.dataplane.http2;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** RFC 7541 appendix A, as rendered lines. Immutable. */
final class StaticTable {
    static final int SIZE = 61;
    static final int AUTHORITY = 1;
    static final int METHOD = 2;
    static final int METHOD_GET = 2;
    static final int METHOD_POST = 3;
    static final int PATH = 4;
    static final int PATH_ROOT = 4;
    static final int SCHEME_HTTP = 6;
    static final int SCHEME_HTTPS = 7;
    static final int STATUS = 8;

    private static final String TEXT =
            """
            :authority
            :method GET
            :method POST
            :path /
            :path /index.html
            :scheme http
            :scheme https
            :status 200
            :status 204
            :status 206
            :status 304
            :status 400
            :status 404
            :status 500
            accept-charset
            accept-encoding gzip, deflate
            accept-language
            accept-ranges
            accept
            access-control-allow-origin
            age
            allow
            authorization
            cache-control
            content-disposition
            content-encoding
            content-language
            content-length
            content-location
            content-range
            content-type
            cookie
            date
            etag
            expect
            expires
            from
            host
            if-match
            if-modified-since
            if-none-match
            if-range
            if-unmodified-since
            last-modified
            link
            location
            max-forwards
            proxy-authenticate
            proxy-authorization
            range
            referer
            refresh
            retry-after
            server
            set-cookie
            strict-transport-security
            transfer-encoding
            user-agent
            vary
            via
            www-authenticate
            """;

    /** From 1 on. */
    static final byte[][] LINES = new byte[SIZE + 1][];

    static final int[] NAME_LENGTHS = new int[SIZE + 1];
    static final int[] KINDS = new int[SIZE + 1];

    /** Where a name first stands, by {@link #slot}; 0: nowhere. */
    private static final int[] BY_NAME = new int[256];

    static {
        List<String> lines = new ArrayList<>(TEXT.lines().toList());
        for (int i = 1; i <= SIZE; i++) {
            String line = lines.get(i - 1);
            int space = line.indexOf(' ');
            String name = space < 0 ? line : line.substring(0, space);
            String value = space < 0 ? "" : line.substring(space + 1);
            byte[] rendered = (name + ": " + value + "\r\n").getBytes(StandardCharsets.US_ASCII);
            LINES[i] = rendered;
            NAME_LENGTHS[i] = name.length();
            KINDS[i] = FieldKind.of(rendered, 0, name.length(), rendered.length);
            if (i == 1 || find(rendered, 0, name.length()) == 0) {
                int slot = slot(rendered, 0, name.length());
                while (BY_NAME[slot] != 0) {
                    slot = slot + 1 & 255;
                }
                BY_NAME[slot] = i;
            }
        }
    }

    private StaticTable() {}

    /** The first entry with this name, in any case; 0: none. */
    static int find(byte[] bytes, int from, int to) {
        for (int slot = slot(bytes, from, to); BY_NAME[slot] != 0; slot = slot + 1 & 255) {
            int found = BY_NAME[slot];
            if (NAME_LENGTHS[found] == to - from && same(LINES[found], bytes, from, to)) {
                return found;
            }
        }
        return 0;
    }

    private static boolean same(byte[] lower, byte[] bytes, int from, int to) {
        for (int i = 0; i < to - from; i++) {
            if (lower(bytes[from + i]) != lower[i]) {
                return false;
            }
        }
        return true;
    }

    /** Length, first, middle and last byte tell these names well enough apart. */
    private static int slot(byte[] bytes, int from, int to) {
        int length = to - from;
        int hash =
                length * 7
                        + lower(bytes[from]) * 31
                        + lower(bytes[from + length / 2]) * 13
                        + lower(bytes[to - 1]) * 5;
        return (hash ^ hash >>> 8) & 255;
    }

    static int lower(byte b) {
        return b >= 'A' && b <= 'Z' ? b + 32 : b;
    }
}

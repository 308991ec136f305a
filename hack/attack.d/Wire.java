import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Just enough HTTP/1.1. */
final class Wire {
    private Wire() {}

    /** @param length of the body; -1: chunked */
    record Head(String first, long length, boolean closes) {}

    /** Null: the connection ended before another one. */
    static Head head(InputStream in) throws IOException {
        String first = line(in);
        if (first == null) {
            return null;
        }
        long length = 0;
        boolean closes = false;
        for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
            String lower = line.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Long.parseLong(line.substring(15).strip());
            } else if (lower.startsWith("transfer-encoding:")) {
                length = -1;
            } else if (lower.startsWith("connection:") && lower.contains("close")) {
                closes = true;
            }
        }
        return new Head(first, length, closes);
    }

    static void skipBody(Head head, InputStream in) throws IOException {
        if (head.length() >= 0) {
            in.skipNBytes(head.length());
            return;
        }
        while (true) {
            String line = line(in);
            if (line == null) {
                throw new EOFException("in a body");
            }
            int size = Integer.parseInt(line, 16);
            in.skipNBytes(size + 2L);
            if (size == 0) {
                return;
            }
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b >= 0; b = in.read()) {
            if (b == '\n') {
                return line.substring(0, Math.max(0, line.length() - 1));
            }
            line.append((char) b);
        }
        if (line.isEmpty()) {
            return null;
        }
        throw new EOFException("in a line: " + line.toString().getBytes(StandardCharsets.US_ASCII).length);
    }
}

package dev.fairway.echo;

import dev.fairway.echo.Request.Header;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** HTTP/1.1 framing (RFC 9112) of one connection, read by its own thread only. */
final class Wire {
    private static final int MAX_LINE = 64 * 1024;

    private final InputStream in;
    private final OutputStream out;
    private final String remote;

    Wire(InputStream in, OutputStream out, String remote) {
        this.in = in;
        this.out = out;
        this.remote = remote;
    }

    /** A request line and headers, the body not read yet. */
    record Head(String method, String target, String version, List<Header> headers) {}

    /** The next head, or null where the peer closed between requests. */
    @Nullable Head head() throws IOException {
        String line = line();
        while (line != null && line.isEmpty()) {
            line = line();
        }
        if (line == null) {
            return null;
        }
        var parts = line.split(" ", -1);
        if (parts.length != 3 || !parts[2].startsWith("HTTP/1.")) {
            throw new IllegalArgumentException("no request line: " + line);
        }
        return new Head(parts[0], parts[1], parts[2], headers());
    }

    /** Reads the body to its end and counts it; {@code 100 Continue} first where it is asked for. */
    Request body(Head head) throws IOException {
        var bare =
                new Request(
                        remote,
                        head.method(),
                        head.target(),
                        head.version(),
                        head.headers(),
                        0,
                        List.of());
        boolean chunked = bare.has("transfer-encoding", "chunked");
        long length = Long.parseLong(bare.header("content-length").orElse("0"));
        if (bare.has("expect", "100-continue") && (chunked || length > 0)) {
            out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
        }
        List<Header> trailers = List.of();
        if (chunked) {
            length = 0;
            for (long size = chunkSize(); size > 0; size = chunkSize()) {
                in.skipNBytes(size);
                length += size;
                required();
            }
            trailers = headers();
        } else {
            in.skipNBytes(length);
        }
        return new Request(
                remote,
                head.method(),
                head.target(),
                head.version(),
                head.headers(),
                length,
                trailers);
    }

    private long chunkSize() throws IOException {
        return Long.parseLong(required().split(";", 2)[0].strip(), 16);
    }

    private List<Header> headers() throws IOException {
        var headers = new ArrayList<Header>();
        for (var line = required(); !line.isEmpty(); line = required()) {
            headers.add(Header.parse(line));
        }
        return headers;
    }

    private String required() throws IOException {
        var line = line();
        if (line == null) {
            throw new EOFException("closed inside a message");
        }
        return line;
    }

    private @Nullable String line() throws IOException {
        var bytes = new ByteArrayOutputStream(128);
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                return null;
            }
            if (bytes.size() == MAX_LINE) {
                throw new IllegalArgumentException("line over " + MAX_LINE + " bytes");
            }
            bytes.write(b);
        }
        var line = bytes.toString(StandardCharsets.ISO_8859_1);
        return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    }
}

package dev.fairway.dataplane.proxy;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Just enough HTTP/1 to read what well-behaved tests expect; written apart from the engine. */
public final class Wire {
    private Wire() {}

    /** One exchange; head and body of the answer. */
    public static String ask(Socket socket, String host, String target, String... fields)
            throws IOException {
        StringBuilder request =
                new StringBuilder("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n");
        for (String field : fields) {
            request.append(field).append("\r\n");
        }
        socket.getOutputStream()
                .write(request.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        String head = head(in);
        if (head == null) {
            throw new EOFException("before an answer");
        }
        return head + body(head, in, false);
    }

    /** Waits in a script of a backend, five seconds at most. */
    static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /** Up to and with the empty line; null when the stream ends before the first byte. */
    static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (true) {
            int b = in.read();
            if (b < 0) {
                if (head.size() == 0) {
                    return null;
                }
                throw new EOFException("in a head: " + head);
            }
            head.write(b);
            String text = b == '\n' ? head.toString(StandardCharsets.ISO_8859_1) : "";
            if (text.endsWith("\r\n\r\n")) {
                return text;
            }
        }
    }

    static String field(String head, String name) {
        for (String line : head.split("\r\n")) {
            int colon = line.indexOf(':');
            if (colon > 0 && line.substring(0, colon).equalsIgnoreCase(name)) {
                return line.substring(colon + 1).strip();
            }
        }
        return null;
    }

    static String body(String head, InputStream in, boolean untilClose) throws IOException {
        String length = field(head, "content-length");
        String coding = field(head, "transfer-encoding");
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        if (coding != null && coding.toLowerCase(Locale.ROOT).equals("chunked")) {
            while (true) {
                int size = Integer.parseInt(line(in), 16);
                if (size == 0) {
                    line(in);
                    break;
                }
                body.write(exactly(in, size));
                line(in);
            }
        } else if (length != null) {
            body.write(exactly(in, Integer.parseInt(length)));
        } else if (untilClose) {
            in.transferTo(body);
        }
        return body.toString(StandardCharsets.ISO_8859_1);
    }

    private static byte[] exactly(InputStream in, int size) throws IOException {
        byte[] bytes = in.readNBytes(size);
        if (bytes.length < size) {
            throw new EOFException("body cut at " + bytes.length + " of " + size);
        }
        return bytes;
    }

    static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException("in a line: " + line);
            }
            if (b == '\n') {
                if (line.isEmpty() || line.charAt(line.length() - 1) != '\r') {
                    throw new IOException("bare LF after " + line);
                }
                return line.substring(0, line.length() - 1);
            }
            line.append((char) b);
        }
    }
}

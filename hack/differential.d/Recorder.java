import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A plain backend that keeps every request's bytes and answers with what it read. Behind Fairway it
 * records what is forwarded; behind another proxy its answer says what that proxy understood. One
 * virtual thread per connection; {@link #taken} is shared under its lock.
 */
final class Recorder {

    /** A request as it came, and as it reads. */
    record Taken(String bytes, Report report) {}

    final ServerSocket server = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
    private final List<Taken> taken = new ArrayList<>();

    Recorder() throws IOException {
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** What came since the last call. */
    List<Taken> take() {
        synchronized (taken) {
            List<Taken> all = List.copyOf(taken);
            taken.clear();
            return all;
        }
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                Thread.ofVirtual().start(() -> {
                    try (socket) {
                        serve(socket);
                    } catch (IOException e) {
                        // the other side went
                    }
                });
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) throws IOException {
        InputStream in = new BufferedInputStream(socket.getInputStream());
        OutputStream out = socket.getOutputStream();
        while (true) {
            Taken request = read(in, out);
            if (request == null) {
                return;
            }
            synchronized (taken) {
                taken.add(request);
            }
            boolean head = request.report().method().equals("HEAD");
            String lines = request.report().lines();
            String answer = "HTTP/1.1 200 OK\r\nContent-Length: " + lines.length() + "\r\n" + (head ? "X-Report: " + Report.hex(lines) + "\r\n" : "") + "\r\n";
            out.write((answer + (head ? "" : lines)).getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            if (request.bytes().contains(" HTTP/1.0\r\n") || request.report().fields().getOrDefault("connection", "").equalsIgnoreCase("close")) {
                return;
            }
        }
    }

    private static Taken read(InputStream in, OutputStream out) throws IOException {
        StringBuilder bytes = new StringBuilder();
        String start = line(in, bytes);
        if (start == null) {
            return null;
        }
        String[] words = start.split(" ", -1);
        if (words.length != 3) {
            throw new IOException("request line: " + start);
        }
        Map<String, String> fields = new TreeMap<>();
        for (String field = line(in, bytes); !"".equals(field); field = line(in, bytes)) {
            if (field == null) {
                throw new EOFException();
            }
            int colon = field.indexOf(':');
            Report.put(fields, field.substring(0, colon), trimmed(field.substring(colon + 1)));
        }
        if (fields.containsKey("expect")) {
            out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
        }
        StringBuilder body = new StringBuilder();
        if (fields.containsKey("transfer-encoding")) {
            while (true) {
                int size = Integer.parseInt(line(in, bytes), 16);
                if (size == 0) {
                    break;
                }
                take(in, size, bytes, body);
                line(in, bytes);
            }
            while (!"".equals(line(in, bytes))) {
                // trailers
            }
        } else if (fields.containsKey("content-length")) {
            take(in, Integer.parseInt(fields.get("content-length")), bytes, body);
        }
        return new Taken(bytes.toString(), new Report(words[0], words[1], fields, body.toString()));
    }

    private static void take(InputStream in, int size, StringBuilder bytes, StringBuilder body) throws IOException {
        byte[] read = in.readNBytes(size);
        if (read.length < size) {
            throw new EOFException();
        }
        String text = new String(read, StandardCharsets.ISO_8859_1);
        bytes.append(text);
        body.append(text);
    }

    static String trimmed(String value) {
        return value.replaceAll("^[ \t]+|[ \t]+$", "");
    }

    /** Null at the end. */
    private static String line(InputStream in, StringBuilder bytes) throws IOException {
        int from = bytes.length();
        while (true) {
            int b = in.read();
            if (b < 0) {
                if (bytes.length() == from) {
                    return null;
                }
                throw new EOFException();
            }
            bytes.append((char) b);
            if (b == '\n') {
                return bytes.substring(from, bytes.length() - 2);
            }
        }
    }
}

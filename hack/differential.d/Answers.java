import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A connection to a server: bytes out, responses in. */
final class Answers implements AutoCloseable {

    /** @param body of what came; a report when status is 200 */
    record Answer(int status, Map<String, String> fields, String body) {
        Report report() {
            String hex = fields.get("x-report");
            return Report.parse(hex == null ? body : new String(java.util.HexFormat.of().parseHex(hex), StandardCharsets.US_ASCII));
        }
    }

    private final Socket socket;
    private final InputStream in;

    Answers(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(5_000);
        in = new BufferedInputStream(socket.getInputStream());
    }

    void send(String bytes) throws IOException {
        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** The next final answer; null: the connection ended. */
    Answer next(boolean toHead) throws IOException {
        while (true) {
            String start = line();
            if (start == null) {
                return null;
            }
            int status = Integer.parseInt(start.substring(9, 12));
            Map<String, String> fields = new TreeMap<>();
            for (String field = line(); field != null && !field.isEmpty(); field = line()) {
                int colon = field.indexOf(':');
                fields.put(field.substring(0, colon).toLowerCase(Locale.ROOT), field.substring(colon + 1).strip());
            }
            if (status >= 200) {
                return new Answer(status, fields, toHead || status == 204 || status == 304 ? "" : body(fields));
            }
        }
    }

    private String body(Map<String, String> fields) throws IOException {
        StringBuilder body = new StringBuilder();
        if ("chunked".equalsIgnoreCase(fields.get("transfer-encoding"))) {
            for (int size = size(); size > 0; size = size()) {
                body.append(new String(in.readNBytes(size), StandardCharsets.ISO_8859_1));
                line();
            }
            line();
        } else if (fields.containsKey("content-length")) {
            body.append(new String(in.readNBytes(Integer.parseInt(fields.get("content-length"))), StandardCharsets.ISO_8859_1));
        } else {
            body.append(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1));
        }
        return body.toString();
    }

    private int size() throws IOException {
        String line = line();
        return line == null ? 0 : Integer.parseInt(line.split(";")[0].strip(), 16);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int b = in.read();
            if (b < 0) {
                return line.isEmpty() ? null : line.toString();
            }
            if (b == '\n') {
                return line.toString().strip();
            }
            line.append((char) b);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

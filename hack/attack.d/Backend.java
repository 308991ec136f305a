import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Answers everything; a virtual thread for each connection. */
final class Backend implements AutoCloseable {
    private static final byte[] SMALL = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LARGE = ("HTTP/1.1 200 OK\r\nContent-Length: " + (4 << 20) + "\r\n\r\n" + "x".repeat(4 << 20)).getBytes(StandardCharsets.US_ASCII);

    private final ServerSocket server = new ServerSocket(0, 4096, InetAddress.getByName("127.0.0.1"));

    Backend() throws IOException {
        Thread.ofPlatform().daemon().start(() -> {
            while (true) {
                try {
                    Socket socket = server.accept();
                    Thread.ofVirtual().start(() -> serve(socket));
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    int port() {
        return server.getLocalPort();
    }

    private static void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            // A backend's is another machine's memory: with 3 MiB each, as loopback gives, all TCP here comes to a stop.
            socket.setSendBufferSize(64 << 10);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            for (Wire.Head head = Wire.head(in); head != null; head = Wire.head(in)) {
                Wire.skipBody(head, in);
                out.write(head.first().contains(" /large ") ? LARGE : SMALL);
            }
        } catch (IOException e) {
            // gone
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}

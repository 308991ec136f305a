package dev.fairway.dataplane;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * Both ends of a {@link Rehearsal}: what its client says, and a backend that answers. Reads only what
 * the other end wrote itself.
 */
final class Stage {
    private Stage() {}

    private static final int PATIENCE_MILLIS = 1000;
    private static final int LONGEST_HEAD = 1024;

    /** As a browser and as a program would ask. */
    private static final byte[] GET =
            bytes(
                    """
                    GET /a/path?with=query HTTP/1.1
                    Host: rehearsal
                    User-Agent: rehearsal
                    Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8
                    Accept-Language: en
                    Accept-Encoding: gzip
                    Cookie: a=1; b=2
                    Cache-Control: no-cache

                    """);

    private static final byte[] POST =
            bytes(
                    """
                    POST /another HTTP/1.1
                    Host: rehearsal
                    Content-Type: application/json
                    Content-Length: 16

                    """
                            + "{\"one\":\"two\"}   ");

    private static final byte[] ANSWER =
            bytes(
                    """
                    HTTP/1.1 200 OK
                    Server: rehearsal
                    Content-Type: text/plain
                    Cache-Control: no-store
                    Content-Length: 500

                    """
                            + "x".repeat(500));

    /** One connection of the client's. */
    static final class Client implements AutoCloseable {
        private final Socket socket = new Socket();
        private final InputStream in;

        Client(InetSocketAddress entrance) throws IOException {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.connect(entrance, PATIENCE_MILLIS);
            in = new BufferedInputStream(socket.getInputStream());
        }

        void ask(int turn) throws IOException {
            socket.getOutputStream().write(turn % 4 == 3 ? POST : GET);
        }

        /** Whether a whole answer with status 200 came. */
        boolean answered() throws IOException {
            String head = head(in);
            skipBody(head, in);
            return head.startsWith("HTTP/1.1 200");
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** Until the socket is closed. */
    static void serve(ServerSocket backend) {
        while (!backend.isClosed()) {
            try {
                Socket socket = backend.accept();
                Thread.ofPlatform().daemon().name("rehearsal-backend").start(() -> serve(socket));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private static void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (String head = head(in); !head.isEmpty(); head = head(in)) {
                skipBody(head, in);
                socket.getOutputStream().write(ANSWER);
            }
        } catch (IOException e) {
            // The rehearsal is over.
        }
    }

    /** Until the empty line; the stream is buffered. */
    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder(LONGEST_HEAD);
        int line = 0;
        for (int next = in.read(); next >= 0 && head.length() < LONGEST_HEAD; next = in.read()) {
            head.append((char) next);
            if (next == '\n' && line == 0) {
                return head.toString();
            }
            line = next == '\n' ? 0 : next == '\r' ? line : line + 1;
        }
        return "";
    }

    private static void skipBody(String head, InputStream in) throws IOException {
        int at = head.indexOf("Content-Length: ");
        if (at >= 0) {
            int from = at + "Content-Length: ".length();
            in.skipNBytes(Integer.parseInt(head.substring(from, head.indexOf('\r', from))));
        }
    }

    private static byte[] bytes(String text) {
        return text.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }
}

package dev.fairway.echo;

import dev.fairway.echo.Answer.Chunks;
import dev.fairway.echo.Answer.Cut;
import dev.fairway.echo.Answer.Filler;
import dev.fairway.echo.Answer.Reset;
import dev.fairway.echo.Answer.WebSocket;
import dev.fairway.echo.Answer.Whole;
import dev.fairway.echo.Request.Header;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One client connection: request, answer, request … until one side has enough. Owned by its virtual thread. */
final class Connection {
    private static final byte[] FILLER = filler(64 * 1024);

    private final Socket socket;
    private final String remote;
    private final Answers answers;

    /** Set by the owner, read by whoever drains: an idle connection may be closed under its reader. */
    private volatile boolean idle = true;

    Connection(Socket socket, String remote, Answers answers) {
        this.socket = socket;
        this.remote = remote;
        this.answers = answers;
    }

    void run() {
        try (socket;
                var in = new BufferedInputStream(socket.getInputStream());
                var out = new BufferedOutputStream(socket.getOutputStream(), 16 * 1024)) {
            try {
                serve(in, out);
            } catch (IllegalArgumentException e) {
                var body = (e.getMessage() + "\n").getBytes(StandardCharsets.UTF_8);
                head(out, 400, List.of(new Header("Content-Length", "" + body.length)), false);
                out.write(body);
                out.flush();
            }
        } catch (IOException e) {
            // the peer went away; there is nobody to tell
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Closes the connection if no request is being answered. */
    void leave() {
        if (idle) {
            try {
                socket.close();
            } catch (IOException e) {
                // closed already
            }
        }
    }

    private void serve(InputStream in, OutputStream out) throws IOException, InterruptedException {
        var wire = new Wire(in, out, remote);
        while (true) {
            var head = wire.head();
            if (head == null) {
                return;
            }
            idle = false;
            var request = wire.body(head);
            boolean more = write(request, answers.to(request), in, out);
            out.flush();
            idle = true;
            if (!more || answers.leaving()) {
                return;
            }
        }
    }

    /** Writes the answer; false if the connection must end with it. */
    private boolean write(Request request, Answer answer, InputStream in, OutputStream out)
            throws IOException, InterruptedException {
        boolean keep = request.keepAlive() && !answers.leaving();
        boolean body = !request.method().equals("HEAD");
        switch (answer) {
            case Whole whole -> {
                boolean empty = whole.status() == 204 || whole.status() == 304;
                var headers = new ArrayList<>(whole.headers());
                if (!empty) {
                    headers.add(new Header("Content-Length", "" + whole.body().length));
                }
                head(out, whole.status(), headers, keep);
                if (body && !empty) {
                    out.write(whole.body());
                }
            }
            case Filler filler -> {
                head(
                        out,
                        200,
                        List.of(
                                new Header("Content-Type", "application/octet-stream"),
                                new Header("Content-Length", "" + filler.size())),
                        keep);
                for (long left = body ? filler.size() : 0; left > 0; ) {
                    int part = (int) Math.min(left, FILLER.length);
                    out.write(FILLER, 0, part);
                    left -= part;
                }
            }
            case Chunks chunks -> {
                head(
                        out,
                        200,
                        List.of(
                                new Header("Content-Type", "text/plain"),
                                new Header("Transfer-Encoding", "chunked")),
                        keep);
                if (body) {
                    write(chunks, out);
                }
            }
            case WebSocket websocket -> {
                WebSocketEcho.run(websocket.key(), in, out);
                return false;
            }
            case Reset _ -> {
                socket.setSoLinger(true, 0);
                socket.close();
                return false;
            }
            case Cut _ -> {
                head(out, 200, List.of(new Header("Content-Length", "1000")), keep);
                out.write(FILLER, 0, 100);
                return false;
            }
        }
        return keep;
    }

    private static void write(Chunks chunks, OutputStream out)
            throws IOException, InterruptedException {
        for (int i = 1; i <= chunks.count(); i++) {
            var line = "chunk " + i + "\n";
            ascii(out, Integer.toHexString(line.length()) + "\r\n" + line + "\r\n");
            out.flush();
            Thread.sleep(chunks.pause());
        }
        ascii(out, "0\r\n");
        for (var trailer : chunks.trailers()) {
            ascii(out, trailer.name() + ": " + trailer.value() + "\r\n");
        }
        ascii(out, "\r\n");
    }

    private static void head(OutputStream out, int status, List<Header> headers, boolean keep)
            throws IOException {
        ascii(out, "HTTP/1.1 " + status + " Echo\r\n");
        for (var header : headers) {
            ascii(out, header.name() + ": " + header.value() + "\r\n");
        }
        ascii(out, keep ? "\r\n" : "Connection: close\r\n\r\n");
    }

    private static void ascii(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static byte[] filler(int size) {
        var bytes = new byte[size];
        Arrays.fill(bytes, (byte) 'x');
        return bytes;
    }
}

package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.balance.EndpointFixture;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A backend that speaks bytes as its script says; one virtual thread per connection. */
final class RawBackend implements AutoCloseable {

    /** Serves one connection; returning closes it. */
    interface Script {
        void serve(Conversation conversation) throws IOException;
    }

    final List<String> heads = new CopyOnWriteArrayList<>();
    final AtomicInteger connections = new AtomicInteger();
    final EndpointFixture fixture;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final ServerSocket server;
    private volatile Script script;

    RawBackend(Script script) throws IOException {
        this.script = script;
        server = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
        fixture =
                new EndpointFixture(
                        new InetSocketAddress(
                                InetAddress.getLoopbackAddress(), server.getLocalPort()));
        Thread.ofVirtual().start(this::accept);
    }

    /** A name for a server that somebody else runs. */
    static RawBackend at(InetSocketAddress address) throws IOException {
        return new RawBackend(address);
    }

    private RawBackend(InetSocketAddress address) throws IOException {
        script = c -> {};
        server = new ServerSocket();
        fixture = new EndpointFixture(address);
    }

    /** Answers every request on a connection alike. */
    static RawBackend answering(String response) throws IOException {
        return new RawBackend(c -> {
            while (c.readRequest() != null) {
                c.send(response);
            }
        });
    }

    static String ok(String body) {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    void script(Script next) {
        script = next;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
                sockets.add(socket);
                connections.incrementAndGet();
                Thread.ofVirtual()
                        .start(() -> {
                            try (socket) {
                                script.serve(new Conversation(socket));
                            } catch (IOException e) {
                                // the other side went, as many tests want it to
                            }
                        });
            } catch (IOException e) {
                return;
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    final class Conversation {
        final Socket socket;
        final InputStream in;
        final OutputStream out;

        Conversation(Socket socket) throws IOException {
            this.socket = socket;
            in = new BufferedInputStream(socket.getInputStream());
            out = socket.getOutputStream();
        }

        /** Head as text; null at the end. */
        String readHead() throws IOException {
            String head = Wire.head(in);
            if (head != null) {
                heads.add(head);
            }
            return head;
        }

        /** Head and body; the body's data as text behind the head. */
        String readRequest() throws IOException {
            String head = readHead();
            return head == null ? null : head + Wire.body(head, in, false);
        }

        /** The next chunk's size; its data is appended. */
        int chunk(StringBuilder to) throws IOException {
            int size = Integer.parseInt(Wire.line(in), 16);
            to.append(new String(in.readNBytes(size), StandardCharsets.ISO_8859_1));
            Wire.line(in);
            return size;
        }

        void send(String bytes) throws IOException {
            out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        }

        /** Closes with a reset. */
        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }
}

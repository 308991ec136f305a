package dev.fairway.echo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.security.GeneralSecurityException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The listening socket and the connections that came from it: one virtual thread each. */
final class EchoServer {
    private static final int BACKLOG = 1024;

    private final Settings settings;
    private final ServerSocket listener;
    private final Health health;
    private final Answers answers;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private final Thread acceptor;
    private final @Nullable Http2Server http2;

    private EchoServer(Settings settings, ServerSocket listener)
            throws IOException, GeneralSecurityException {
        this.settings = settings;
        this.listener = listener;
        this.health = new Health();
        this.answers = new Answers(settings, health);
        this.http2 = settings.http2Port() == 0 ? null : Http2Server.start(settings, answers);
        this.acceptor = Thread.ofPlatform().name("accept").unstarted(this::accept);
    }

    static EchoServer start(Settings settings) throws IOException, GeneralSecurityException {
        var server = new EchoServer(settings, listen(settings));
        server.acceptor.start();
        return server;
    }

    private static ServerSocket listen(Settings settings)
            throws IOException, GeneralSecurityException {
        var address = InetAddress.getByName(settings.bind());
        var certificate = settings.certificate();
        var key = settings.key();
        if (certificate == null || key == null) {
            return new ServerSocket(settings.port(), BACKLOG, address);
        }
        return PemIdentity.context(certificate, key)
                .getServerSocketFactory()
                .createServerSocket(settings.port(), BACKLOG, address);
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                serve(listener.accept());
            } catch (IOException e) {
                // closed by drain, or one connection that died before it began
            }
        }
    }

    private void serve(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        @Nullable SocketAddress peer = socket.getRemoteSocketAddress();
        var connection =
                new Connection(socket, String.valueOf(peer).replaceFirst("^/", ""), answers);
        open.add(connection);
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        connection.run();
                    } finally {
                        open.remove(connection);
                    }
                });
    }

    /** Waits until the listening socket is closed. */
    void join() {
        try {
            acceptor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** As a well-behaved backend leaves: no new connections, no idle ones, the rest may finish. */
    void drain() {
        try {
            Thread.sleep(settings.linger());
            health.leave();
            listener.close();
            open.forEach(Connection::leave);
            if (http2 != null) {
                http2.drain(settings.grace());
            }
            long end = System.nanoTime() + settings.grace().toNanos();
            while (!open.isEmpty() && System.nanoTime() < end) {
                Thread.sleep(20);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            // the listener is gone either way
        }
    }
}

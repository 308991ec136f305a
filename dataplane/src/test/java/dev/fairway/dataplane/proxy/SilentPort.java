package dev.fairway.dataplane.proxy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A port whose queue is full: the kernel drops every SYN, as a lost node would. */
final class SilentPort implements AutoCloseable {
    private final ServerSocket server;
    private final List<SocketChannel> filling = new ArrayList<>();
    private final List<Socket> accepted = new CopyOnWriteArrayList<>();

    SilentPort() throws IOException {
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        for (int i = 0; i < 8; i++) {
            SocketChannel channel = SocketChannel.open();
            channel.configureBlocking(false);
            channel.connect(address());
            filling.add(channel);
        }
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
    }

    RawBackend backend() throws IOException {
        return RawBackend.at(address());
    }

    /** Takes whoever waits: SYNs that are sent again meet an open door. */
    void open() {
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        while (true) {
                            accepted.add(server.accept());
                        }
                    } catch (IOException e) {
                        // closed
                    }
                });
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (SocketChannel channel : filling) {
            channel.close();
        }
        for (Socket socket : accepted) {
            socket.close();
        }
    }
}

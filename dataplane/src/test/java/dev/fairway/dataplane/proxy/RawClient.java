package dev.fairway.dataplane.proxy;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** A client that sends what it is told, byte for byte. */
final class RawClient implements AutoCloseable {
    final Socket socket;
    final InputStream in;
    final OutputStream out;

    record Response(int status, String head, String body) {
        String field(String name) {
            return Wire.field(head, name);
        }
    }

    RawClient(InetSocketAddress address) throws IOException {
        this(new Socket(), address);
    }

    private RawClient(Socket socket, InetSocketAddress address) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(5_000);
        socket.setTcpNoDelay(true);
        socket.connect(address);
        in = new BufferedInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    /** With a small receive window, so that it is soon full. */
    static RawClient slow(InetSocketAddress address) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        return new RawClient(socket, address);
    }

    /** From this address of the loopback network. */
    static RawClient from(InetSocketAddress address, String own) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(own, 0));
        return new RawClient(socket, address);
    }

    RawClient send(String bytes) throws IOException {
        out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
        return this;
    }

    RawClient get(String path) throws IOException {
        return send("GET " + path + " HTTP/1.1\r\nHost: a.test\r\n\r\n");
    }

    /** The next response to a request that is not HEAD. */
    Response response() throws IOException {
        return response(false);
    }

    Response response(boolean toHead) throws IOException {
        String head = Wire.head(in);
        if (head == null) {
            throw new IOException("closed without a response");
        }
        int status = Integer.parseInt(head.substring(9, 12));
        boolean bodiless = toHead || status < 200 || status == 204 || status == 304;
        return new Response(status, head, bodiless ? "" : Wire.body(head, in, true));
    }

    /** Whether the other side ends the connection without another byte. */
    boolean closed() throws IOException {
        try {
            return in.read() < 0;
        } catch (SocketException e) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

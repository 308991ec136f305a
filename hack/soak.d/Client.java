import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** One connection of a client that does everything right; opened anew when the answer before said it would be closed. */
final class Client implements AutoCloseable {
    private final int port;
    private final SSLContext tls;
    private Socket socket;
    private InputStream in;

    /** @param tls null: plain */
    Client(int port, SSLContext tls) {
        this.port = port;
        this.tls = tls;
    }

    OutputStream out() throws IOException {
        if (socket == null) {
            Socket plain = new Socket("127.0.0.1", port);
            plain.setTcpNoDelay(true);
            plain.setSoTimeout(30_000);
            socket = plain;
            if (tls != null) {
                SSLSocket secure = (SSLSocket) tls.getSocketFactory().createSocket(plain, Halves.HOST, port, true);
                secure.startHandshake();
                socket = secure;
            }
            in = new BufferedInputStream(socket.getInputStream(), 16 << 10);
        }
        return socket.getOutputStream();
    }

    /** Status and length of a body that came whole. */
    record Answer(int status, long length, String start) {}

    Answer answer() throws IOException {
        return answer(0);
    }

    /** @param pause milliseconds after each 4 KiB of the body: a reader that is slow */
    Answer answer(int pause) throws IOException {
        String status = line();
        long length = -1;
        boolean last = false;
        for (String line = line(); !line.isEmpty(); line = line()) {
            String lower = line.toLowerCase();
            if (lower.startsWith("content-length:")) {
                length = Long.parseLong(line.substring(15).strip());
            } else if (lower.startsWith("connection:") && lower.contains("close")) {
                last = true;
            }
        }
        if (length < 0) {
            throw new IOException("no length after " + status);
        }
        byte[] buffer = new byte[4096];
        String start = "";
        for (long left = length; left > 0;) {
            int got = in.read(buffer, 0, (int) Math.min(left, buffer.length));
            if (got < 0) {
                throw new IOException("body cut " + left + " bytes before its end");
            }
            if (left == length) {
                start = new String(buffer, 0, Math.min(got, 40), StandardCharsets.ISO_8859_1).strip();
            }
            left -= got;
            if (pause > 0) {
                sleep(pause);
            }
        }
        if (last) {
            close();
        }
        return new Answer(Integer.parseInt(status.split(" ")[1]), length, start);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int octet = in.read(); octet != '\n'; octet = in.read()) {
            if (octet < 0) {
                throw new IOException("closed before the answer's end, after \"" + line + "\"");
            }
            line.append((char) octet);
        }
        return line.toString().strip();
    }

    /** Resets the connection rather than ending it. */
    void abort() throws IOException {
        if (socket != null) {
            socket.setSoLinger(true, 0);
        }
        close();
    }

    @Override
    public void close() throws IOException {
        if (socket != null) {
            socket.close();
            socket = null;
        }
    }

    static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Endpoints that come and go as pods do: one that leaves is taken out of the list first, serves on for a time, then closes what is idle.
 * GET /bytes/N answers N bytes; POST answers how many bytes came.
 */
final class Backends {
    private final Speaker speaker;
    private final ArrayDeque<Backend> alive = new ArrayDeque<>();

    /** One connection of the data plane's. */
    interface Serving {
        /** Until it ends. */
        void serve();

        /** Takes nothing more, and ends what is under way well. */
        void leave() throws IOException;
    }

    interface Speaker {
        Serving on(Socket socket) throws IOException;
    }

    private Backends(int count, Speaker speaker) throws IOException {
        this.speaker = speaker;
        for (int i = 0; i < count; i++) {
            alive.add(new Backend(speaker));
        }
    }

    static Backends http1(int count) throws IOException {
        return new Backends(count, Connection::new);
    }

    static Backends calls(int count) throws IOException {
        return new Backends(count, CallServer::new);
    }

    List<Integer> ports() {
        return alive.stream().map(backend -> backend.listener.getLocalPort()).toList();
    }

    /** The newest is added, the oldest is no longer listed; it is the caller's to close it later. */
    Backend replace() throws IOException {
        alive.add(new Backend(speaker));
        return alive.remove();
    }

    static final class Backend {
        private final ServerSocket listener = new ServerSocket(0, 512, InetAddress.getLoopbackAddress());
        private final Set<Serving> connections = ConcurrentHashMap.newKeySet();

        Backend(Speaker speaker) throws IOException {
            Thread.ofVirtual().start(() -> {
                while (!listener.isClosed()) {
                    try {
                        Serving connection = speaker.on(listener.accept());
                        connections.add(connection);
                        Thread.ofVirtual().start(() -> {
                            connection.serve();
                            connections.remove(connection);
                        });
                    } catch (IOException e) {
                        // closed
                    }
                }
            });
        }

        void close() throws IOException {
            listener.close();
            for (Serving connection : connections) {
                connection.leave();
            }
        }
    }

    private static final class Connection implements Serving {
        private final Socket socket;
        private final byte[] in = new byte[64 << 10];
        private int have;
        private boolean busy; // guarded by this
        private boolean leaving; // guarded by this

        Connection(Socket socket) throws IOException {
            this.socket = socket;
            socket.setTcpNoDelay(true);
        }

        @Override
        public synchronized void leave() throws IOException {
            leaving = true;
            if (!busy) {
                socket.close();
            }
        }

        private synchronized boolean begin() {
            busy = true;
            return leaving;
        }

        private synchronized boolean end() {
            busy = false;
            return leaving;
        }

        @Override
        public void serve() {
            try (socket) {
                InputStream from = socket.getInputStream();
                OutputStream to = socket.getOutputStream();
                for (String head = head(from); head != null; head = head(from)) {
                    boolean last = begin();
                    byte[] body;
                    String line = head.substring(0, head.indexOf('\r'));
                    String path = line.split(" ")[1];
                    String lower = head.toLowerCase();
                    int at = lower.indexOf("\r\ncontent-length:");
                    if (at >= 0) {
                        long length = Long.parseLong(head.substring(at + 17, head.indexOf('\r', at + 2)).strip());
                        body = (skip(from, length) + "\n").getBytes();
                    } else if (lower.contains("\r\ntransfer-encoding:")) {
                        body = (chunks(from) + "\n").getBytes();
                    } else {
                        body = new byte[path.startsWith("/bytes/") ? Integer.parseInt(path.substring(7)) : 16];
                    }
                    to.write(("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " + body.length + "\r\n" + (last ? "Connection: close\r\n" : "")
                            + "\r\n").getBytes());
                    to.write(body);
                    if (end() || last) {
                        return;
                    }
                }
            } catch (IOException | RuntimeException e) {
                // the proxy went away, as it does after an abort
            }
        }

        private String head(InputStream from) throws IOException {
            for (int scanned = 0;;) {
                for (int i = Math.max(0, scanned - 3); i + 3 < have; i++) {
                    if (in[i] == '\r' && in[i + 1] == '\n' && in[i + 2] == '\r' && in[i + 3] == '\n') {
                        String head = new String(in, 0, i + 2, StandardCharsets.ISO_8859_1);
                        take(i + 4);
                        return head;
                    }
                }
                scanned = have;
                if (!more(from)) {
                    return null;
                }
            }
        }

        private long skip(InputStream from, long length) throws IOException {
            for (long left = length; left > 0;) {
                if (have == 0 && !more(from)) {
                    throw new IOException("cut");
                }
                int now = (int) Math.min(left, have);
                take(now);
                left -= now;
            }
            return length;
        }

        private long chunks(InputStream from) throws IOException {
            for (long all = 0;;) {
                String line = line(from);
                long length = Long.parseLong(line.split(";")[0].strip(), 16);
                if (length == 0) {
                    while (!line(from).isEmpty()) {
                        // trailers
                    }
                    return all;
                }
                all += skip(from, length);
                line(from);
            }
        }

        private String line(InputStream from) throws IOException {
            for (;;) {
                for (int i = 0; i + 1 < have; i++) {
                    if (in[i] == '\r' && in[i + 1] == '\n') {
                        String line = new String(in, 0, i, StandardCharsets.ISO_8859_1);
                        take(i + 2);
                        return line;
                    }
                }
                if (!more(from)) {
                    throw new IOException("cut");
                }
            }
        }

        private void take(int count) {
            have -= count;
            System.arraycopy(in, count, in, 0, have);
        }

        private boolean more(InputStream from) throws IOException {
            int got = from.read(in, have, in.length - have);
            have += Math.max(0, got);
            return got > 0;
        }
    }
}

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * A connection of a gRPC backend without TLS: each call's message goes back as it came. It leaves as servers do, by a GOAWAY that names
 * the last call it takes up; what comes after that is not answered.
 */
final class CallServer implements Backends.Serving {
    private static final byte[] HEAD = block(":status", "200", "content-type", "application/grpc");
    private static final byte[] TRAILERS = block("grpc-status", "0");
    private final Socket socket;
    private final Frames frames;
    private final Map<Integer, ByteArrayOutputStream> calls = new HashMap<>();
    private final ArrayDeque<Integer> whole = new ArrayDeque<>();
    private long window = Frames.WINDOW;
    private int last; // guarded by this
    private boolean leaving; // guarded by this

    CallServer(Socket socket) throws IOException {
        this.socket = socket;
        this.frames = new Frames(socket);
        socket.setTcpNoDelay(true);
    }

    private static byte[] block(String... namesAndValues) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            Frames.literal(block, namesAndValues[i], namesAndValues[i + 1]);
        }
        return block.toByteArray();
    }

    @Override
    public synchronized void leave() throws IOException {
        leaving = true;
        frames.send(Frames.GO_AWAY, 0, 0, new byte[] {(byte) (last >> 24), (byte) (last >> 16), (byte) (last >> 8), (byte) last, 0, 0, 0, 0});
        frames.flush();
    }

    private synchronized boolean takesUp(int stream) {
        if (!leaving) {
            last = stream;
        }
        return !leaving;
    }

    @Override
    public void serve() {
        try (socket) {
            frames.in.readNBytes(Frames.PREFACE.length);
            frames.send(Frames.SETTINGS, 0, 0, new byte[0]);
            while (true) {
                take(frames.next());
                while (!whole.isEmpty() && window >= calls.get(whole.peek()).size()) {
                    answer(whole.poll());
                }
            }
        } catch (IOException | RuntimeException e) {
            // the proxy went away
        }
    }

    private void take(Frames.Frame frame) throws IOException {
        switch (frame.type()) {
            case Frames.HEADERS -> {
                if (takesUp(frame.stream())) {
                    calls.put(frame.stream(), new ByteArrayOutputStream());
                }
            }
            case Frames.DATA -> {
                ByteArrayOutputStream call = calls.get(frame.stream());
                if (call != null) {
                    call.writeBytes(frame.payload());
                    if (frame.ends()) {
                        whole.add(frame.stream());
                    }
                }
            }
            case Frames.RESET -> {
                calls.remove(frame.stream());
                whole.remove(frame.stream());
            }
            case Frames.WINDOW_UPDATE -> window += frame.stream() == 0 ? frame.number(0) : 0;
            default -> {}
        }
    }

    private void answer(int stream) throws IOException {
        byte[] message = calls.remove(stream).toByteArray();
        window -= message.length;
        frames.send(Frames.HEADERS, Frames.END_HEADERS, stream, HEAD);
        frames.send(Frames.DATA, 0, stream, message);
        frames.send(Frames.HEADERS, Frames.END_HEADERS | Frames.END_STREAM, stream, TRAILERS);
    }
}

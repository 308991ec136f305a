import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * Unary gRPC calls, a few at once on each connection, plain and over TLS; each must bring its own message back and the status OK. Fields
 * are not decoded: the data plane is told to use no table, and writes no Huffman code, so that they can be looked for as they are.
 */
final class Calls {
    private static final int AT_ONCE = 4;
    private static final int OF_A_CONNECTION = 200;
    private static final byte[] OK = "\u000bgrpc-status\u00010".getBytes(StandardCharsets.ISO_8859_1);
    private final Halves halves;
    private final Tally tally;
    private final SSLContext tls;
    private final BooleanSupplier on;

    Calls(Halves halves, Tally tally, SSLContext tls, BooleanSupplier on) {
        this.halves = halves;
        this.tally = tally;
        this.tls = tls;
        this.on = on;
    }

    void run(boolean secure, int seed) {
        for (int number = seed; on.getAsBoolean(); number += OF_A_CONNECTION) {
            try (Socket socket = connect(secure)) {
                new Connection(socket, secure).calls(number);
            } catch (IOException e) {
                tally.failed("gRPC, connection: " + e);
                Client.sleep(100);
            }
        }
    }

    private Socket connect(boolean secure) throws IOException {
        Socket plain = new Socket("127.0.0.1", secure ? halves.https : halves.http);
        plain.setTcpNoDelay(true);
        plain.setSoTimeout(30_000);
        if (!secure) {
            return plain;
        }
        SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket(plain, Halves.HOST, halves.https, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private static final class Call {
        final byte[] message;
        final long begun = System.nanoTime();
        final ByteArrayOutputStream answer = new ByteArrayOutputStream();
        byte[] trailers = {};
        String broken = "";
        boolean over;

        Call(int number) {
            int length = number % 10 == 0 ? 12_000 : 100;
            message = ByteBuffer.allocate(5 + length).put((byte) 0).putInt(length).putInt(number).array();
        }

        boolean good() {
            return broken.isEmpty() && Arrays.equals(message, answer.toByteArray()) && contains(trailers, OK);
        }

        private static boolean contains(byte[] text, byte[] part) {
            for (int i = 0; i + part.length <= text.length; i++) {
                if (Arrays.equals(text, i, i + part.length, part, 0, part.length)) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public String toString() {
            return broken + " " + answer.size() + " of " + message.length + " bytes, trailers " + new String(trailers, StandardCharsets.US_ASCII);
        }
    }

    private final class Connection {
        private final Frames frames;
        private final byte[] head;
        private final Map<Integer, Call> calls = new HashMap<>();
        private long window = Frames.WINDOW;
        private int stream = 1;
        private boolean leaving;

        Connection(Socket socket, boolean secure) throws IOException {
            frames = new Frames(socket);
            frames.raw(Frames.PREFACE);
            frames.send(Frames.SETTINGS, 0, 0, Frames.settings(1, 0, 2, 0)); // no table, no push
            ByteArrayOutputStream block = new ByteArrayOutputStream();
            Frames.literal(block, ":method", "POST");
            Frames.literal(block, ":scheme", secure ? "https" : "http");
            Frames.literal(block, ":path", "/soak.Echo/Call");
            Frames.literal(block, ":authority", Halves.HOST);
            Frames.literal(block, "content-type", "application/grpc");
            Frames.literal(block, "te", "trailers");
            Frames.literal(block, "grpc-timeout", "100S");
            head = block.toByteArray();
        }

        /** Until it has had its share, or the data plane wants it to end. */
        void calls(int number) throws IOException {
            for (int i = 0; i < OF_A_CONNECTION && !leaving && on.getAsBoolean(); i += AT_ONCE) {
                calls.clear();
                for (int one = 0; one < AT_ONCE; one++) {
                    begin(new Call(number + i + one));
                }
                try {
                    while (calls.values().stream().anyMatch(call -> !call.over)) {
                        take(frames.next());
                    }
                } catch (IOException e) {
                    calls.values().stream().filter(call -> !call.over).forEach(call -> call.broken = e.toString());
                    leaving = true;
                }
                for (Call call : calls.values()) {
                    if (call.good()) {
                        tally.called(System.nanoTime() - call.begun);
                    } else {
                        tally.failed("gRPC got " + call);
                    }
                }
                Client.sleep(20);
            }
        }

        private void begin(Call call) throws IOException {
            calls.put(stream, call);
            frames.send(Frames.HEADERS, Frames.END_HEADERS, stream, head);
            while (window < call.message.length) {
                take(frames.next());
            }
            window -= call.message.length;
            frames.send(Frames.DATA, Frames.END_STREAM, stream, call.message);
            stream += 2;
        }

        private void take(Frames.Frame frame) {
            Call call = calls.get(frame.stream());
            switch (frame.type()) {
                case Frames.WINDOW_UPDATE -> window += frame.stream() == 0 ? frame.number(0) : 0;
                case Frames.GO_AWAY -> goAway(frame.number(0), frame.number(4));
                case Frames.RESET -> {
                    if (call != null) {
                        call.broken = "reset " + frame.number(0);
                        call.over = true;
                    }
                }
                case Frames.HEADERS, Frames.DATA -> {
                    if (call != null) {
                        if (frame.type() == Frames.DATA) {
                            call.answer.writeBytes(frame.payload());
                        } else {
                            call.trailers = frame.payload();
                        }
                        call.over |= frame.ends();
                    }
                }
                default -> {}
            }
        }

        /** What is beyond the last stream was not begun, and counts neither way. */
        private void goAway(int last, int code) {
            leaving = true;
            if (code == 0) {
                calls.keySet().removeIf(id -> id > last);
            }
        }
    }
}

package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.http1.HeadLimits;
import dev.fairway.dataplane.http1.ResponseHead;
import dev.fairway.dataplane.http1.Trailers;
import dev.fairway.dataplane.http2.FieldBlock;
import dev.fairway.dataplane.http2.HpackDecoder;
import dev.fairway.dataplane.http2.Http2;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An HTTP/2 client that sends what it is told, frame for frame, and grants no window of itself. */
public final class Http2Client implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PRIORITY = 2;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;
    static final int END_STREAM = 1;
    static final int ACK = 1;
    static final int END_HEADERS = 4;

    record Frame(int type, int flags, int stream, byte[] payload) {
        int number() {
            return ByteBuffer.wrap(payload).getInt(payload.length >= 8 ? 4 : 0);
        }
    }

    /** What has come of one stream. */
    public static final class Response {
        final List<Integer> informational = new ArrayList<>();
        public int status;
        String fields = "";
        String trailers = "";
        final ByteArrayOutputStream data = new ByteArrayOutputStream();
        boolean ended;
        int reset = -1;

        String field(String name) {
            return Wire.field("x\r\n" + fields, name);
        }

        public String body() {
            return data.toString(StandardCharsets.ISO_8859_1);
        }
    }

    final Socket socket;
    final InputStream in;
    final OutputStream out;
    final Map<Integer, Response> responses = new HashMap<>();
    final List<Frame> frames = new ArrayList<>();
    private final HpackDecoder decoder = new HpackDecoder();
    private final FieldBlock fields = new FieldBlock();
    private final HeadLimits limits = new HeadLimits(1 << 20, 1 << 20, 1000);

    /** Code of the last GOAWAY; -1: none. */
    int goAway = -1;

    int goAwayStream = -1;
    boolean closed;

    Http2Client(InetSocketAddress address) throws IOException {
        this(plain(address));
    }

    public Http2Client(Socket connected) throws IOException {
        socket = connected;
        socket.setSoTimeout(10_000);
        in = new BufferedInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    private static Socket plain(InetSocketAddress address) throws IOException {
        Socket socket = new Socket();
        socket.connect(address);
        socket.setTcpNoDelay(true);
        return socket;
    }

    /** Preface and empty SETTINGS. */
    public Http2Client begin(int... settings) throws IOException {
        out.write(Http2.PREFACE);
        ByteBuffer payload = ByteBuffer.allocate(settings.length * 3);
        for (int i = 0; i < settings.length; i += 2) {
            payload.putShort((short) settings[i]).putInt(settings[i + 1]);
        }
        return frame(SETTINGS, 0, 0, payload.array());
    }

    static byte[] bytes(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .putShort((short) (payload.length >> 8))
                .put((byte) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    Http2Client frame(int type, int flags, int stream, byte[] payload) throws IOException {
        out.write(bytes(type, flags, stream, payload));
        return this;
    }

    Http2Client number(int type, int stream, int value) throws IOException {
        return frame(type, 0, stream, ByteBuffer.allocate(4).putInt(value).array());
    }

    /** Literals that enter no table. */
    static byte[] block(String... namesAndValues) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            block.write(0);
            string(block, namesAndValues[i]);
            string(block, namesAndValues[i + 1]);
        }
        return block.toByteArray();
    }

    private static void string(ByteArrayOutputStream block, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        int rest = bytes.length - 127;
        block.write(Math.min(127, bytes.length));
        if (rest >= 0) {
            for (; rest >= 128; rest >>= 7) {
                block.write(rest & 127 | 128);
            }
            block.write(rest);
        }
        block.writeBytes(bytes);
    }

    static byte[] get(String path, String... more) {
        return request("GET", path, more);
    }

    static byte[] request(String method, String path, String... more) {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                ":method",
                                method,
                                ":scheme",
                                "http",
                                ":path",
                                path,
                                ":authority",
                                "a.test"));
        all.addAll(List.of(more));
        return block(all.toArray(new String[0]));
    }

    /** A whole request without a body. */
    Http2Client ask(int stream, String path, String... more) throws IOException {
        return frame(HEADERS, END_HEADERS | END_STREAM, stream, get(path, more));
    }

    /** A whole request to this host, over TLS. */
    public Http2Client askOf(int stream, String host, String... more) throws IOException {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                ":method",
                                "GET",
                                ":scheme",
                                "https",
                                ":path",
                                "/",
                                ":authority",
                                host));
        all.addAll(List.of(more));
        byte[] block = block(all.toArray(new String[0]));
        return frame(HEADERS, END_HEADERS | END_STREAM, stream, block);
    }

    /** A request whose body follows. */
    Http2Client post(int stream, String path, String... more) throws IOException {
        return frame(HEADERS, END_HEADERS, stream, request("POST", path, more));
    }

    Http2Client data(int stream, String text, boolean end) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return frame(DATA, end ? END_STREAM : 0, stream, bytes);
    }

    /** Reads one frame; false at the connection's end. */
    boolean read() throws IOException {
        byte[] head = in.readNBytes(9);
        if (head.length < 9) {
            closed = true;
            return false;
        }
        ByteBuffer parsed = ByteBuffer.wrap(head);
        int length = (parsed.getShort() & 0xffff) << 8 | parsed.get() & 0xff;
        Frame frame = new Frame(head[3], head[4], parsed.getInt(5), in.readNBytes(length));
        if (frame.payload.length < length) {
            throw new EOFException("in a frame");
        }
        frames.add(frame);
        take(frame);
        return true;
    }

    private void take(Frame frame) {
        Response response = responses.computeIfAbsent(frame.stream, id -> new Response());
        switch (frame.type) {
            case DATA -> response.data.writeBytes(frame.payload);
            case HEADERS -> headers(response, frame.payload);
            case RST_STREAM -> response.reset = frame.number();
            case GOAWAY -> {
                goAway = frame.number();
                goAwayStream = ByteBuffer.wrap(frame.payload).getInt();
            }
            default -> {}
        }
        boolean ends = frame.type == DATA || frame.type == HEADERS;
        response.ended |= ends && (frame.flags & END_STREAM) != 0;
    }

    private void headers(Response response, byte[] block) {
        if (response.status != 0) {
            Trailers behind = new Trailers();
            fields.begin(FieldBlock.Part.TRAILERS, behind, limits);
            if (!decoder.decode(block, 0, block.length, fields) || fields.trailers() != null) {
                throw new IllegalStateException("bad trailers");
            }
            response.trailers = text(behind);
            return;
        }
        ResponseHead head = new ResponseHead();
        fields.begin(FieldBlock.Part.RESPONSE, head, limits);
        if (!decoder.decode(block, 0, block.length, fields)) {
            throw new IllegalStateException("bad block");
        }
        int status = fields.response();
        if (status < 0) {
            throw new IllegalStateException("bad head: " + fields.fault());
        }
        if (status < 200) {
            response.informational.add(status);
        } else {
            response.status = status;
            response.fields = text(head);
        }
    }

    private static String text(dev.fairway.dataplane.http1.Head head) {
        if (head.count() == 0) {
            return "";
        }
        int from = head.lineStart(0);
        return new String(
                head.bytes(),
                from,
                head.lineStart(head.count()) - from,
                StandardCharsets.ISO_8859_1);
    }

    Response of(int stream) {
        return responses.computeIfAbsent(stream, id -> new Response());
    }

    /** Reads until this stream's response is whole, or reset, or the connection ends. */
    public Response response(int stream) throws IOException {
        Response response = of(stream);
        while (!response.ended && response.reset < 0 && read()) {}
        return response;
    }

    /** Reads until this stream is reset; its code. */
    int reset(int stream) throws IOException {
        Response response = of(stream);
        while (response.reset < 0 && read()) {}
        return response.reset;
    }

    /** Reads to the end; the last GOAWAY's code. */
    int end() throws IOException {
        try {
            while (read()) {}
        } catch (java.net.SocketException e) {
            closed = true;
        }
        return goAway;
    }

    /** Whether a PING comes back: the connection lives. */
    boolean alive() throws IOException {
        int before = frames.size();
        frame(PING, 0, 0, "are you?".getBytes(StandardCharsets.ISO_8859_1));
        while (read()) {
            Frame last = frames.getLast();
            if (last.type == PING && last.flags == ACK) {
                return true;
            }
        }
        return frames.size() < before;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.http1.HeadLimits;
import dev.fairway.dataplane.http1.RequestHead;
import dev.fairway.dataplane.http1.ResponseHead;
import dev.fairway.dataplane.http1.Trailers;
import dev.fairway.dataplane.http2.FieldBlock;
import dev.fairway.dataplane.http2.HpackDecoder;
import dev.fairway.dataplane.policy.Transport;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** One end of an HTTP/2 connection that sends the frames it is told, whether they make sense or not. */
final class Http2Peer {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RESET = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GO_AWAY = 7;
    static final int WINDOW_UPDATE = 8;

    static final int END_STREAM = 1;
    static final int ACK = 1;
    static final int END_HEADERS = 4;

    static final int REFUSED_STREAM = 7;

    private static final HeadLimits LIMITS = new HeadLimits(1 << 16, 1 << 17, 1000);

    record Frame(int type, int flags, int stream, byte[] payload) {
        boolean ends() {
            return (flags & END_STREAM) != 0;
        }

        int number() {
            return number(0);
        }

        int number(int at) {
            return (payload[at] & 0xff) << 24
                    | (payload[at + 1] & 0xff) << 16
                    | (payload[at + 2] & 0xff) << 8
                    | payload[at + 3] & 0xff;
        }

        String text() {
            return new String(payload, StandardCharsets.ISO_8859_1);
        }
    }

    private final DataInputStream in;
    private final DataOutputStream out;
    private final HpackDecoder decoder = new HpackDecoder();

    Http2Peer(InputStream in, OutputStream out) {
        this.in = new DataInputStream(in);
        this.out = new DataOutputStream(out);
    }

    /** As a server: reads the client's preface and sends settings. */
    Http2Peer accept(int... idsAndValues) throws IOException {
        byte[] preface = in.readNBytes(24);
        if (!new String(preface, StandardCharsets.US_ASCII).startsWith("PRI * HTTP/2.0")) {
            throw new IOException("no preface: " + new String(preface, StandardCharsets.US_ASCII));
        }
        settings(idsAndValues);
        return this;
    }

    /** The next frame. */
    Frame read() throws IOException {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        byte[] payload = in.readNBytes(length);
        return new Frame(type, flags, stream, payload);
    }

    /** The next frame of this type; what comes before is passed over, settings acknowledged. */
    Frame next(int type) throws IOException {
        while (true) {
            Frame frame = read();
            if (frame.type() == SETTINGS && (frame.flags() & ACK) == 0) {
                send(SETTINGS, ACK, 0, new byte[0]);
            }
            if (frame.type() == type && !(type == SETTINGS && (frame.flags() & ACK) == 0)) {
                return frame;
            }
        }
    }

    /** The next frame that carries something of a message, a reset among them. */
    Frame message() throws IOException {
        while (true) {
            Frame frame = read();
            if (frame.type() == SETTINGS && (frame.flags() & ACK) == 0) {
                send(SETTINGS, ACK, 0, new byte[0]);
            } else if (frame.type() == PING && (frame.flags() & ACK) == 0) {
                send(PING, ACK, 0, frame.payload());
            } else if (frame.type() == DATA || frame.type() == HEADERS || frame.type() == RESET) {
                return frame;
            }
        }
    }

    /** A request's fields as HTTP/1 has them, its pseudo-headers' values before. */
    String request(Frame headers) {
        RequestHead head = new RequestHead();
        head.clear();
        FieldBlock fields = new FieldBlock();
        fields.begin(FieldBlock.Part.REQUEST, head, LIMITS);
        decode(headers, fields);
        fields.request(head, () -> "");
        return new String(head.bytes(), 0, head.length(), StandardCharsets.ISO_8859_1);
    }

    String response(Frame headers) {
        ResponseHead head = new ResponseHead();
        head.clear();
        FieldBlock fields = new FieldBlock();
        fields.begin(FieldBlock.Part.RESPONSE, head, LIMITS);
        decode(headers, fields);
        int status = fields.response();
        return status
                + "\r\n"
                + new String(head.bytes(), 3, head.length() - 3, StandardCharsets.ISO_8859_1);
    }

    String trailers(Frame headers) {
        Trailers head = new Trailers();
        FieldBlock fields = new FieldBlock();
        fields.begin(FieldBlock.Part.TRAILERS, head, LIMITS);
        decode(headers, fields);
        fields.trailers();
        return new String(head.bytes(), 0, head.length(), StandardCharsets.ISO_8859_1);
    }

    private void decode(Frame headers, FieldBlock fields) {
        if (!decoder.decode(headers.payload(), 0, headers.payload().length, fields)) {
            throw new IllegalStateException("bad header block");
        }
    }

    // Sending.

    synchronized void send(int type, int flags, int stream, byte[] payload) throws IOException {
        out.writeByte(payload.length >>> 16);
        out.writeShort(payload.length);
        out.writeByte(type);
        out.writeByte(flags);
        out.writeInt(stream);
        out.write(payload);
        out.flush();
    }

    void settings(int... idsAndValues) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream payload = new DataOutputStream(bytes);
        for (int i = 0; i < idsAndValues.length; i += 2) {
            payload.writeShort(idsAndValues[i]);
            payload.writeInt(idsAndValues[i + 1]);
        }
        send(SETTINGS, 0, 0, bytes.toByteArray());
    }

    /** Fields in turn, literally. */
    void headers(int stream, boolean ends, String... namesAndValues) throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (String part : namesAndValues) {
            if (block.size() == 0 || isName) {
                block.write(0);
            }
            byte[] bytes = part.getBytes(StandardCharsets.ISO_8859_1);
            if (bytes.length < 127) {
                block.write(bytes.length);
            } else {
                block.write(127);
                int rest = bytes.length - 127;
                for (; rest >= 128; rest >>>= 7) {
                    block.write(rest & 127 | 128);
                }
                block.write(rest);
            }
            block.write(bytes);
            isName = !isName;
        }
        isName = true;
        send(HEADERS, END_HEADERS | (ends ? END_STREAM : 0), stream, block.toByteArray());
    }

    private boolean isName = true;

    void data(int stream, boolean ends, String text) throws IOException {
        send(DATA, ends ? END_STREAM : 0, stream, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** A whole response to the request that began so. */
    void respond(Frame request, String body) throws IOException {
        headers(request.stream(), false, ":status", "200");
        data(request.stream(), true, body);
    }

    void reset(int stream, int code) throws IOException {
        send(RESET, 0, stream, number(code));
    }

    void goAway(int last, int code) throws IOException {
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        payload.write(number(last));
        payload.write(number(code));
        send(GO_AWAY, 0, 0, payload.toByteArray());
    }

    void windowUpdate(int stream, int increment) throws IOException {
        send(WINDOW_UPDATE, 0, stream, number(increment));
    }

    private static byte[] number(int value) {
        return new byte[] {
            (byte) (value >>> 24), (byte) (value >>> 16), (byte) (value >>> 8), (byte) value
        };
    }

    /** What a scripted backend does on a connection. */
    interface Script {
        void serve(Http2Peer peer) throws IOException;
    }

    static RawBackend backend(Script script, int... settings) throws IOException {
        return new RawBackend(c -> script.serve(new Http2Peer(c.in, c.out).accept(settings)));
    }

    /** What it does for a request, once its head has come. */
    interface Answer {
        void to(Http2Peer peer, Frame head) throws IOException;
    }

    static RawBackend answering(Answer answer, int... settings) throws IOException {
        return backend(
                peer -> {
                    while (true) {
                        answer.to(peer, peer.next(HEADERS));
                    }
                },
                settings);
    }

    /** A proxy that speaks HTTP/2 to these. */
    static ProxyFixture proxy(RawBackend... backends) throws IOException {
        ProxyFixture proxy = new ProxyFixture(backends);
        proxy.transport = new Transport.Plain(Transport.Protocol.HTTP2);
        return proxy;
    }
}

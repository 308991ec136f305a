import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** HTTP/2 frames of one connection, either end (RFC 9113 4.1), and field blocks that are literals alone (RFC 7541 6.2.2). */
final class Frames {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RESET = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GO_AWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int END_STREAM = 1;
    static final int END_HEADERS = 4;
    static final int WINDOW = 65_535;
    static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int ACK = 1;
    final DataInputStream in;
    private final DataOutputStream out; // guarded by this

    record Frame(int type, int flags, int stream, byte[] payload) {
        boolean ends() {
            return (flags & END_STREAM) != 0;
        }

        int number(int at) {
            return (payload[at] & 0x7f) << 24 | (payload[at + 1] & 0xff) << 16 | (payload[at + 2] & 0xff) << 8 | payload[at + 3] & 0xff;
        }
    }

    Frames(Socket socket) throws IOException {
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 32 << 10));
        out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 32 << 10));
    }

    synchronized void raw(byte[] bytes) throws IOException {
        out.write(bytes);
    }

    synchronized void send(int type, int flags, int stream, byte[] payload) throws IOException {
        out.writeByte(payload.length >> 16);
        out.writeShort(payload.length);
        out.writeByte(type);
        out.writeByte(flags);
        out.writeInt(stream);
        out.write(payload);
    }

    synchronized void flush() throws IOException {
        out.flush();
    }

    /** The next frame that is not the connection's own affair: settings, pings and windows for what came are answered here. */
    Frame next() throws IOException {
        while (true) {
            if (in.available() == 0) {
                flush();
            }
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            Frame frame = new Frame(in.readUnsignedByte(), in.readUnsignedByte(), in.readInt() & 0x7fffffff, in.readNBytes(length));
            if (frame.payload.length < length) {
                throw new EOFException("in a frame");
            }
            if (frame.type == SETTINGS || frame.type == PING) {
                if ((frame.flags & ACK) == 0) {
                    send(frame.type, ACK, 0, frame.type == PING ? frame.payload : new byte[0]);
                }
                continue;
            }
            if (frame.type == DATA && length > 0) {
                send(WINDOW_UPDATE, 0, 0, new byte[] {0, 0, (byte) (length >> 8), (byte) length});
            }
            return frame;
        }
    }

    /** Settings whose values fit in two bytes. */
    static byte[] settings(int... idsAndValues) {
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        for (int i = 0; i < idsAndValues.length; i += 2) {
            payload.writeBytes(new byte[] {0, (byte) idsAndValues[i], 0, 0, (byte) (idsAndValues[i + 1] >> 8), (byte) idsAndValues[i + 1]});
        }
        return payload.toByteArray();
    }

    /** A field that enters no table. */
    static void literal(ByteArrayOutputStream block, String name, String value) {
        block.write(0);
        string(block, name);
        string(block, value);
    }

    private static void string(ByteArrayOutputStream block, String text) {
        block.write(text.length()); // below 127
        block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
}

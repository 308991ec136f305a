package dev.fairway.echo;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** RFC 6455, the server's side: frames go back as they came, pings become pongs, a close is answered and ends it. */
final class WebSocketEcho {
    private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // section 1.3
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final long MAX_FRAME = 16 << 20;

    private WebSocketEcho() {}

    static void run(String key, InputStream raw, OutputStream out) throws IOException {
        var accept =
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: "
                        + accept(key)
                        + "\r\n\r\n";
        out.write(accept.getBytes(StandardCharsets.US_ASCII));
        out.flush();
        var in = new DataInputStream(raw);
        while (true) {
            int first = in.read();
            if (first < 0) {
                return;
            }
            var payload = payload(in);
            int opcode = first & 0x0f;
            if (opcode != PONG) {
                frame(out, opcode == PING ? (first & 0xf0) | PONG : first, payload);
            }
            if (opcode == CLOSE) {
                return;
            }
        }
    }

    static String accept(String key) {
        try {
            var sha1 = MessageDigest.getInstance("SHA-1");
            return Base64.getEncoder()
                    .encodeToString(sha1.digest((key + MAGIC).getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }

    /** Section 5.2: length in 7, 16 or 64 bits, then the client's mask. */
    private static byte[] payload(DataInputStream in) throws IOException {
        int second = in.readUnsignedByte();
        if ((second & 0x80) == 0) {
            throw new IOException("a client's frame must be masked (5.1)");
        }
        long length = second & 0x7f;
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length == 127) {
            length = in.readLong();
        }
        if (length < 0 || length > MAX_FRAME) {
            throw new IOException("frame of " + length + " bytes");
        }
        var mask = in.readNBytes(4);
        var payload = in.readNBytes((int) length);
        if (mask.length < 4 || payload.length < length) {
            throw new IOException("closed inside a frame");
        }
        for (int i = 0; i < payload.length; i++) {
            payload[i] ^= mask[i & 3];
        }
        return payload;
    }

    private static void frame(OutputStream out, int first, byte[] payload) throws IOException {
        out.write(first);
        if (payload.length < 126) {
            out.write(payload.length);
        } else if (payload.length <= 0xffff) {
            out.write(new byte[] {126, (byte) (payload.length >> 8), (byte) payload.length});
        } else {
            out.write(127);
            out.write(new byte[4]);
            for (int shift = 24; shift >= 0; shift -= 8) {
                out.write(payload.length >> shift);
            }
        }
        out.write(payload);
        out.flush();
    }
}

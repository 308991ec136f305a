package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.dataplane.http1.ResponseHead;
import dev.fairway.dataplane.http1.Trailers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attack ledger B20: where a response ends, and whether its connection is good for another. */
class ResponseReaderTest {
    private static final String OK = "HTTP/1.1 200 OK\r\n";
    private static final String WHOLE = OK + "Content-Length: 2\r\n\r\nok";

    private final List<String> told = new ArrayList<>();
    private boolean receiving = true;
    private int heads;
    private boolean persistentAtHead;

    private final ResponseReader reader =
            new ResponseReader(
                    new ResponseReader.Heads() {
                        @Override
                        public ResponseHead responseHead() {
                            heads++;
                            return new ResponseHead();
                        }

                        @Override
                        public void reuse(ResponseHead head) {
                            heads--;
                        }
                    },
                    ProxyLimits.DEFAULTS.upstream().head(),
                    new Told());

    private final class Told implements ResponseReader.Receiver {
        @Override
        public boolean receiving() {
            return receiving;
        }

        @Override
        public void informational(ResponseHead head) {
            told.add(Integer.toString(head.status()));
        }

        @Override
        public void switching(ResponseHead head, ByteBuf rest) {
            told.add("switching " + rest.toString(StandardCharsets.US_ASCII));
        }

        @Override
        public void head(ResponseHead head) {
            persistentAtHead = reader.persistent();
            told.add(Integer.toString(head.status()));
        }

        @Override
        public void data(ByteBuf piece) {
            told.add(piece.toString(StandardCharsets.US_ASCII));
            piece.release();
        }

        @Override
        public void end(Trailers trailers) {
            told.add(trailers == null ? "end" : "end with trailers");
        }

        @Override
        public void malformed() {
            told.add("malformed");
            receiving = false;
        }

        @Override
        public void tooLarge() {
            told.add("too large");
            receiving = false;
        }
    }

    private List<String> read(boolean toHead, String... pieces) {
        told.clear();
        receiving = true;
        reader.begin(toHead);
        for (String piece : pieces) {
            ByteBuf in = Unpooled.copiedBuffer(piece, StandardCharsets.ISO_8859_1);
            reader.read(in);
            in.release();
        }
        return List.copyOf(told);
    }

    @Test
    void one_response_after_another_is_cut_out_and_the_connection_serves_on() {
        for (int i = 0; i < 3; i++) {
            assertEquals(List.of("200", "ok", "end"), read(false, WHOLE));
            assertTrue(reader.persistent());
            reader.release();
        }
        assertEquals(
                List.of("200", "a", "bc", "end with trailers"),
                read(
                        false,
                        OK + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
                        "2\r\nbc\r\n0\r\nX: 1\r\n\r\n"));
        assertTrue(reader.persistent());
        reader.release();
        assertEquals(0, heads);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                WHOLE + "x",
                OK + "Content-Length: 0\r\n\r\n" + WHOLE,
                OK + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + WHOLE,
                "HTTP/1.1 204 No Content\r\n\r\n" + WHOLE,
                "HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nbody",
                "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nbody",
                "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            })
    void bytes_behind_a_response_end_its_connection_and_reach_nobody(String bytes) {
        List<String> all = read(false, bytes);
        assertEquals("end", all.getLast());
        assertTrue(all.size() <= 3, all.toString());
        assertFalse(all.contains("x") || all.contains("body"), all.toString());
        assertFalse(reader.persistent());
    }

    /** Whoever gets the head may give the connection away at once. */
    @Test
    void what_stands_behind_a_bodiless_head_is_known_with_the_head() {
        read(false, "HTTP/1.1 204 No Content\r\n\r\nx");
        assertFalse(persistentAtHead);
        reader.release();
        read(false, "HTTP/1.1 204 No Content\r\n\r\n");
        assertTrue(persistentAtHead);
    }

    @Test
    void a_response_to_head_has_no_body_whatever_it_says() {
        assertEquals(List.of("200", "end"), read(true, OK + "Content-Length: 5\r\n\r\n"));
        assertTrue(reader.persistent());
        reader.release();
        assertEquals(List.of("200", "end"), read(true, WHOLE));
        assertFalse(reader.persistent());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                OK + "Connection: close\r\nContent-Length: 2\r\n\r\nok",
                "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"
            })
    void a_connection_that_ends_by_its_own_word_is_not_used_again(String bytes) {
        assertEquals(List.of("200", "ok", "end"), read(false, bytes));
        assertFalse(reader.persistent());
    }

    @Test
    void only_a_body_of_unsaid_length_ends_with_its_connection() {
        assertEquals(List.of("200", "ok"), read(false, OK + "\r\nok"));
        assertTrue(reader.endsWithConnection());
        assertFalse(reader.persistent());
        reader.release();
        assertEquals(List.of("200", "o"), read(false, OK + "Content-Length: 2\r\n\r\no"));
        assertFalse(reader.endsWithConnection());
        reader.release();
        assertEquals(List.of("200"), read(false, OK + "Transfer-Encoding: chunked\r\n\r\n2\r\n"));
        assertFalse(reader.endsWithConnection());
        reader.release();
        assertEquals(List.of(), read(false, "HTTP/1.1 20"));
        assertFalse(reader.endsWithConnection());
    }

    @Test
    void informational_heads_come_before_the_final_one_and_not_for_ever() {
        String early = "HTTP/1.1 103 Early Hints\r\n\r\n";
        List<String> all = read(false, early.repeat(16) + WHOLE);
        assertEquals(16 + 3, all.size());
        assertEquals("end", all.getLast());
        reader.release();
        assertEquals("too large", read(false, early.repeat(17) + WHOLE).getLast());
    }

    @Test
    void behind_a_101_nothing_is_read() {
        String bytes = "HTTP/1.1 101 Switching Protocols\r\n\r\n" + WHOLE;
        assertEquals(List.of("switching " + WHOLE), read(false, bytes));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 2x0 OK\r\n\r\n",
                OK + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok",
                OK + "Transfer-Encoding: chunked\r\n\r\ng\r\n",
                OK + "Transfer-Encoding: chunked\r\n\r\n1\r\naX"
            })
    void what_makes_no_sense_is_malformed_and_nothing_follows(String bytes) {
        List<String> all = read(false, bytes, WHOLE);
        assertEquals("malformed", all.getLast());
        assertEquals(1, all.stream().filter("malformed"::equals).count());
    }

    @Test
    void without_a_request_there_is_no_response() {
        read(false, WHOLE);
        reader.release();
        told.clear();
        ByteBuf in = Unpooled.copiedBuffer(WHOLE, StandardCharsets.ISO_8859_1);
        ResponseReader fresh =
                new ResponseReader(
                        new ResponseReader.Heads() {
                            @Override
                            public ResponseHead responseHead() {
                                throw new AssertionError("nobody asked");
                            }

                            @Override
                            public void reuse(ResponseHead head) {}
                        },
                        ProxyLimits.DEFAULTS.upstream().head(),
                        new Told());
        fresh.read(in);
        in.release();
        assertEquals(List.of(), told);
    }
}

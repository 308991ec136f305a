package dev.fairway.dataplane.http2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.dataplane.http1.Fault;
import dev.fairway.dataplane.http1.HeadLimits;
import dev.fairway.dataplane.http1.RequestHead;
import dev.fairway.dataplane.http1.ResponseHead;
import dev.fairway.dataplane.http2.FieldBlock.Part;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** RFC 7541, with the examples of its appendix C, and the attack ledger's C4, C5 and C11. */
class HpackTest {
    private static final HeadLimits LIMITS = new HeadLimits(8192, 32768, 100);

    private final HpackDecoder decoder = new HpackDecoder();
    private final FieldBlock fields = new FieldBlock();

    private RequestHead request(String hex) {
        RequestHead head = new RequestHead();
        assertNull(decode(HexFormat.of().parseHex(hex.replace(" ", "")), head));
        assertNull(head.interpretStream(false, false));
        return head;
    }

    private Fault decode(byte[] block, RequestHead head) {
        head.clear();
        fields.begin(Part.REQUEST, head, LIMITS);
        assertTrue(decoder.decode(block, 0, block.length, fields));
        return fields.request(head, () -> "key");
    }

    private static String lines(RequestHead head) {
        int from = head.lineStart(0);
        return new String(
                head.bytes(),
                from,
                head.lineStart(head.count()) - from,
                StandardCharsets.ISO_8859_1);
    }

    @Test
    void the_requests_of_appendix_c_3_and_c_4_are_read() {
        for (List<String> three :
                List.of(
                        List.of(
                                "828684410f7777772e6578616d706c652e636f6d",
                                "828684be58086e6f2d6361636865",
                                "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565"),
                        List.of(
                                "828684418cf1e3c2e5f23a6ba0ab90f4ff",
                                "828684be5886a8eb10649cbf",
                                "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf"))) {
            HpackTest once = new HpackTest();
            RequestHead first = once.request(three.get(0));
            assertTrue(first.methodIs("GET"));
            assertEquals(
                    "www.example.com",
                    new String(first.target().host(), 0, first.target().hostLength()));
            assertEquals("/", new String(first.target().path(), 0, first.target().pathLength()));
            assertEquals("cache-control: no-cache\r\n", lines(once.request(three.get(1))));
            RequestHead third = once.request(three.get(2));
            assertEquals("custom-key: custom-value\r\n", lines(third));
            assertEquals(
                    "/index.html",
                    new String(third.target().path(), 0, third.target().pathLength()));
        }
    }

    /** Their table is of 256 bytes: eviction at work. */
    @Test
    void the_responses_of_appendix_c_6_are_read() {
        String[] blocks = {
            "3fe101"
                    + "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff"
                    + "6e919d29ad171863c78f0b97c8e9ae82ae43d3",
            "4883640effc1c0bf",
            "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab"
                    + "77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587"
                    + "316065c003ed4ee5b1063d5007"
        };
        String[] wanted = {
            "302 cache-control: private\r\ndate: Mon, 21 Oct 2013 20:13:21 GMT\r\n"
                    + "location: https://www.example.com\r\n",
            "307 cache-control: private\r\ndate: Mon, 21 Oct 2013 20:13:21 GMT\r\n"
                    + "location: https://www.example.com\r\n",
            "200 cache-control: private\r\ndate: Mon, 21 Oct 2013 20:13:22 GMT\r\n"
                    + "location: https://www.example.com\r\ncontent-encoding: gzip\r\n"
                    + "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1\r\n"
        };
        for (int i = 0; i < blocks.length; i++) {
            byte[] block = HexFormat.of().parseHex(blocks[i]);
            ResponseHead head = new ResponseHead();
            fields.begin(Part.RESPONSE, head, LIMITS);
            assertTrue(decoder.decode(block, 0, block.length, fields));
            int status = fields.response();
            int from = head.lineStart(0);
            assertEquals(
                    wanted[i],
                    status
                            + " "
                            + new String(
                                    head.bytes(),
                                    from,
                                    head.lineStart(head.count()) - from,
                                    StandardCharsets.ISO_8859_1));
        }
    }

    @Test
    void a_broken_block_is_a_compression_error() {
        for (String hex :
                List.of(
                        "80", // index 0
                        "be", // nothing there yet
                        "ff", // an integer cut off
                        "ffffffffffff7f", // and one beyond any use
                        "3fe21f", // a table larger than offered: 4097
                        "8220", // a size update behind a field
                        "40", // no name
                        "4001", // a name cut off
                        "400161", // no value
                        "40016105616263", // a value cut off
                        "4081ff0131", // padding of eight bits
                        "4081180131", // a symbol whose padding is no ones
                        "40016101" + "62" + "bf", // one entry, and what would be before it
                        "0f80808080000161", // an integer of more bytes than any use has
                        "4084ffffffff0161")) { // EOS
            byte[] block = HexFormat.of().parseHex(hex);
            fields.begin(Part.REQUEST, new RequestHead(), LIMITS);
            assertFalse(new HpackDecoder().decode(block, 0, block.length, fields), hex);
        }
    }

    private static byte[] literals(String... namesAndValues) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            out.write(0);
            for (int k = 0; k < 2; k++) {
                byte[] text = namesAndValues[i + k].getBytes(StandardCharsets.ISO_8859_1);
                HeaderBlock length = new HeaderBlock();
                length.integer(0, 7, text.length);
                out.write(length.bytes(), 0, length.length());
                out.writeBytes(text);
            }
        }
        return out.toByteArray();
    }

    private Fault faultOf(String... more) {
        List<String> all =
                new ArrayList<>(List.of(":method", "GET", ":scheme", "https", ":path", "/x"));
        all.addAll(List.of(more));
        RequestHead head = new RequestHead();
        Fault fault = decode(literals(all.toArray(new String[0])), head);
        return fault != null ? fault : head.interpretStream(false, false);
    }

    @Test
    void c11_what_no_http2_message_may_hold_is_malformed() {
        String[] a = {":authority", "a.test"};
        assertNull(faultOf(a));
        assertNull(faultOf(":authority", "a.test", "te", "trailers", "x", "", "y", "a\tb \u00e9"));
        for (String[] field :
                new String[][] {
                    {"Upper", "1"},
                    {"", "1"},
                    {"x y", "1"},
                    {"x:y", "1"},
                    {"x\r\ny", "1"},
                    {"x\0", "1"},
                    {"x\u00e9", "1"},
                    {":unknown", "1"},
                    {":status", "200"},
                    {"x", "a\r\nb"},
                    {"x", "a\nb"},
                    {"x", "a\0b"},
                    {"x", "a\u007fb"},
                    {"x", " a"},
                    {"x", "a\t"},
                    {"connection", "close"},
                    {"keep-alive", "1"},
                    {"proxy-connection", "1"},
                    {"transfer-encoding", "chunked"},
                    {"upgrade", "h2c"},
                    {"te", "gzip"},
                    {"te", "trailers, gzip"},
                    {"content-length", "1"},
                    {"content-length", "+0"},
                    {"content-length", ""},
                    {":path", "/again"},
                    {":method", "GET"},
                    {"host", "b.test"},
                }) {
            assertEquals(
                    Fault.MALFORMED,
                    faultOf(":authority", "a.test", field[0], field[1]),
                    String.join("=", field));
        }
        assertEquals(Fault.MALFORMED, faultOf("x", "1", ":authority", "a.test"));
        assertEquals(
                Fault.MALFORMED,
                faultOf(":authority", "a.test", "content-length", "0", "content-length", "0"));
    }

    @Test
    void c12_pseudo_headers_are_whole_and_single() {
        RequestHead head = new RequestHead();
        for (String[] pseudo :
                new String[][] {
                    {":scheme", "https", ":path", "/", ":authority", "a"},
                    {":method", "GET", ":path", "/", ":authority", "a"},
                    {":method", "GET", ":scheme", "https", ":authority", "a"},
                    {":method", "GET", ":scheme", "https", ":path", "", ":authority", "a"},
                    {":method", "GET", ":scheme", "https", ":path", "x", ":authority", "a"},
                    {":method", "GET", ":scheme", "https", ":path", "*", ":authority", "a"},
                    {":method", "GET", ":scheme", "https", ":path", "/a b", ":authority", "a"},
                    {":method", "GET", ":scheme", "https", ":path", "/a#b", ":authority", "a"},
                    {":method", "GET", ":scheme", "https", ":path", "http://a/", ":authority", "a"},
                    {":method", "GET", ":scheme", "ftp", ":path", "/", ":authority", "a"},
                    {":method", "GET", ":scheme", "", ":path", "/", ":authority", "a"},
                    {":method", "G T", ":scheme", "https", ":path", "/", ":authority", "a"},
                    {":method", "", ":scheme", "https", ":path", "/", ":authority", "a"},
                    {":method", "GET", ":scheme", "https", ":path", "/", ":authority", ""},
                    {":method", "CONNECT", ":scheme", "https", ":path", "/", ":authority", "a"},
                    {":method", "CONNECT"},
                    {
                        ":method",
                        "GET",
                        ":protocol",
                        "websocket",
                        ":scheme",
                        "https",
                        ":path",
                        "/",
                        ":authority",
                        "a"
                    },
                    {":method", "CONNECT", ":protocol", "websocket", ":authority", "a"},
                }) {
            assertEquals(Fault.MALFORMED, decode(literals(pseudo), head), String.join(" ", pseudo));
        }
        assertEquals(
                Fault.METHOD_REFUSED,
                decode(literals(":method", "CONNECT", ":authority", "a:443"), head));
        assertEquals(
                Fault.UNKNOWN_PROTOCOL,
                decode(
                        literals(
                                ":method",
                                "CONNECT",
                                ":protocol",
                                "connect-udp",
                                ":scheme",
                                "https",
                                ":path",
                                "/",
                                ":authority",
                                "a"),
                        head));
        assertEquals(Fault.BAD_HOST, faultOf());
        assertEquals(Fault.BAD_HOST, faultOf(":authority", "user@a.test"));
        assertEquals(Fault.BAD_PATH, faultOf2("/../x"));
        assertEquals(Fault.BAD_PATH, faultOf2("/%00"));
    }

    private Fault faultOf2(String path) {
        RequestHead head = new RequestHead();
        assertNull(
                decode(
                        literals(
                                ":method",
                                "GET",
                                ":scheme",
                                "https",
                                ":path",
                                path,
                                ":authority",
                                "a"),
                        head));
        return head.interpretStream(false, false);
    }

    @Test
    void an_extended_connect_is_the_get_that_http1_has_for_it() {
        RequestHead head = new RequestHead();
        assertNull(
                decode(
                        literals(
                                ":method",
                                "CONNECT",
                                ":protocol",
                                "websocket",
                                ":scheme",
                                "https",
                                ":path",
                                "/chat?x=1",
                                ":authority",
                                "a.test",
                                "sec-websocket-version",
                                "13"),
                        head));
        assertNull(head.interpretStream(false, true));
        assertTrue(head.methodIs("GET"));
        assertEquals(0, head.framing());
        assertTrue(head.valueIs(head.upgrade(), "websocket"));
        assertEquals("key", head.header("sec-websocket-key"));
        assertEquals("/chat", new String(head.target().path(), 0, head.target().pathLength()));
    }

    @Test
    void cookie_crumbs_become_one_line_wherever_they_stand() {
        RequestHead head = new RequestHead();
        assertNull(
                decode(
                        literals(
                                ":method",
                                "GET",
                                ":scheme",
                                "http",
                                ":path",
                                "/",
                                ":authority",
                                "a",
                                "x",
                                "1",
                                "cookie",
                                "a=1",
                                "cookie",
                                "b=2",
                                "y",
                                "2",
                                "cookie",
                                "c=3",
                                "z",
                                "3"),
                        head));
        assertEquals("x: 1\r\ncookie: a=1; b=2; c=3\r\ny: 2\r\nz: 3\r\n", lines(head));
        assertEquals("2", head.header("y"));
        assertEquals("3", head.header("z"));
        assertEquals("a=1; b=2; c=3", head.header("cookie"));
    }

    /** One byte each on the wire: 5,700 to 1 where only names and values were counted. */
    @Test
    void c4_indexed_crumbs_count_and_the_table_stays_in_step() {
        byte[] block = new byte[4000];
        byte[] start = HexFormat.of().parseHex("828684" + "4101" + "61" + "6000" + "40017a0131");
        System.arraycopy(start, 0, block, 0, start.length);
        java.util.Arrays.fill(block, start.length, block.length, (byte) 0xbf); // cookie, empty
        RequestHead head = new RequestHead();
        assertEquals(Fault.TOO_MANY_FIELDS, decode(block, head));
        assertTrue(head.length() < 8192, "nothing is kept beyond the bound");
        assertNull(decode(HexFormat.of().parseHex("828684c0be"), head));
        assertEquals("z: 1\r\n", lines(head));
    }

    @Test
    void c5_a_list_is_charged_for_each_field_and_bounded_as_it_grows() {
        List<String> many =
                new ArrayList<>(
                        List.of(
                                ":method",
                                "GET",
                                ":scheme",
                                "http",
                                ":path",
                                "/",
                                ":authority",
                                "a"));
        for (int i = 0; i < 8; i++) {
            many.add("x");
            many.add("v".repeat(4000));
        }
        RequestHead head = new RequestHead();
        assertNull(decode(literals(many.toArray(new String[0])), head));
        many.add("x");
        many.add("v".repeat(700));
        assertEquals(Fault.HEAD_TOO_LARGE, decode(literals(many.toArray(new String[0])), head));
        assertEquals(Fault.FIELD_TOO_LONG, faultOf(":authority", "a", "x", "v".repeat(8190)));
        assertEquals(Fault.LINE_TOO_LONG, longPath());
    }

    private Fault longPath() {
        return decode(
                literals(
                        ":method",
                        "GET",
                        ":scheme",
                        "http",
                        ":path",
                        "/".repeat(8300),
                        ":authority",
                        "a"),
                new RequestHead());
    }

    @Test
    void what_is_encoded_is_read_back_whatever_the_table_holds() {
        Random random = new Random(7);
        HpackEncoder encoder = new HpackEncoder();
        HeaderBlock block = new HeaderBlock();
        int bytes = 0;
        for (int round = 0; round < 20_000; round++) {
            if (random.nextInt(200) == 0) {
                encoder.tableBytes(random.nextInt(6000));
                encoder.tableBytes(random.nextInt(6000));
            }
            StringBuilder kept = new StringBuilder();
            StringBuilder head =
                    new StringBuilder("HTTP/1.1 " + (200 + random.nextInt(300)) + " x\r\n");
            for (int i = random.nextInt(12); i > 0; i--) {
                String name = "X-" + random.nextInt(30);
                String value =
                        random.nextBoolean()
                                ? "v".repeat(random.nextInt(60))
                                : Integer.toHexString(random.nextInt());
                head.append(name).append(": ").append(value).append("\r\n");
                kept.append(name.toLowerCase()).append(": ").append(value).append("\r\n");
                if (random.nextInt(5) == 0) {
                    head.append("Connection: close\r\nTransfer-Encoding:chunked\r\n");
                }
                if (random.nextInt(5) == 0) {
                    head.append("SET-cookie:  a=b \r\n");
                    kept.append("set-cookie: a=b\r\n");
                }
            }
            byte[] text = (head + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
            byte[] at = new byte[text.length + random.nextInt(9) + 3];
            System.arraycopy(text, 0, at, 3, text.length);
            assertEquals(3 + text.length, encoder.response(at, 3, block));
            bytes += block.length();
            ResponseHead read = new ResponseHead();
            fields.begin(Part.RESPONSE, read, LIMITS);
            assertTrue(decoder.decode(block.bytes(), 0, block.length(), fields), "round " + round);
            assertEquals(Integer.parseInt(head.substring(9, 12)), fields.response());
            int from = read.lineStart(0);
            int to = read.lineStart(read.count());
            assertEquals(
                    kept.toString(),
                    read.count() == 0 ? "" : new String(read.bytes(), from, to - from));
        }
        assertTrue(bytes > 0);
    }

    @Test
    void a_head_that_comes_again_is_a_byte_a_field() {
        HpackEncoder encoder = new HpackEncoder();
        HeaderBlock block = new HeaderBlock();
        byte[] head =
                "GET /a/b?c HTTP/1.1\r\nHost: a.test\r\nUser-Agent: x\r\nCookie: s=1\r\n\r\n"
                        .getBytes(StandardCharsets.ISO_8859_1);
        List<RequestHead> read = new ArrayList<>();
        int last = 0;
        for (int i = 0; i < 3; i++) {
            assertEquals(head.length, encoder.request(head, 0, true, block));
            last = block.length();
            RequestHead one = new RequestHead();
            byte[] bytes = java.util.Arrays.copyOf(block.bytes(), block.length());
            assertNull(decode(bytes, one));
            assertNull(one.interpretStream(false, false));
            read.add(one);
        }
        assertEquals(2 + 1 + 1 + 1 + "....s=1".length() - 1, last);
        for (RequestHead one : read) {
            assertEquals("user-agent: x\r\ncookie: s=1\r\n", lines(one));
            assertEquals("a.test", new String(one.target().host(), 0, one.target().hostLength()));
            assertEquals("/a/b", new String(one.target().path(), 0, one.target().pathLength()));
        }
        assertArrayEquals(
                new byte[] {'s', '=', '1'},
                java.util.Arrays.copyOfRange(block.bytes(), last - 3, last),
                "a secret is never in the table");
    }

    /** C10: whatever comes, it ends in an answer, and the same one as ever for good blocks after it. */
    @Test
    void random_blocks_never_throw() {
        Random random = new Random(11);
        for (int i = 0; i < 200_000; i++) {
            HpackDecoder one = i % 4 == 0 ? new HpackDecoder() : decoder;
            byte[] block = new byte[random.nextInt(80)];
            random.nextBytes(block);
            RequestHead head = new RequestHead();
            fields.begin(Part.REQUEST, head, LIMITS);
            if (one.decode(block, 0, block.length, fields)
                    && fields.request(head, () -> "key") == null) {
                head.interpretStream(false, random.nextBoolean());
            }
        }
    }
}

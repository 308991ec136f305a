package dev.fairway.dataplane.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Cidr;
import dev.fairway.contract.Settings;
import dev.fairway.contract.Settings.Forwarding;
import dev.fairway.dataplane.Altered;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attack ledger D13: who a load balancer may say that its clients are. */
class ProxyProtocolTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";
    private static final String SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";
    private static final byte[] FOUR = {(byte) 192, 0, 2, 1, (byte) 198, 51, 100, 1};
    private static final byte[] SIX = six("2001:db8::1", "2001:db8::2");
    private static final byte[] MAPPED = six("::ffff:0:0", "2001:db8::2");

    private ProxyFixture proxy;

    static {
        System.arraycopy(FOUR, 0, MAPPED, 12, 4);
    }

    @BeforeEach
    void begin() throws IOException {
        Leaks.watch();
        proxy = new ProxyFixture(RawBackend.answering(RawBackend.ok("ok")));
        proxy.settings = settings("127.0.0.1", Forwarding.UNTRUSTED, 10_000);
    }

    @AfterEach
    void end() throws IOException {
        proxy.close();
        Leaks.assertNone();
    }

    static Settings settings(String trusted, Forwarding forwarding, long headMillis) {
        Duration head = Duration.ofMillis(headMillis);
        return Altered.with(
                Settings.DEFAULTS,
                "forwarding",
                forwarding,
                "headTimeout",
                head,
                "proxyProtocol",
                Optional.of(
                        new Settings.ProxyProtocol(
                                List.of(Cidr.parse(trusted)), Optional.of(head))));
    }

    /** A header of version 2: {@code tail} is addresses, ports and extensions. */
    private static String v2(int command, int family, byte[]... tail) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(SIGNATURE.getBytes(ISO_8859_1));
        int length = Arrays.stream(tail).mapToInt(part -> part.length).sum();
        all.write(command);
        all.write(family);
        all.write(length >> 8);
        all.write(length);
        for (byte[] part : tail) {
            all.writeBytes(part);
        }
        return all.toString(ISO_8859_1);
    }

    private static byte[] ports(int from, int to) {
        return new byte[] {(byte) (from >> 8), (byte) from, (byte) (to >> 8), (byte) to};
    }

    private static byte[] extension(int type, int length) {
        byte[] tlv = new byte[3 + length];
        tlv[0] = (byte) type;
        tlv[1] = (byte) (length >> 8);
        tlv[2] = (byte) length;
        return tlv;
    }

    private static byte[] six(String... addresses) {
        byte[] all = new byte[32];
        for (int i = 0; i < 2; i++) {
            if (!addresses[i].startsWith("::ffff")) {
                System.arraycopy(
                        InetAddress.ofLiteral(addresses[i]).getAddress(), 0, all, 16 * i, 16);
            } else {
                all[16 * i + 10] = -1;
                all[16 * i + 11] = -1;
            }
        }
        return all;
    }

    /** The head that reached the backend behind this header. */
    private String forwarded(String header) throws IOException {
        int before = proxy.backends.getFirst().heads.size();
        try (RawClient client = proxy.client()) {
            assertEquals(200, client.send(header + GET).response().status());
            assertEquals(200, client.send(GET).response().status());
        }
        return proxy.backends.getFirst().heads.get(before + 1);
    }

    static List<List<String>> understood() {
        byte[] ports = ports(56_324, 80);
        return List.of(
                List.of("PROXY TCP4 192.0.2.1 198.51.100.1 56324 80\r\n", "192.0.2.1"),
                List.of("PROXY TCP6 2001:db8::1 2001:DB8::2 0 65535\r\n", "2001:db8::1"),
                List.of("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 80\r\n", "192.0.2.1"),
                List.of("PROXY UNKNOWN\r\n", "127.0.0.1"),
                List.of("PROXY UNKNOWN ffff::1 anything 1\r\n", "127.0.0.1"),
                List.of("PROXY UNKNOWN " + "x".repeat(107 - 16) + "\r\n", "127.0.0.1"),
                List.of(v2(0x21, 0x11, FOUR, ports), "192.0.2.1"),
                List.of(v2(0x21, 0x21, SIX, ports), "2001:db8::1"),
                List.of(v2(0x21, 0x21, MAPPED, ports), "192.0.2.1"),
                List.of(
                        v2(0x21, 0x11, FOUR, ports, extension(4, 7), extension(0xe0, 0)),
                        "192.0.2.1"),
                List.of(v2(0x21, 0x11, FOUR, ports, extension(4, 4096 - 31)), "192.0.2.1"),
                List.of(v2(0x21, 0x11, FOUR, ports, new byte[2]), "192.0.2.1"),
                List.of(checked(0), "192.0.2.1"),
                List.of(v2(0x20, 0x00), "127.0.0.1"),
                List.of(v2(0x20, 0x11, FOUR, ports), "127.0.0.1"),
                List.of(v2(0x20, 0x7f, new byte[5]), "127.0.0.1"),
                List.of(v2(0x21, 0x00, extension(1, 2)), "127.0.0.1"),
                List.of(v2(0x21, 0x12, FOUR, ports), "127.0.0.1"),
                List.of(v2(0x21, 0x31, new byte[216]), "127.0.0.1"));
    }

    /** A header with a checksum that is off by so much. */
    private static String checked(int off) {
        String unsigned = v2(0x21, 0x11, FOUR, ports(1, 80), extension(3, 4), extension(2, 3));
        byte[] bytes = unsigned.getBytes(ISO_8859_1);
        CRC32C sum = new CRC32C();
        sum.update(bytes);
        int value = (int) sum.getValue() + off;
        for (int i = 0; i < 4; i++) {
            bytes[16 + 12 + 3 + i] = (byte) (value >> (24 - 8 * i));
        }
        return new String(bytes, ISO_8859_1);
    }

    @ParameterizedTest
    @MethodSource("understood")
    void the_client_is_who_the_header_names(List<String> headerAndClient) throws Exception {
        AtomicReference<String> seen = new AtomicReference<>("");
        proxy.admit =
                context -> {
                    seen.set(context.request().clientAddressText());
                    return dev.fairway.dataplane.policy.Decision.PROCEED;
                };
        String head = forwarded(headerAndClient.getFirst());
        String client = headerAndClient.getLast();
        assertEquals(client, Wire.field(head, "X-Forwarded-For"));
        assertEquals(client, Wire.field(head, "X-Real-IP"));
        assertEquals("http", Wire.field(head, "X-Forwarded-Proto"));
        assertEquals("80", Wire.field(head, "X-Forwarded-Port"));
        assertEquals(client, seen.get());
        assertEquals(0, proxy.fired(Limit.PROXY_HEADER));
    }

    @ParameterizedTest
    @MethodSource("understood")
    void a_header_may_come_byte_by_byte(List<String> headerAndClient) throws Exception {
        String header = headerAndClient.getFirst();
        if (header.length() > 300) {
            return;
        }
        try (RawClient client = proxy.client()) {
            for (char c : header.toCharArray()) {
                client.send(String.valueOf(c));
            }
            assertEquals(200, client.send(GET).response().status());
        }
        String head = proxy.backends.getFirst().heads.getFirst();
        assertEquals(headerAndClient.getLast(), Wire.field(head, "X-Forwarded-For"));
    }

    static List<String> malformed() {
        byte[] ports = ports(1, 80);
        return List.of(
                GET,
                "\r\n" + GET,
                "PROXX TCP4 192.0.2.1 198.51.100.1 1 2\r\n",
                "proxy TCP4 192.0.2.1 198.51.100.1 1 2\r\n",
                "PROXY\r\n",
                "PROXY  TCP4 192.0.2.1 198.51.100.1 1 2\r\n",
                "PROXY TCP4 192.0.2.1  198.51.100.1 1 2\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.1 1 2 \r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.1 1 2\n",
                "PROXY TCP4 192.0.2.1 198.51.100.1 1 2\r \n",
                "PROXY TCP4 192.0.2.1\t198.51.100.1 1 2\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.1 1\r\n",
                "PROXY TCP4 192.0.2.01 198.51.100.1 1 2\r\n",
                "PROXY TCP4 192.0.2.256 198.51.100.1 1 2\r\n",
                "PROXY TCP4 192.0.2 198.51.100.1 1 2\r\n",
                "PROXY TCP4 3221225985 198.51.100.1 1 2\r\n",
                "PROXY TCP4 localhost 198.51.100.1 1 2\r\n",
                "PROXY TCP4 192.0.2.1/8 198.51.100.1 1 2\r\n",
                "PROXY TCP4 192.0.2.1 localhost 1 2\r\n",
                "PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n",
                "PROXY TCP6 192.0.2.1 198.51.100.1 1 2\r\n",
                "PROXY TCP6 2001:db8::1%lo 2001:db8::2 1 2\r\n",
                "PROXY TCP6 2001:db8:::1 2001:db8::2 1 2\r\n",
                "PROXY TCP6 [2001:db8::1] 2001:db8::2 1 2\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.1 65536 2\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.1 1 -2\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.1 1 2:\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.1 01 2\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.1 00 2\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.1  2\r\n",
                "PROXY TCP5 192.0.2.1 198.51.100.1 1 2\r\n",
                "PROXY UDP4 192.0.2.1 198.51.100.1 1 2\r\n",
                "PROXY UNKNOWNS\r\n",
                "PROXY UNKNOWN " + "x".repeat(108 - 16) + "\r\n",
                "PROXY UNKNOWN \0\r\n",
                SIGNATURE.substring(0, 11) + "\r",
                v2(0x11, 0x11, FOUR, ports),
                v2(0x22, 0x11, FOUR, ports),
                v2(0x2f, 0x11, FOUR, ports),
                v2(0x21, 0x41, FOUR, ports),
                v2(0x21, 0x13, FOUR, ports),
                v2(0x21, 0x10, FOUR, ports),
                v2(0x21, 0x41),
                v2(0x21, 0x14, new byte[12]), // what would do for extensions
                v2(0x21, 0x11, FOUR),
                v2(0x21, 0x21, FOUR, ports),
                v2(0x21, 0x11, FOUR, ports, new byte[] {4, 0, 1}),
                v2(0x21, 0x11, FOUR, ports, new byte[] {4, (byte) 255, (byte) 255, 0}),
                v2(0x21, 0x11, FOUR, ports, extension(4, 4097 - 31)),
                v2(0x20, 0x00, new byte[4097 - 16]),
                v2(0x21, 0x11, FOUR, ports, extension(3, 3)),
                checked(1));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void what_is_no_header_closes_the_connection_in_silence(String start) throws Exception {
        try (RawClient client = proxy.client()) {
            client.send(start + GET);
            assertTrue(client.closed());
        }
        assertEquals(1, proxy.fired(Limit.PROXY_HEADER));
        assertEquals(0, proxy.backends.getFirst().connections.get());
        assertEquals(0, proxy.finished.size());
    }

    /** Also where the connection ends, or stays, in the middle of one. */
    @ParameterizedTest
    @ValueSource(strings = {"", "P", "PROXY TCP4 192.0.2.1 ", "\r\n\r\n\0\r\nQUIT\n\u0021\u0011\0"})
    void a_header_must_come_whole_and_in_time_however_steadily(String start) throws Exception {
        proxy.settings = settings("127.0.0.1", Forwarding.UNTRUSTED, 300);
        try (RawClient client = proxy.client()) {
            client.send(start);
            long began = System.nanoTime();
            assertTrue(client.closed());
            assertTrue(System.nanoTime() - began < 2_000_000_000L);
        }
        try (RawClient drips = proxy.client()) {
            Thread drip =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    drips.send("PROXY UNKNOWN ");
                                    for (int i = 0; i < 70; i++) {
                                        drips.send("x");
                                        Thread.sleep(50);
                                    }
                                } catch (IOException | InterruptedException e) {
                                    // closed at last
                                }
                            });
            assertTrue(drips.closed());
            drip.interrupt();
        }
        assertEquals(2, proxy.fired(Limit.PROXY_HEADER_TIME));
    }

    @Test
    void whoever_is_not_trusted_is_closed_at_once_whatever_it_sends() throws Exception {
        proxy.settings = settings("10.0.0.0/8", Forwarding.UNTRUSTED, 10_000);
        try (RawClient silent = proxy.client();
                RawClient liar = proxy.client()) {
            assertTrue(silent.closed());
            try {
                liar.send("PROXY TCP4 192.0.2.1 198.51.100.1 1 2\r\n" + GET);
                assertTrue(liar.closed());
            } catch (IOException e) {
                // closed even sooner
            }
        }
        assertEquals(2, proxy.fired(Limit.PROXY_HEADER_UNTRUSTED));
        assertEquals(0, proxy.backends.getFirst().connections.get());
    }

    @Test
    void without_the_setting_a_header_is_no_request() throws Exception {
        proxy.settings = Settings.DEFAULTS;
        try (RawClient client = proxy.client()) {
            client.send("PROXY TCP4 192.0.2.1 198.51.100.1 1 2\r\n" + GET);
            assertTrue(client.closed());
        }
        assertEquals(0, proxy.backends.getFirst().connections.get());
    }

    /** The balancer ended the client's TLS: as ingress-nginx does, its port 443 says so. */
    @Test
    void a_client_of_the_balancers_port_443_came_by_https() throws Exception {
        String head = forwarded("PROXY TCP4 192.0.2.1 198.51.100.1 1 443\r\n");
        assertEquals("https", Wire.field(head, "X-Forwarded-Proto"));
        assertEquals("80", Wire.field(head, "X-Forwarded-Port"));
        head = forwarded(v2(0x21, 0x21, SIX, ports(1, 443)));
        assertEquals("https", Wire.field(head, "X-Forwarded-Proto"));
    }

    @Test
    void connections_are_counted_by_the_client_named() throws Exception {
        proxy.close();
        proxy =
                new ProxyFixture(
                        ClientLimitsTest.limits(100, 1, 30_000, 10_000),
                        TransportKind.EPOLL,
                        RawBackend.answering(RawBackend.ok("ok")));
        proxy.settings = settings("127.0.0.1", Forwarding.UNTRUSTED, 10_000);
        try (RawClient one = proxy.client();
                RawClient another = proxy.client();
                RawClient again = proxy.client()) {
            one.send("PROXY TCP6 2001:db8::1 2001:db8::9 1 80\r\n" + GET);
            assertEquals(200, one.response().status());
            another.send("PROXY TCP6 2001:db8:0:1::1 2001:db8::9 1 80\r\n" + GET);
            assertEquals(200, another.response().status());
            again.send("PROXY TCP6 2001:db8::2 2001:db8::9 1 80\r\n" + GET);
            assertTrue(again.closed());
        }
        assertEquals(1, proxy.fired(Limit.CONNECTIONS_PER_ADDRESS));
    }

    @Test
    void a_header_inside_the_first_request_is_not_looked_for() throws Exception {
        try (RawClient client = proxy.client()) {
            client.send("PROXY UNKNOWN\r\nPROXY TCP4 6.6.6.6 198.51.100.1 1 2\r\n" + GET);
            assertTrue(client.closed());
        }
        assertEquals(0, proxy.backends.getFirst().connections.get());
    }

    /** The client named is who speaks HTTP: its own forwarded headers count only if it is trusted. */
    @Test
    void forwarded_headers_are_believed_from_the_client_named_not_from_the_balancer()
            throws Exception {
        String said =
                "GET / HTTP/1.1\r\nHost: a.test\r\nX-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\n\r\n";
        proxy.settings =
                settings(
                        "127.0.0.1",
                        new Forwarding(
                                List.of(Cidr.parse("127.0.0.1"), Cidr.parse("192.0.2.0/24")),
                                "x-forwarded-for",
                                false),
                        10_000);
        try (RawClient client = proxy.client()) {
            client.send("PROXY TCP4 203.0.113.9 198.51.100.1 1 80\r\n" + said).response();
        }
        String head = proxy.backends.getFirst().heads.getLast();
        assertEquals("203.0.113.9", Wire.field(head, "X-Forwarded-For"));
        assertEquals("http", Wire.field(head, "X-Forwarded-Proto"));
        try (RawClient client = proxy.client()) {
            client.send("PROXY TCP4 192.0.2.7 198.51.100.1 1 80\r\n" + said).response();
        }
        head = proxy.backends.getFirst().heads.getLast();
        assertEquals("192.0.2.7", Wire.field(head, "X-Forwarded-For"));
        assertEquals("https", Wire.field(head, "X-Forwarded-Proto"));
        // An IPv4 client is the same one however its address is written.
        try (RawClient client = proxy.client()) {
            client.send(v2(0x21, 0x21, MAPPED, ports(1, 80)) + said).response();
        }
        head = proxy.backends.getFirst().heads.getLast();
        assertEquals("https", Wire.field(head, "X-Forwarded-Proto"));
    }
}

package dev.fairway.dataplane.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.CertificateBinding;
import dev.fairway.contract.KeyId;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Listener;
import dev.fairway.contract.Settings;
import dev.fairway.contract.Snapshot;
import dev.fairway.dataplane.Altered;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ServerHandshakeTest {
    private static final KeyId EXACT = new KeyId("tls/shop/exact");
    private static final KeyId WILD = new KeyId("tls/shop/wild");
    private static final KeyId DEFAULT = new KeyId("default-certificate");

    private final ServerIdentities identities = new ServerIdentities();
    private final AtomicReference<CertificateTable> table =
            new AtomicReference<>(CertificateTable.EMPTY);
    private volatile HandshakeTurn turn = HandshakeTurn.AT_ONCE;
    private final TlsOutcomes outcomes = new TlsOutcomes();
    private Authority authority;
    private TlsEcho server;

    @BeforeEach
    void open() throws Exception {
        authority = new Authority("test authority");
        ServerHandshakes handshakes =
                new ServerHandshakes(table::get, Duration.ofSeconds(1), outcomes);
        server = new TlsEcho(() -> handshakes.newHandler(handshake -> turn.take(handshake)));
    }

    @AfterEach
    void close() {
        server.close();
        identities.close();
        assertEquals(0, identities.contexts());
    }

    private String[] alpn = new String[0];

    private List<String> serve(
            Map<String, Optional<KeyId>> names, Optional<KeyId> otherwise, Keys keys) {
        List<CertificateBinding> bindings = new ArrayList<>();
        names.forEach((name, key) -> bindings.add(new CertificateBinding(name, key)));
        Settings settings = Altered.with(Settings.DEFAULTS, "defaultCertificate", otherwise);
        ServerIdentities.Draft draft =
                identities.draft(
                        new Snapshot(settings, Listener.DEFAULTS, bindings, List.of()), keys);
        table.set(draft.table());
        identities.adopt(draft);
        return draft.problems();
    }

    private static Keys.Entry entry(KeyId id, Keys.Key key) {
        return new Keys.Entry(id, key);
    }

    private SSLSocket connect(String serverName, String... protocols) throws Exception {
        SSLContext context = TrustingTls.context();
        return connect(context, serverName, protocols);
    }

    private SSLSocket connect(SSLContext context, String serverName, String... protocols)
            throws Exception {
        SSLSocket socket =
                (SSLSocket)
                        context.getSocketFactory()
                                .createSocket(InetAddress.getLoopbackAddress(), server.port());
        socket.setSoTimeout(5_000);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(
                serverName == null ? List.of() : List.of(new SNIHostName(serverName)));
        if (protocols.length > 0) {
            parameters.setProtocols(protocols);
        }
        parameters.setApplicationProtocols(alpn);
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private static String subject(SSLSocket socket) throws Exception {
        return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                .getSubjectX500Principal()
                .getName();
    }

    private String served(String serverName) throws Exception {
        try (SSLSocket socket = connect(serverName)) {
            return subject(socket);
        }
    }

    private static String echo(SSLSocket socket, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        socket.getOutputStream().write(bytes);
        return new String(
                socket.getInputStream().readNBytes(bytes.length), StandardCharsets.US_ASCII);
    }

    @Test
    void the_server_name_picks_exact_then_wildcard_then_default() throws Exception {
        serve(
                Map.of("a.example", Optional.of(EXACT), "*.example", Optional.of(WILD)),
                Optional.of(DEFAULT),
                new Keys(
                        List.of(
                                entry(DEFAULT, authority.issue("default")),
                                entry(EXACT, authority.issue("a.example")),
                                entry(WILD, authority.issue("*.example")))));
        assertEquals("CN=a.example", served("a.example"));
        assertEquals("CN=a.example", served("A.Example"));
        assertEquals("CN=*.example", served("b.example"));
        assertEquals("CN=default", served("b.a.example"));
        assertEquals("CN=default", served("other.test"));
        assertEquals("CN=default", served(null));
    }

    @Test
    void names_without_a_certificate_are_refused_by_their_alert() throws Exception {
        serve(
                Map.of("a.example", Optional.of(EXACT), "closed.example", Optional.empty()),
                Optional.empty(),
                new Keys(List.of(entry(EXACT, authority.issue("a.example")))));
        assertEquals("CN=a.example", served("a.example"));
        for (String name : new String[] {"closed.example", "other.example", null}) {
            SSLException refused = assertThrows(SSLException.class, () -> served(name));
            assertTrue(refused.getMessage().contains("unrecognized_name"), refused.getMessage());
        }
        assertEquals(3, outcomes.refusedNames());
    }

    @Test
    void a_rotated_certificate_leaves_open_connections_alone() throws Exception {
        Map<String, Optional<KeyId>> names = Map.of("a.example", Optional.of(EXACT));
        Keys before = new Keys(List.of(entry(EXACT, authority.issue("a.example"))));
        Keys after = new Keys(List.of(entry(EXACT, authority.issue("a.example"))));
        serve(names, Optional.empty(), before);
        try (SSLSocket open = connect("a.example")) {
            X509Certificate first = (X509Certificate) open.getSession().getPeerCertificates()[0];
            serve(names, Optional.empty(), after);
            assertEquals("still here", echo(open, "still here"));
            try (SSLSocket next = connect("a.example")) {
                assertNotEquals(first, next.getSession().getPeerCertificates()[0]);
                assertEquals("hello", echo(next, "hello"));
            }
            assertEquals("and still", echo(open, "and still"));
        }
        assertEquals(1, identities.contexts());
    }

    @Test
    void an_unchanged_key_keeps_its_context_over_swaps() throws Exception {
        Map<String, Optional<KeyId>> names = Map.of("a.example", Optional.of(EXACT));
        Keys keys = new Keys(List.of(entry(EXACT, authority.issue("a.example"))));
        serve(names, Optional.empty(), keys);
        ServerIdentity first = table.get().find("a.example");
        serve(names, Optional.empty(), keys);
        assertEquals(first, table.get().find("a.example"));
        assertEquals("CN=a.example", served("a.example"));
    }

    @Test
    void a_bad_pair_never_replaces_a_good_one() throws Exception {
        Map<String, Optional<KeyId>> names = Map.of("a.example", Optional.of(EXACT));
        Keys.Key.Certificate good = authority.issue("a.example");
        serve(names, Optional.empty(), new Keys(List.of(entry(EXACT, good))));
        Keys.Key.Certificate other = authority.issue("a.example");
        List<Keys.Key> bad =
                List.of(
                        new Keys.Key.Certificate(good.chainPem(), other.privateKeyPem()),
                        new Keys.Key.Certificate("", good.privateKeyPem()),
                        new Keys.Key.Certificate(good.chainPem(), "no key"),
                        new Keys.Key.Certificate(
                                good.chainPem().substring(0, 200), good.privateKeyPem()),
                        new Keys.Key.Seed("c2VjcmV0"));
        for (Keys.Key key : bad) {
            List<String> problems =
                    serve(names, Optional.empty(), new Keys(List.of(entry(EXACT, key))));
            assertEquals(1, problems.size());
            assertTrue(problems.getFirst().contains("the one before it stays"));
            assertFalse(problems.getFirst().contains("BEGIN"), problems.getFirst());
            assertEquals("CN=a.example", served("a.example"));
        }
        assertEquals(1, identities.refused());
    }

    @Test
    void a_bad_pair_that_is_new_costs_its_own_names_only() throws Exception {
        Keys.Key.Certificate good = authority.issue("a.example");
        serve(
                Map.of("a.example", Optional.of(EXACT), "b.example", Optional.of(WILD)),
                Optional.empty(),
                new Keys(
                        List.of(
                                entry(EXACT, good),
                                entry(WILD, new Keys.Key.Certificate("x", "y")))));
        assertEquals("CN=a.example", served("a.example"));
        assertThrows(SSLException.class, () -> served("b.example"));
    }

    @Test
    void rsa_and_every_form_of_private_key_are_read() throws Exception {
        var pair = Authority.rsa();
        Keys.Key.Certificate pkcs8 =
                authority.issue("a.example", pair, Instant.now().plus(1, ChronoUnit.DAYS));
        String pkcs1 = Authority.pem(pair.getPrivate());
        assertTrue(pkcs1.contains("BEGIN RSA PRIVATE KEY"));
        for (String key : List.of(pkcs8.privateKeyPem(), pkcs1)) {
            serve(
                    Map.of("a.example", Optional.of(EXACT)),
                    Optional.empty(),
                    new Keys(
                            List.of(
                                    entry(
                                            EXACT,
                                            new Keys.Key.Certificate(pkcs8.chainPem(), key)))));
            assertEquals("CN=a.example", served("a.example"));
        }
        var curve = Authority.ec();
        Keys.Key.Certificate ec =
                authority.issue("a.example", curve, Instant.now().plus(1, ChronoUnit.DAYS));
        String sec1 = Authority.pem(curve.getPrivate());
        assertTrue(sec1.contains("BEGIN EC PRIVATE KEY"));
        serve(
                Map.of("a.example", Optional.of(EXACT)),
                Optional.empty(),
                new Keys(List.of(entry(EXACT, new Keys.Key.Certificate(ec.chainPem(), sec1)))));
        assertEquals("CN=a.example", served("a.example"));
    }

    @Test
    void both_versions_are_spoken_and_nothing_weak() throws Exception {
        serve(
                Map.of("a.example", Optional.of(EXACT)),
                Optional.empty(),
                new Keys(List.of(entry(EXACT, authority.issue("a.example")))));
        for (String version : List.of("TLSv1.2", "TLSv1.3")) {
            try (SSLSocket socket = connect("a.example", version)) {
                assertEquals(version, socket.getSession().getProtocol());
                assertTrue(
                        socket.getSession().getCipherSuite().matches(".*(GCM|POLY1305).*"),
                        socket.getSession().getCipherSuite());
                assertEquals("x", echo(socket, "x"));
            }
        }
        assertEquals(SslProvider.OPENSSL_REFCNT, TlsProvider.CHOSEN);
        // What no client of today's JDK says any more: AEAD with ECDHE, and then none of these.
        int aead = 0xc02b;
        int cbc = 0xc009;
        int[] weak = {cbc, 0xc013, 0x009c, 0x009d, 0x002f, 0x0035, 0x000a, 0x0005};
        assertEquals("hello", answer(0x0303, aead, 0xc02f));
        assertEquals("alert 40", answer(0x0303, weak));
        assertEquals("alert 70", answer(0x0302, weak));
        assertEquals("alert 70", answer(0x0301, weak));
    }

    /** Of the server to a ClientHello of this version that offers these suites. */
    private String answer(int version, int... suites) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write(hello(version, suites));
            byte[] record = socket.getInputStream().readNBytes(7);
            return record[0] == 22 ? "hello" : "alert " + record[6];
        }
    }

    private static byte[] hello(int version, int... suites) {
        byte[] name = "a.example".getBytes(StandardCharsets.US_ASCII);
        ByteBuffer extensions = ByteBuffer.allocate(200);
        extensions.putShort((short) 0).putShort((short) (name.length + 5));
        extensions.putShort((short) (name.length + 3)).put((byte) 0);
        extensions.putShort((short) name.length).put(name);
        extensions.putInt(0x000a0006).putInt(0x0004001d).putShort((short) 0x0017); // groups
        extensions.putInt(0x000b0002).putShort((short) 0x0100); // uncompressed points
        extensions.putInt(0x000d0006).putInt(0x00040403).putShort((short) 0x0804); // signatures
        extensions.flip();
        int size = 2 + 32 + 1 + 2 + 2 * suites.length + 2 + 2 + extensions.remaining();
        ByteBuffer hello = ByteBuffer.allocate(9 + size);
        hello.put((byte) 22).putShort((short) 0x0301).putShort((short) (size + 4));
        hello.putInt(1 << 24 | size).putShort((short) version).put(new byte[32]).put((byte) 0);
        hello.putShort((short) (2 * suites.length));
        for (int suite : suites) {
            hello.putShort((short) suite);
        }
        hello.putShort((short) 0x0100).putShort((short) extensions.remaining()).put(extensions);
        return Arrays.copyOf(hello.array(), hello.position());
    }

    /** Attack ledger D7. */
    @Test
    void what_is_spoken_is_agreed_on_and_an_offer_without_ours_is_refused_by_its_alert()
            throws Exception {
        serve(
                Map.of("a.example", Optional.of(EXACT)),
                Optional.empty(),
                new Keys(List.of(entry(EXACT, authority.issue("a.example")))));
        String[][] offers = {
            {"h2", "h2", "http/1.1"},
            {"h2", "http/1.1", "h2"},
            {"http/1.1", "http/1.1"},
            {"http/1.1", "spdy/3", "http/1.1"},
            {"", ""},
        };
        for (String[] offer : offers) {
            alpn =
                    offer[1].isEmpty()
                            ? new String[0]
                            : java.util.Arrays.copyOfRange(offer, 1, offer.length);
            try (SSLSocket socket = connect("a.example")) {
                assertEquals(offer[0], socket.getApplicationProtocol());
            }
        }
        alpn = new String[] {"spdy/3", "acme-tls/1"};
        SSLException refused = assertThrows(SSLException.class, () -> connect("a.example").close());
        assertTrue(refused.getMessage().contains("no_application_protocol"), refused::getMessage);
    }

    @Test
    void tickets_survive_one_rotation() throws Exception {
        serve(
                Map.of("a.example", Optional.of(EXACT)),
                Optional.empty(),
                new Keys(List.of(entry(EXACT, authority.issue("a.example")))));
        assertEquals("CN=a.example", served("a.example"));
        identities.rotateTickets();
        assertEquals("CN=a.example", served("a.example"));
    }

    /** Attack ledger D4. */
    @Test
    void a_ticket_is_taken_after_one_rotation_and_not_after_two() throws Exception {
        serve(
                Map.of("a.example", Optional.of(EXACT)),
                Optional.empty(),
                new Keys(List.of(entry(EXACT, authority.issue("a.example")))));
        for (String version : List.of("TLSv1.2", "TLSv1.3")) {
            assertTrue(resumesAfter(version, 0), version);
            assertTrue(resumesAfter(version, 1), version);
            assertFalse(resumesAfter(version, 2), version);
        }
    }

    /** A client with a cache of its own: a session that is taken up again keeps its time of birth. */
    private boolean resumesAfter(String version, int rotations) throws Exception {
        SSLContext client = TrustingTls.context();
        long born = born(client, version);
        for (int i = 0; i < rotations; i++) {
            identities.rotateTickets();
        }
        Thread.sleep(5);
        return born(client, version) == born;
    }

    private long born(SSLContext client, String version) throws Exception {
        try (SSLSocket socket = connect(client, "a.example", version)) {
            assertEquals("x", echo(socket, "x")); // a ticket of TLS 1.3 comes behind the handshake
            return socket.getSession().getCreationTime();
        }
    }

    /** Attack ledger D5: each handshake more would cost us a signature. */
    @Test
    void a_client_that_renegotiates_is_cut() throws Exception {
        serve(
                Map.of("a.example", Optional.of(EXACT)),
                Optional.empty(),
                new Keys(List.of(entry(EXACT, authority.issue("a.example")))));
        try (SSLSocket socket = connect("a.example", "TLSv1.2")) {
            assertEquals("x", echo(socket, "x"));
            assertThrows(
                    IOException.class,
                    () -> {
                        socket.startHandshake();
                        echo(socket, "y");
                    });
        }
    }

    @Test
    void a_client_hello_that_is_too_long_or_never_ends_is_closed() throws Exception {
        serve(
                Map.of("a.example", Optional.of(EXACT)),
                Optional.empty(),
                new Keys(List.of(entry(EXACT, authority.issue("a.example")))));
        // A handshake record whose ClientHello claims 1 MiB (CVE-2023-34462's form).
        byte[] huge = Arrays.copyOf(new byte[] {22, 3, 1, 0, 100, 1, 0x10, 0, 0, 3, 3}, 105);
        assertTrue(closedWithin(huge, 900) >= 0, "a huge ClientHello was waited for");
        byte[] stalled = {22, 3, 1, 0, 100, 1, 0, 0, 96, 3, 3};
        long millis = closedWithin(stalled, 4_000);
        assertTrue(millis >= 500, "closed after " + millis + " ms");
    }

    private long closedWithin(byte[] sent, int millis) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(millis);
            long begun = System.nanoTime();
            socket.getOutputStream().write(sent);
            while (true) {
                if (socket.getInputStream().read() < 0) {
                    return (System.nanoTime() - begun) / 1_000_000;
                }
            }
        } catch (SocketTimeoutException e) {
            return -1;
        } catch (SocketException e) {
            return millis;
        }
    }

    /** Attack ledger D12. */
    @Test
    void who_leaves_before_its_turn_costs_no_handshake() throws Exception {
        serve(
                Map.of("a.example", Optional.of(EXACT)),
                Optional.empty(),
                new Keys(List.of(entry(EXACT, authority.issue("a.example")))));
        BlockingQueue<Runnable> waiting = new LinkedBlockingQueue<>();
        turn = waiting::add;
        Runnable handshake;
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.getOutputStream().write(hello(0x0303, 0xc02b, 0xc02f));
            handshake = waiting.poll(5, TimeUnit.SECONDS);
        }
        turn = HandshakeTurn.AT_ONCE;
        assertEquals("CN=a.example", served("a.example")); // so the other was seen to leave
        table.set(null);
        handshake.run(); // and its certificate is not looked for
    }
}

package dev.fairway.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.fairway.contract.CertificateBinding;
import dev.fairway.contract.ClientCertificates;
import dev.fairway.contract.ClientCertificates.Verification;
import dev.fairway.contract.Endpoints;
import dev.fairway.contract.HostMatch;
import dev.fairway.contract.KeyId;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Listener;
import dev.fairway.contract.Settings;
import dev.fairway.contract.Snapshot;
import dev.fairway.contract.VirtualHost;
import dev.fairway.dataplane.proxy.Http2Client;
import dev.fairway.dataplane.proxy.Wire;
import dev.fairway.dataplane.source.Publications;
import dev.fairway.dataplane.tls.Authority;
import dev.fairway.dataplane.tls.TrustingTls;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole data plane with hosts that ask clients for certificates, over real sockets. */
class ClientCertificatesTest {
    private static final KeyId KEY = new KeyId("default-certificate");
    private static final KeyId CA = new KeyId("client-ca/shop/ca");
    private static final KeyId LISTING_CA = new KeyId("client-ca/shop/listing");
    private static final KeyId EXPIRED_CA = new KeyId("client-ca/shop/expired-list");
    private static final KeyId OTHER_CA = new KeyId("client-ca/shop/other");

    @TempDir Path folder;
    private Gateway gateway;
    private HttpServer backend;
    private Authority authority;
    private Authority stranger;
    private Keys.Key.Certificate revoked;

    @BeforeEach
    void open() throws Exception {
        authority = new Authority("clients");
        stranger = new Authority("strangers");
        revoked = authority.issue("rex");
        backend = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        backend.createContext(
                "/",
                exchange -> {
                    StringBuilder seen = new StringBuilder();
                    exchange.getRequestHeaders()
                            .forEach((name, values) ->
                                    values.forEach(v ->
                                            seen.append(name.toLowerCase(Locale.ROOT))
                                                    .append(": ")
                                                    .append(v)
                                                    .append('\n')));
                    byte[] body = seen.toString().getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        backend.start();
        String[] flags = {
            "--config-folder=" + folder,
            "--admin=127.0.0.1:0",
            "--workers=1",
            "--drain-announce=1ms",
            "--drain-grace=1s",
            "--bind=http=127.0.0.1:0",
            "--bind=https=127.0.0.1:0"
        };
        switch (ProcessSettings.parse(flags, Map.of(), new Machine(2, 200_000, 1L << 40))) {
            case ProcessSettings.Parsed.Ready(ProcessSettings settings) ->
                    gateway = new Gateway(settings, new ByteArrayOutputStream(), _ -> {});
            case ProcessSettings.Parsed other -> throw new AssertionError(other.toString());
        }
        gateway.start();
        publish();
    }

    @AfterEach
    void close() {
        gateway.close();
        assertEquals(0, gateway.tlsContexts());
        backend.stop(0);
    }

    private static VirtualHost host(
            String name, KeyId ca, Verification verification, String subject, boolean pass) {
        return new VirtualHost(
                new HostMatch.Exact(name),
                Publications.virtualHost(name).routes(),
                Optional.of(
                        new ClientCertificates(
                                ca,
                                verification,
                                1,
                                Optional.ofNullable(subject),
                                Optional.empty(),
                                pass)));
    }

    private void publish() throws Exception {
        Settings settings = Altered.with(Settings.DEFAULTS, "defaultCertificate", Optional.of(KEY));
        Snapshot snapshot =
                new Snapshot(
                        settings,
                        Listener.DEFAULTS,
                        List.<CertificateBinding>of(),
                        List.of(
                                host("on.example", CA, Verification.REQUIRED, null, true),
                                host("other.example", OTHER_CA, Verification.REQUIRED, null, true),
                                host(
                                        "listing.example",
                                        LISTING_CA,
                                        Verification.REQUIRED,
                                        null,
                                        false),
                                host(
                                        "expired-list.example",
                                        EXPIRED_CA,
                                        Verification.REQUIRED,
                                        null,
                                        false),
                                host("optional.example", CA, Verification.OPTIONAL, null, false),
                                host("noca.example", CA, Verification.OPTIONAL_NO_CA, null, false),
                                host("ann.example", CA, Verification.REQUIRED, "CN=ann$", false),
                                host("off.example", CA, Verification.OFF, null, false),
                                Publications.virtualHost("open.example")));
        Keys keys =
                new Keys(
                        List.of(
                                new Keys.Entry(
                                        CA,
                                        new Keys.Key.ClientAuthorities(
                                                authority.pem(), Optional.empty())),
                                new Keys.Entry(
                                        LISTING_CA,
                                        new Keys.Key.ClientAuthorities(
                                                authority.pem(),
                                                Optional.of(
                                                        authority.revoking(tomorrow(), revoked)))),
                                new Keys.Entry(
                                        EXPIRED_CA,
                                        new Keys.Key.ClientAuthorities(
                                                authority.pem(),
                                                Optional.of(authority.revoking(yesterday())))),
                                new Keys.Entry(
                                        OTHER_CA,
                                        new Keys.Key.ClientAuthorities(
                                                stranger.pem(), Optional.empty())),
                                new Keys.Entry(KEY, authority.issue("x.example"))));
        Endpoints endpoints = Publications.endpoint("127.0.0.1", backend.getAddress().getPort());
        Publications.of(1, 1, snapshot, endpoints, keys).writeTo(folder);
        for (int i = 0; i < 500; i++) {
            try (Socket client = new Socket("127.0.0.1", port("http"))) {
                if (ask(client, "open.example").startsWith("HTTP/1.1 200")) {
                    return;
                }
            } catch (IOException | NullPointerException _) {
                // not bound yet
            }
            Thread.sleep(20);
        }
        throw new AssertionError("never served");
    }

    private static Instant tomorrow() {
        return Instant.now().plus(1, ChronoUnit.DAYS);
    }

    private static Instant yesterday() {
        return Instant.now().minus(1, ChronoUnit.DAYS);
    }

    private int port(String listener) {
        return gateway.listening().get(listener).getPort();
    }

    private static SSLContext context(Keys.Key.Certificate own) throws Exception {
        if (own == null) {
            return TrustingTls.context();
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        List<Certificate> chain =
                new ArrayList<>(
                        CertificateFactory.getInstance("X.509")
                                .generateCertificates(
                                        new ByteArrayInputStream(
                                                own.chainPem()
                                                        .getBytes(StandardCharsets.US_ASCII))));
        String der = own.privateKeyPem().replaceAll("-----[A-Z ]+-----|\\s", "");
        store.setKeyEntry(
                "own",
                KeyFactory.getInstance("EC")
                        .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(der))),
                new char[0],
                chain.toArray(new Certificate[0]));
        KeyManagerFactory factory = KeyManagerFactory.getInstance("SunX509");
        factory.init(store, new char[0]);
        // shown whatever authorities the server names
        var manager = (javax.net.ssl.X509ExtendedKeyManager) factory.getKeyManagers()[0];
        return TrustingTls.context(new Insistent(manager));
    }

    private SSLSocket connect(SSLContext context, String sni) throws Exception {
        return connect(context, sni, "TLSv1.3");
    }

    private SSLSocket connect(SSLContext context, String sni, String version) throws Exception {
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), port("https"));
        SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(plain, "peer", 443, true);
        socket.setSoTimeout(5_000);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(sni == null ? List.of() : List.of(new SNIHostName(sni)));
        parameters.setProtocols(new String[] {version});
        socket.setSSLParameters(parameters);
        return socket;
    }

    private String get(Keys.Key.Certificate own, String sni, String host, String... fields)
            throws Exception {
        try (SSLSocket socket = connect(context(own), sni)) {
            return ask(socket, host, fields);
        }
    }

    /** A connection that speaks HTTP/2, as ALPN agreed on. */
    private Http2Client http2(Keys.Key.Certificate own, String sni) throws Exception {
        SSLSocket socket = connect(context(own), sni);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        assertEquals("h2", socket.getApplicationProtocol());
        return new Http2Client(socket).begin();
    }

    private static String ask(Socket socket, String host, String... fields) throws IOException {
        return Wire.ask(socket, host, "/", fields);
    }

    private static int status(String answer) {
        return Integer.parseInt(answer.substring(9, 12));
    }

    @Test
    void a_required_certificate_lets_in_who_has_a_good_one_and_tells_the_backend()
            throws Exception {
        assertEquals(400, status(get(null, "on.example", "on.example")));
        assertEquals(400, status(get(stranger.issue("eve"), "on.example", "on.example")));
        String answer = get(authority.issue("ann"), "on.example", "on.example");
        assertEquals(200, status(answer), answer);
        assertTrue(answer.contains("ssl-client-verify: SUCCESS\n"), answer);
        assertTrue(answer.contains("ssl-client-subject-dn: CN=ann\n"), answer);
        assertTrue(answer.contains("ssl-client-issuer-dn: CN=clients\n"), answer);
        assertTrue(answer.contains("ssl-client-cert: -----BEGIN%20CERTIFICATE-----%0A"), answer);
    }

    @Test
    void an_optional_certificate_must_be_good_when_it_is_shown() throws Exception {
        String without = get(null, "optional.example", "optional.example");
        assertEquals(200, status(without));
        assertTrue(without.contains("ssl-client-verify: NONE\n"), without);
        assertEquals(
                400, status(get(stranger.issue("eve"), "optional.example", "optional.example")));
        String unknown = get(stranger.issue("eve"), "noca.example", "noca.example");
        assertEquals(200, status(unknown));
        assertTrue(unknown.contains("ssl-client-verify: FAILED:"), unknown);
        assertFalse(unknown.contains("ssl-client-cert:"), unknown);
    }

    @Test
    void the_subject_must_match() throws Exception {
        assertEquals(200, status(get(authority.issue("ann"), "ann.example", "ann.example")));
        assertEquals(403, status(get(authority.issue("bob"), "ann.example", "ann.example")));
    }

    @Test
    void another_policy_s_host_is_misdirected_on_a_connection() throws Exception {
        Keys.Key.Certificate ann = authority.issue("ann");
        assertEquals(421, status(get(ann, "on.example", "other.example")));
        assertEquals(421, status(get(ann, "on.example", "open.example")));
        assertEquals(421, status(get(ann, "open.example", "on.example")));
        assertEquals(421, status(get(ann, null, "on.example")));
        assertEquals(421, status(get(null, "optional.example", "on.example")));
        assertEquals(200, status(get(null, "open.example", "off.example")));
        assertEquals(200, status(get(ann, "ON.example", "on.example:443")));
    }

    /** Attack ledger C14 and D2. */
    @Test
    void another_policy_s_host_is_misdirected_on_a_coalesced_http2_connection() throws Exception {
        Keys.Key.Certificate ann = authority.issue("ann");
        try (Http2Client asked = http2(ann, "on.example");
                Http2Client unasked = http2(ann, "open.example")) {
            assertEquals(200, asked.askOf(1, "on.example").response(1).status);
            assertEquals(421, asked.askOf(3, "other.example").response(3).status);
            assertEquals(421, asked.askOf(5, "open.example").response(5).status);
            assertEquals(421, asked.askOf(7, "optional.example").response(7).status);
            Http2Client.Response still = asked.askOf(9, "on.example:443").response(9);
            assertEquals(200, still.status);
            assertTrue(still.body().contains("ssl-client-subject-dn: CN=ann\n"), still.body());

            assertEquals(421, unasked.askOf(1, "on.example").response(1).status);
            assertEquals(421, unasked.askOf(3, "optional.example").response(3).status);
            assertEquals(200, unasked.askOf(5, "open.example").response(5).status);
            assertEquals(200, unasked.askOf(7, "off.example").response(7).status);
        }
    }

    @Test
    void each_request_of_an_http2_connection_is_judged_by_its_certificate() throws Exception {
        try (Http2Client good = http2(authority.issue("ann"), "on.example");
                Http2Client none = http2(null, "on.example");
                Http2Client strange = http2(stranger.issue("eve"), "on.example");
                Http2Client optional = http2(null, "optional.example")) {
            for (int stream = 1; stream < 6; stream += 2) {
                String body =
                        good.askOf(stream, "on.example", "ssl-client-verify", "NONE")
                                .response(stream)
                                .body();
                assertTrue(body.contains("ssl-client-verify: SUCCESS\n"), body);
                assertFalse(body.contains("NONE"), body);
                assertTrue(body.contains("ssl-client-subject-dn: CN=ann\n"), body);
                assertEquals(400, none.askOf(stream, "on.example").response(stream).status);
                assertEquals(400, strange.askOf(stream, "on.example").response(stream).status);
                String without = optional.askOf(stream, "optional.example").response(stream).body();
                assertTrue(without.contains("ssl-client-verify: NONE\n"), without);
            }
        }
    }

    @Test
    void a_certificate_that_has_expired_is_400() throws Exception {
        Keys.Key.Certificate old = authority.issueUntil("ann", yesterday());
        assertEquals(400, status(get(old, "on.example", "on.example")));
        // nor does any authority make it good
        Keys.Key.Certificate strange = stranger.issueUntil("eve", yesterday());
        assertEquals(400, status(get(strange, "noca.example", "noca.example")));
        try (Http2Client client = http2(old, "on.example")) {
            assertEquals(400, client.askOf(1, "on.example").response(1).status);
        }
    }

    @Test
    void a_certificate_that_is_not_for_clients_is_400() throws Exception {
        Keys.Key.Certificate server = authority.issueFor("ann", KeyPurposeId.id_kp_serverAuth);
        Keys.Key.Certificate both =
                authority.issueFor(
                        "ann", KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth);
        assertEquals(400, status(get(server, "on.example", "on.example")));
        assertEquals(200, status(get(both, "on.example", "on.example")));
    }

    @Test
    void so_many_intermediates_may_stand_between() throws Exception {
        Authority one = authority.intermediate("one");
        Authority two = one.intermediate("two");
        assertEquals(200, status(get(one.issue("ann"), "on.example", "on.example")));
        assertEquals(400, status(get(two.issue("ann"), "on.example", "on.example")));
    }

    @Test
    void a_revoked_certificate_is_400_and_so_are_all_when_the_list_is_old() throws Exception {
        Keys.Key.Certificate ann = authority.issue("ann");
        assertEquals(200, status(get(revoked, "on.example", "on.example")));
        assertEquals(400, status(get(revoked, "listing.example", "listing.example")));
        assertEquals(200, status(get(ann, "listing.example", "listing.example")));
        assertEquals(400, status(get(ann, "expired-list.example", "expired-list.example")));
        // its issuer has no list
        Authority one = authority.intermediate("one");
        assertEquals(400, status(get(one.issue("bob"), "listing.example", "listing.example")));
    }

    @Test
    void a_client_can_t_say_itself_what_its_certificate_is() throws Exception {
        String answer =
                get(
                        null,
                        "optional.example",
                        "optional.example",
                        "ssl-client-verify: SUCCESS",
                        "SSL-Client-Subject-DN: CN=root",
                        "ssl-client-serial: 1",
                        "Connection: ssl-client-verify");
        assertEquals(200, status(answer), answer);
        assertTrue(answer.contains("ssl-client-verify: NONE\n"), answer);
        assertFalse(answer.contains("root"), answer);
        assertFalse(answer.contains("SUCCESS"), answer);
        assertFalse(answer.contains("ssl-client-serial"), answer);
    }

    @Test
    void without_tls_nobody_has_a_certificate() throws Exception {
        try (Socket client = new Socket("127.0.0.1", port("http"))) {
            assertEquals(400, status(ask(client, "on.example")));
            assertEquals(200, status(ask(client, "optional.example")));
            assertEquals(400, status(ask(client, "ann.example")));
        }
    }

    @Test
    void a_session_of_one_policy_is_not_resumed_under_another() throws Exception {
        for (String version : List.of("TLSv1.2", "TLSv1.3")) {
            // one context, one peer name: the client offers what it got from the first host
            SSLContext shared = context(authority.issue("ann"));
            try (SSLSocket first = connect(shared, "on.example", version)) {
                assertEquals(200, status(ask(first, "on.example")));
            }
            try (SSLSocket again = connect(shared, "on.example", version)) {
                assertEquals(200, status(ask(again, "on.example")), version);
            }
            try (SSLSocket second = connect(shared, "other.example", version)) {
                // 421: this client resumes under the session's own server name
                int status = status(ask(second, "other.example"));
                assertTrue(status == 400 || status == 421, version + " " + status);
            }
        }
    }

    private static final class Insistent extends javax.net.ssl.X509ExtendedKeyManager {
        private final javax.net.ssl.X509ExtendedKeyManager keys;

        Insistent(javax.net.ssl.X509ExtendedKeyManager keys) {
            this.keys = keys;
        }

        @Override
        public String[] getClientAliases(String type, java.security.Principal[] issuers) {
            return new String[] {"own"};
        }

        @Override
        public String chooseClientAlias(
                String[] types, java.security.Principal[] issuers, Socket socket) {
            return "own";
        }

        @Override
        public String[] getServerAliases(String type, java.security.Principal[] issuers) {
            return null;
        }

        @Override
        public String chooseServerAlias(
                String type, java.security.Principal[] issuers, Socket socket) {
            return null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return keys.getCertificateChain(alias);
        }

        @Override
        public java.security.PrivateKey getPrivateKey(String alias) {
            return keys.getPrivateKey(alias);
        }
    }
}

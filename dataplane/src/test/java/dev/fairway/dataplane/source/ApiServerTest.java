package dev.fairway.dataplane.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.fairway.contract.Keys;
import dev.fairway.dataplane.tls.Authority;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom we believe to be the API server, and how an answer that is not 200 is told. */
class ApiServerTest {
    @TempDir Path folder;
    private Authority authority;
    private HttpsServer server;

    @BeforeEach
    void open() throws Exception {
        authority = new Authority("cluster");
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(serving(authority.issue("localhost"))));
        server.createContext(
                "/",
                exchange -> {
                    boolean known =
                            "Bearer right"
                                    .equals(exchange.getRequestHeaders().getFirst("Authorization"));
                    exchange.getResponseHeaders().set("Retry-After", "7");
                    exchange.sendResponseHeaders(known ? 200 : 401, known ? 2 : -1);
                    if (known) {
                        exchange.getResponseBody().write("{}".getBytes(StandardCharsets.US_ASCII));
                    }
                    exchange.close();
                });
        server.start();
    }

    @AfterEach
    void close() {
        server.stop(0);
    }

    private ApiServer api(String token, Authority believed) throws Exception {
        return new ApiServer(
                new ApiServer.Address(
                        URI.create("https://localhost:" + server.getAddress().getPort()),
                        Files.writeString(folder.resolve("token"), token),
                        Files.writeString(folder.resolve("ca.crt"), believed.pem())));
    }

    @Test
    void the_cluster_s_own_authority_is_believed_and_no_other() throws Exception {
        try (ApiServer api = api("right\n", authority)) {
            assertEquals("{}", new String(api.get("/api?x=1"), StandardCharsets.US_ASCII));
        }
        try (ApiServer api = api("right", new Authority("another"))) {
            assertThrows(IOException.class, () -> api.get("/api"));
        }
    }

    @Test
    void a_refusal_names_status_and_path_and_no_token() throws Exception {
        try (ApiServer api = api("wrong", authority)) {
            ApiServer.Rejected refused =
                    assertThrows(ApiServer.Rejected.class, () -> api.get("/api/x?secret=y"));
            assertEquals(401, refused.status());
            assertEquals(7, refused.retryAfter().toSeconds());
            assertEquals("401 for /api/x", refused.getMessage());
        }
    }

    @Test
    void a_file_without_certificates_is_told_at_the_start() throws Exception {
        Path empty = Files.writeString(folder.resolve("ca.crt"), "no certificate");
        IOException wrong =
                assertThrows(
                        IOException.class,
                        () ->
                                new ApiServer(
                                        new ApiServer.Address(
                                                URI.create("https://localhost:1"), null, empty)));
        assertTrue(wrong.getMessage().contains("ca.crt"), wrong.getMessage());
    }

    private static SSLContext serving(Keys.Key.Certificate pair) throws Exception {
        String body = pair.privateKeyPem().replaceAll("-----[^-]+-----|\\s", "");
        PrivateKey key =
                KeyFactory.getInstance("EC")
                        .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(body)));
        Certificate certificate =
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(
                                new ByteArrayInputStream(
                                        pair.chainPem().getBytes(StandardCharsets.US_ASCII)));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", key, new char[0], new Certificate[] {certificate});
        KeyManagerFactory keys =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }
}

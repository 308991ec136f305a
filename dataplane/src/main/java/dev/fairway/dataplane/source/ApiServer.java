package dev.fairway.dataplane.source;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * GET, and nothing else, from the Kubernetes API. The token is read from its file for each request,
 * since the kubelet replaces it there. Thread-safe.
 */
public final class ApiServer implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(15);

    /** etcd's limit of 1.5 MiB an object, and room for JSON escapes. */
    private static final long BODY_BYTES = 4 << 20;

    private final Address address;
    private final HttpClient client;

    /**
     * @param base such as {@code https://10.96.0.1:443}
     * @param token file with the bearer token; null: none is sent
     * @param authority PEM file of the authorities believed; null: the system's
     */
    public record Address(URI base, @Nullable Path token, @Nullable Path authority) {}

    /** An answer that is not 200. */
    static final class Rejected extends IOException {
        private static final long serialVersionUID = 1L;
        private final int status;
        private final Duration retryAfter;

        Rejected(int status, Duration retryAfter, String text) {
            super(text);
            this.status = status;
            this.retryAfter = retryAfter;
        }

        int status() {
            return status;
        }

        /** Zero when the server did not say. */
        Duration retryAfter() {
            return retryAfter;
        }
    }

    public ApiServer(Address address) throws IOException {
        this.address = address;
        HttpClient.Builder builder =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(CONNECT);
        Path authority = address.authority();
        if (authority != null) {
            builder.sslContext(trusting(authority));
        }
        this.client = builder.build();
    }

    /** The whole answer, bounded in time and size. */
    byte[] get(String path) throws IOException, InterruptedException {
        HttpResponse<byte[]> response =
                await(
                        client.sendAsync(
                                request(path),
                                BodyHandlers.limiting(BodyHandlers.ofByteArray(), BODY_BYTES)));
        check(path, response);
        return response.body();
    }

    /** The answer as it arrives; the caller bounds its time by closing it. */
    InputStream stream(String path) throws IOException, InterruptedException {
        HttpResponse<InputStream> response =
                await(client.sendAsync(request(path), BodyHandlers.ofInputStream()));
        try {
            check(path, response);
            return response.body();
        } catch (Rejected e) {
            response.body().close();
            throw e;
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    @Override
    public String toString() {
        return address.base().toString();
    }

    private HttpRequest request(String path) throws IOException {
        HttpRequest.Builder builder =
                HttpRequest.newBuilder(address.base().resolve(path))
                        .timeout(ANSWER)
                        .header("Accept", "application/json")
                        .header("User-Agent", "fairway-dataplane");
        Path token = address.token();
        if (token != null) {
            builder.header("Authorization", "Bearer " + Files.readString(token).strip());
        }
        return builder.build();
    }

    private static <T> HttpResponse<T> await(CompletableFuture<HttpResponse<T>> response)
            throws IOException, InterruptedException {
        try {
            return response.get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException("no answer in " + ANSWER.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            String text = cause == null ? e.toString() : cause.toString();
            throw new IOException(text, e);
        } finally {
            response.cancel(true);
        }
    }

    private static void check(String path, HttpResponse<?> response) throws Rejected {
        int status = response.statusCode();
        if (status != 200) {
            String plain = path.indexOf('?') < 0 ? path : path.substring(0, path.indexOf('?'));
            throw new Rejected(status, retryAfter(response), status + " for " + plain);
        }
    }

    private static Duration retryAfter(HttpResponse<?> response) {
        String seconds = response.headers().firstValue("Retry-After").orElse("");
        return seconds.matches("[0-9]{1,4}")
                ? Duration.ofSeconds(Integer.parseInt(seconds))
                : Duration.ZERO;
    }

    private static SSLContext trusting(Path authority) throws IOException {
        try (InputStream in = Files.newInputStream(authority)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("authority-" + number++, certificate);
            }
            if (number == 0) {
                throw new IOException(authority + " holds no certificates");
            }
            TrustManagerFactory trust =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(authority + " holds no certificates: " + e.getMessage(), e);
        }
    }
}

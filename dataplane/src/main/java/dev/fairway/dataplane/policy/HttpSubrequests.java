package dev.fairway.dataplane.policy;

import dev.fairway.dataplane.message.Header;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Subrequests over the JDK's HTTP client: HTTP/1.1, pooled, redirects never followed, system trust.
 * The server's addresses are looked up and checked off the loops just before the call; the client's
 * own look-up is then answered by the JDK's cache.
 */
public final class HttpSubrequests implements Subrequests {
    static final Duration CONNECT = Duration.ofSeconds(5);

    /** nginx's proxy_read_timeout, but over all. */
    static final Duration TOTAL = Duration.ofSeconds(60);

    /** How many may wait for an answer at once; beyond it a request is refused, not queued. */
    static final int MAX_PENDING = 4096;

    /** The client sets these itself and refuses them from us. */
    private static final Set<String> ITS_OWN =
            Set.of("connection", "content-length", "expect", "host", "upgrade");

    private final Executor blocking;
    private final boolean allowLoopback;
    private final Semaphore pending = new Semaphore(MAX_PENDING);
    private final LongAdder refused = new LongAdder();

    /** Null: nothing may ask yet. The system's trust takes a seventh of a start to read. */
    private @Nullable HttpClient client;

    /**
     * @param blocking where names are looked up: virtual threads
     * @param allowLoopback folder mode only: in a cluster, loopback and link-local addresses lead to
     *     this pod and to the cloud's metadata
     */
    public HttpSubrequests(Executor blocking, boolean allowLoopback) {
        this.blocking = blocking;
        this.allowLoopback = allowLoopback;
    }

    @Override
    public void prepare() {
        client();
    }

    private synchronized HttpClient client() {
        HttpClient made = client;
        if (made == null) {
            made =
                    HttpClient.newBuilder()
                            .version(HttpClient.Version.HTTP_1_1)
                            .followRedirects(HttpClient.Redirect.NEVER)
                            .connectTimeout(CONNECT)
                            .executor(blocking)
                            .build();
            client = made;
        }
        return made;
    }

    @Override
    public CompletionStage<Reply> send(Call call) {
        if (!pending.tryAcquire()) {
            refused.increment();
            return CompletableFuture.failedFuture(
                    new RejectedExecutionException("too many subrequests pending"));
        }
        return CompletableFuture.supplyAsync(() -> checked(call), blocking)
                .thenCompose(request ->
                        client().sendAsync(request, HttpResponse.BodyHandlers.discarding()))
                .thenApply(HttpSubrequests::reply)
                .whenComplete((_, _) -> pending.release());
    }

    /** How many calls were refused because too many waited. */
    public long refused() {
        return refused.sum();
    }

    private HttpRequest checked(Call call) {
        URI uri = URI.create(call.url());
        String host = uri.getHost();
        if (host == null || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
            throw new IllegalArgumentException("no http(s) URL of a host");
        }
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                if (!mayAsk(address)) {
                    throw new IOException("refused address of " + host);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri)
                        .timeout(TOTAL)
                        .method(call.method(), HttpRequest.BodyPublishers.noBody());
        for (Header header : call.headers()) {
            if (!ITS_OWN.contains(header.name())) {
                request.header(header.name(), header.value());
            }
        }
        return request.build();
    }

    boolean mayAsk(InetAddress address) {
        return !address.isAnyLocalAddress()
                && !address.isMulticastAddress()
                && (allowLoopback
                        || !(address.isLoopbackAddress() || address.isLinkLocalAddress()));
    }

    private static Reply reply(HttpResponse<Void> response) {
        List<Header> headers = new ArrayList<>();
        response.headers()
                .map()
                .forEach((name, values) -> values.forEach(v -> headers.add(new Header(name, v))));
        return new Reply(response.statusCode(), headers);
    }
}

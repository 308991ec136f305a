package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.http1.HeadLimits;
import java.time.Duration;

/**
 * The bounds that no snapshot sets. Each has a default that is on without configuration
 * (reference/kubernetes.md section 7) and a {@link Limit} that counts its firing.
 */
public record ProxyLimits(
        Entry entry,
        Client client,
        Upstream upstream,
        Http2Limits http2,
        UpstreamHttp2Limits upstreamHttp2) {

    public static final ProxyLimits DEFAULTS =
            new ProxyLimits(Entry.DEFAULTS, Client.DEFAULTS, Upstream.DEFAULTS);

    public ProxyLimits(Entry entry, Client client, Upstream upstream) {
        this(entry, client, upstream, Http2Limits.DEFAULTS);
    }

    public ProxyLimits(Entry entry, Client client, Upstream upstream, Http2Limits http2) {
        this(entry, client, upstream, http2, UpstreamHttp2Limits.DEFAULTS);
    }

    /**
     * Of client connections as such, before and beside their requests. There is no cap for each
     * listener: one that is flooded would then refuse its own clients while there is room.
     *
     * @param connections open at once; beyond it none is accepted until one closes (F2)
     * @param connectionsPerAddress open at once per IPv4 address or IPv6 /64; trusted proxies are
     *     exempt, since they speak for many
     * @param lifetime after it the next answer is the connection's last, so that clients spread anew
     *     over replicas
     * @param handshake how long a TLS handshake may take
     * @param handshakesPerLoop how many may be under way on each event loop; one more ends the oldest
     *     of the address with most (D1, D12)
     * @param handshakesWaiting how many of one address may wait there to be computed: a second's work,
     *     and more than an address has connections, unless it is a balancer's or was allowed more
     * @param turn how long an event loop's turn may be before addresses that had more of it than others
     *     wait for the next: some requests long, so that asking the kernel in between costs nothing worth
     *     mentioning (F2)
     * @param pressedIdle how long an unused connection stays while memory is short
     * @param pressedStall how long a client may take nothing of a response then
     */
    public record Entry(
            int connections,
            int connectionsPerAddress,
            Duration lifetime,
            Duration handshake,
            int handshakesPerLoop,
            int handshakesWaiting,
            Duration turn,
            Duration pressedIdle,
            Duration pressedStall) {

        public static final Entry DEFAULTS =
                new Entry(
                        50_000,
                        512,
                        Duration.ofHours(1),
                        Duration.ofSeconds(5),
                        2_048,
                        1_024,
                        Duration.ofNanos(500_000),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(5));
    }

    /**
     * Of what client connections carry.
     *
     * @param head how large a request head may be; attack ledger B24
     * @param writeStall how long a client may take nothing of a response (F1, slow read)
     * @param bodyBytesPerSecond what a client must send of a body on average (F1, slow body)
     * @param bodyGrace how long each measurement of that average runs
     * @param bodyTime how long a body may take that comes no faster than {@code
     *     longBodyBytesPerSecond}; a large upload on a good line may take longer, and on a route
     *     without a body limit, or of gRPC, any
     * @param longBodyBytesPerSecond the default body limit of 10 MiB takes this time at this rate
     * @param drainBytes what is read and thrown away of a body nobody wants, to save the connection
     * @param linger how long a closing connection waits for the client to take the last answer
     * @param lowWater below this much unsent output, reading from the other side goes on
     * @param highWater above it, it pauses
     * @param heldBytes how much of pipelined requests, or of a body not wanted yet, waits in memory
     */
    public record Client(
            HeadLimits head,
            Duration writeStall,
            int bodyBytesPerSecond,
            Duration bodyGrace,
            Duration bodyTime,
            int longBodyBytesPerSecond,
            int drainBytes,
            Duration linger,
            int lowWater,
            int highWater,
            int heldBytes) {

        public static final Client DEFAULTS =
                new Client(
                        new HeadLimits(8 * 1024, 32 * 1024, 100),
                        Duration.ofSeconds(30),
                        1024,
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(300),
                        32 * 1024,
                        64 * 1024,
                        Duration.ofSeconds(2),
                        32 * 1024,
                        64 * 1024,
                        64 * 1024);
    }

    /**
     * Of connections to backends.
     *
     * @param head how large a response head may be; cookies of applications are large
     * @param idle how long an unused connection is kept: below the 5 s many servers close after
     * @param idlePerEndpoint how many unused ones each event loop keeps per endpoint: as many as may be in
     *     use, or a busy loop would dial all the time; {@code idle} lets the rest go
     * @param handshake how long a TLS handshake may take
     * @param replayBytes up to this much of a request body is kept to be sent again
     * @param retryFloor how many retried exchanges a loop may have at once in any case
     * @param retryShare and how many percent of all its exchanges beyond that
     * @param hedge how long a connection may take before another endpoint is dialled besides: longer
     *     than any network of a cluster takes, far less than a lost node's silence; zero: never
     * @param requestsPerEndpoint how many requests one endpoint may have in flight from this process,
     *     those that wait for a connection included and tunnels not; beyond it others are picked, and
     *     with none left the answer is 503 at once: a queue would only add its wait. As many more may
     *     have bodies on their way; then the slowest of the client address with most gives way (F1)
     * @param stalledPerEndpoint how many more may wait for their clients to take their responses; those
     *     beyond take the others' places and give way when one is needed (C9)
     */
    public record Upstream(
            HeadLimits head,
            Duration idle,
            int idlePerEndpoint,
            Duration handshake,
            int replayBytes,
            int retryFloor,
            int retryShare,
            Duration hedge,
            int requestsPerEndpoint,
            int stalledPerEndpoint) {

        public static final Upstream DEFAULTS =
                new Upstream(
                        new HeadLimits(16 * 1024, 64 * 1024, 200),
                        Duration.ofSeconds(4),
                        1024,
                        Duration.ofSeconds(5),
                        64 * 1024,
                        3,
                        20,
                        Duration.ofMillis(250),
                        1024,
                        1024);

        /** How many of a loop's exchanges may be tried again at once. */
        int retriesOf(int exchanges) {
            return retryFloor + exchanges * retryShare / 100;
        }
    }
}

package dev.fairway.dataplane;

import dev.fairway.contract.Settings.AccessLog;
import dev.fairway.dataplane.http1.HeadLimits;
import dev.fairway.dataplane.proxy.ProxyLimits;
import dev.fairway.dataplane.proxy.TransportKind;
import dev.fairway.dataplane.proxy.UpstreamHttp2Limits;
import dev.fairway.dataplane.source.ApiServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What this process is told, read once. What routes and listeners do is the snapshot's to say.
 *
 * @param carrier where the snapshot comes from
 * @param binds listener name to address
 * @param admin null: no admin pages
 * @param copy where the last good snapshot is kept; null: nowhere
 * @param announce how long after SIGTERM everything is still served
 * @param grace how long requests have to end after that
 * @param workers event loops
 * @param accessLog where the snapshot leaves it open
 */
record ProcessSettings(
        Carrier carrier,
        Map<String, InetSocketAddress> binds,
        @Nullable InetSocketAddress admin,
        @Nullable Copy copy,
        Duration announce,
        Duration grace,
        int workers,
        TransportKind transport,
        AccessLog accessLog,
        ProxyLimits limits) {

    sealed interface Carrier {
        record Folder(Path folder) implements Carrier {}

        /**
         * @param namespace of the shared config
         */
        record Cluster(String namespace, String dataPlane, String name, ApiServer.Address server)
                implements Carrier {}
    }

    record Copy(Path state, Path keys) {}

    /** What a command line comes to. */
    sealed interface Parsed {
        record Ready(ProcessSettings settings) implements Parsed {}

        record Help() implements Parsed {}

        record Wrong(List<String> errors) implements Parsed {}
    }

    static final String HELP =
            """
            The data plane of Fairway: serves traffic by the newest routing snapshot.

            Where the snapshot comes from; exactly one of:
              --config-folder=DIR          a folder that a controller writes
              --config-namespace=NS        the shared config namespace of a Kubernetes cluster
            With --config-namespace:
              --data-plane=NAMESPACE/NAME  whose snapshot (default default/fairway)
              --api-server=URL             default: the cluster this pod runs in
              --api-token-file=FILE        default in a cluster: the pod's own
              --api-ca-file=FILE           default in a cluster: the pod's own

            Ports:
              --bind=NAME=ADDRESS:PORT     where a listener of the snapshot is bound; repeatable
              --admin=ADDRESS:PORT         probes, metrics and status (default 127.0.0.1:10254)

            Restarts:
              --state=DIR --keys=DIR       keep the last good snapshot; put --keys in memory
              --drain-announce=15s         after SIGTERM: unready, but still serving all
              --drain-grace=60s            after that: how long requests have to end

            Running:
              --workers=N                  event loops (default: one for each processor)
              --transport=KIND             epoll (default), io_uring or nio
              --access-log=FORM            off, nginx (default) or json, unless the snapshot says

            Limits:
              --max-connections=N          client connections at once (default 50000, but no more
                                           than half the file limit and one for 16 KiB of memory)
              --max-connections-per-address=N  of one IPv4 address or IPv6 /64 (default 512)
              --max-head-line=BYTES        the longest line of a request head (default 8192)
              --max-head=BYTES             all of a request head (default 32768)
              --max-head-fields=N          its field lines (default 100)
              --connection-lifetime=1h     then a client connection ends with its next answer
              --handshake-timeout=5s       a TLS handshake with a client
              --max-handshakes=N           of them at once on each event loop (default 2048)
              --write-stall=30s            how long a client may take nothing of a response
              --upstream-idle=4s           an unused connection to a backend
              --upstream-idle-connections=N  unused ones for each endpoint and loop (default 1024)
              --upstream-requests=N        in flight to one endpoint (default 1024); beyond it others, else 503
              --upstream-http2-streams=N   requests at once on an HTTP/2 connection to a backend, or fewer
                                           as it says (default 100); then another connection is made
              --upstream-http2-window=BYTES  sent of one response before its client takes it (default 65536)
              --upstream-http2-idle=60s    an HTTP/2 connection to a backend without a request
              --upstream-stalled=N         places of an endpoint for responses that wait for their clients
              --connect-hedge=250ms        after this another endpoint is dialled besides
            """;

    private static final Set<String> FLAGS =
            Set.of(
                    "config-folder",
                    "config-namespace",
                    "data-plane",
                    "api-server",
                    "api-token-file",
                    "api-ca-file",
                    "bind",
                    "admin",
                    "state",
                    "keys",
                    "drain-announce",
                    "drain-grace",
                    "workers",
                    "transport",
                    "access-log",
                    "max-connections",
                    "max-connections-per-address",
                    "max-head-line",
                    "max-head",
                    "max-head-fields",
                    "connection-lifetime",
                    "handshake-timeout",
                    "max-handshakes",
                    "write-stall",
                    "upstream-idle",
                    "upstream-idle-connections",
                    "upstream-requests",
                    "upstream-http2-streams",
                    "upstream-http2-window",
                    "upstream-http2-idle",
                    "upstream-stalled",
                    "connect-hedge");

    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Path POD = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");
    private static final InetSocketAddress ADMIN =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 10_254);

    /**
     * @param environment for {@code KUBERNETES_SERVICE_HOST} and {@code …_PORT}
     */
    static Parsed parse(String[] arguments, Map<String, String> environment, Machine machine) {
        if (Arrays.asList(arguments).contains("--help")) {
            return new Parsed.Help();
        }
        Flags flags = new Flags(arguments, FLAGS);
        Carrier carrier = carrier(flags, environment);
        InetSocketAddress admin = flags.address("admin");
        Map<String, InetSocketAddress> binds = flags.addresses("bind");
        if (binds.isEmpty() && flags.all("bind").isEmpty()) {
            flags.error("--bind: no listener is bound; for example --bind=http=0.0.0.0:8080");
        }
        Copy copy = copy(flags);
        Duration announce = flags.duration("drain-announce", Duration.ofSeconds(15));
        Duration grace = flags.duration("drain-grace", Duration.ofSeconds(60));
        int workers = flags.number("workers", machine.processors(), 1, 1_024);
        TransportKind transport = flags.choice("transport", TransportKind.EPOLL, transports());
        AccessLog accessLog = flags.choice("access-log", AccessLog.NGINX, accessLogs());
        ProxyLimits limits = limits(flags, machine);
        if (carrier == null || !flags.errors().isEmpty()) {
            return new Parsed.Wrong(flags.errors());
        }
        return new Parsed.Ready(
                new ProcessSettings(
                        carrier,
                        Map.copyOf(binds),
                        admin == null ? ADMIN : admin,
                        copy,
                        announce,
                        grace,
                        workers,
                        transport,
                        accessLog,
                        limits));
    }

    /** Null: an error has been told. */
    private static @Nullable Carrier carrier(Flags flags, Map<String, String> environment) {
        Path folder = flags.path("config-folder");
        String namespace = flags.text("config-namespace");
        if ((folder == null) == (namespace == null)) {
            flags.error("give one of --config-folder and --config-namespace");
            return null;
        }
        if (folder != null) {
            return new Carrier.Folder(folder);
        }
        String given = flags.text("data-plane");
        String[] id = (given == null ? "default/fairway" : given).split("/", -1);
        if (id.length != 2 || !LABEL.matcher(id[0]).matches() || !name(id[1])) {
            flags.error("--data-plane: NAMESPACE/NAME, not " + given);
            return null;
        }
        if (namespace == null || !LABEL.matcher(namespace).matches()) {
            flags.error("--config-namespace: not the name of a namespace: " + namespace);
            return null;
        }
        ApiServer.Address server = server(flags, environment);
        return server == null ? null : new Carrier.Cluster(namespace, id[0], id[1], server);
    }

    private static boolean name(String text) {
        return text.length() <= 253
                && Arrays.stream(text.split("\\.", -1)).allMatch(l -> LABEL.matcher(l).matches());
    }

    private static ApiServer.@Nullable Address server(
            Flags flags, Map<String, String> environment) {
        Path token = file(flags, "api-token-file");
        Path authority = file(flags, "api-ca-file");
        String url = flags.text("api-server");
        if (url == null) {
            String host = environment.get("KUBERNETES_SERVICE_HOST");
            String port = environment.getOrDefault("KUBERNETES_SERVICE_PORT", "443");
            if (host == null || host.isEmpty()) {
                flags.error("--api-server is needed: this is no pod of a cluster");
                return null;
            }
            url = "https://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
            token = token == null ? POD.resolve("token") : token;
            authority = authority == null ? POD.resolve("ca.crt") : authority;
        }
        try {
            URI base = new URI(url);
            if (base.getHost() != null
                    && ("https".equals(base.getScheme()) || "http".equals(base.getScheme()))) {
                return new ApiServer.Address(base, token, authority);
            }
        } catch (URISyntaxException e) {
            // Told below.
        }
        flags.error("--api-server: a URL such as https://10.96.0.1:443, not " + url);
        return null;
    }

    private static @Nullable Path file(Flags flags, String name) {
        Path file = flags.path(name);
        if (file != null && !Files.isReadable(file)) {
            flags.error("--" + name + ": can't be read: " + file);
        }
        return file;
    }

    private static @Nullable Copy copy(Flags flags) {
        Path state = flags.path("state");
        Path keys = flags.path("keys");
        if (state == null && keys == null) {
            return null;
        }
        if (state == null || keys == null) {
            flags.error("--state and --keys go together: one without the other restores nothing");
            return null;
        }
        if (state.toAbsolutePath().normalize().equals(keys.toAbsolutePath().normalize())) {
            flags.error("--state and --keys are the same folder; keys need one of their own");
            return null;
        }
        return new Copy(state, keys);
    }

    private static ProxyLimits limits(Flags flags, Machine machine) {
        ProxyLimits.Entry entry = ProxyLimits.DEFAULTS.entry();
        ProxyLimits.Client client = ProxyLimits.DEFAULTS.client();
        ProxyLimits.Upstream upstream = ProxyLimits.DEFAULTS.upstream();
        return new ProxyLimits(
                new ProxyLimits.Entry(
                        flags.number(
                                "max-connections",
                                machine.connections(entry.connections()),
                                1,
                                10_000_000),
                        flags.number(
                                "max-connections-per-address",
                                entry.connectionsPerAddress(),
                                1,
                                10_000_000),
                        flags.duration("connection-lifetime", entry.lifetime()),
                        flags.duration("handshake-timeout", entry.handshake()),
                        flags.number("max-handshakes", entry.handshakesPerLoop(), 1, 1_000_000),
                        entry.handshakesWaiting(),
                        entry.turn(),
                        entry.pressedIdle(),
                        entry.pressedStall()),
                new ProxyLimits.Client(
                        new HeadLimits(
                                flags.number(
                                        "max-head-line", client.head().lineBytes(), 256, 65_536),
                                flags.number("max-head", client.head().headBytes(), 1_024, 262_144),
                                flags.number("max-head-fields", client.head().fields(), 8, 1_000)),
                        flags.duration("write-stall", client.writeStall()),
                        client.bodyBytesPerSecond(),
                        client.bodyGrace(),
                        client.bodyTime(),
                        client.longBodyBytesPerSecond(),
                        client.drainBytes(),
                        client.linger(),
                        client.lowWater(),
                        client.highWater(),
                        client.heldBytes()),
                new ProxyLimits.Upstream(
                        upstream.head(),
                        flags.duration("upstream-idle", upstream.idle()),
                        flags.number(
                                "upstream-idle-connections",
                                upstream.idlePerEndpoint(),
                                0,
                                100_000),
                        upstream.handshake(),
                        upstream.replayBytes(),
                        upstream.retryFloor(),
                        upstream.retryShare(),
                        flags.duration("connect-hedge", upstream.hedge()),
                        flags.number(
                                "upstream-requests", upstream.requestsPerEndpoint(), 1, 10_000_000),
                        flags.number(
                                "upstream-stalled", upstream.stalledPerEndpoint(), 0, 10_000_000)),
                ProxyLimits.DEFAULTS.http2(),
                upstreamHttp2(flags));
    }

    private static UpstreamHttp2Limits upstreamHttp2(Flags flags) {
        UpstreamHttp2Limits limits = ProxyLimits.DEFAULTS.upstreamHttp2();
        int window = flags.number("upstream-http2-window", limits.streamWindow(), 65_535, 16 << 20);
        return new UpstreamHttp2Limits(
                flags.number("upstream-http2-streams", limits.streams(), 1, 10_000),
                window,
                Math.max(window, limits.connectionWindow()),
                flags.duration("upstream-http2-idle", limits.idle()),
                limits.verifyAfter(),
                limits.verifyWithin(),
                limits.settle(),
                limits.control(),
                limits.resets(),
                limits.period());
    }

    private static Map<String, TransportKind> transports() {
        Map<String, TransportKind> kinds = new LinkedHashMap<>();
        kinds.put("epoll", TransportKind.EPOLL);
        kinds.put("io_uring", TransportKind.IO_URING);
        kinds.put("nio", TransportKind.NIO);
        return kinds;
    }

    private static Map<String, AccessLog> accessLogs() {
        Map<String, AccessLog> forms = new LinkedHashMap<>();
        forms.put("off", AccessLog.OFF);
        forms.put("nginx", AccessLog.NGINX);
        forms.put("json", AccessLog.JSON);
        return forms;
    }
}

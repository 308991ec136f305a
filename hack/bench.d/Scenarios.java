import java.util.List;

/** All there are, in the order of the table. */
final class Scenarios {
    private Scenarios() {}

    static final List<String> QUICK = List.of("h1-128", "h1-100k", "tls-128", "h2-128");

    static final List<Scenario> ALL = List.of(
            new Traffic("h1-128", "HTTP/1.1, 128 B", true, Load.Wrk.get(false, "128", 128)),
            new Traffic("h1-10-headers", "the same, ten browser headers", true, Load.Wrk.get(false, "128", 128).with(Load.TEN_HEADERS)),
            new Traffic("h1-100k", "HTTP/1.1, 100 KiB", true, Load.Wrk.get(false, "100k", 100 << 10)),
            new Traffic("post-10k", "POST of 10 KiB", true, new Load.Wrk(false, "/svc5/128", 128, 10 << 10, 0, List.of())),
            new Traffic("tls-128", "HTTP/1.1 over TLS, 128 B", false, Load.Wrk.get(true, "128", 128)),
            new Traffic("tls-100k", "HTTP/1.1 over TLS, 100 KiB", false, Load.Wrk.get(true, "100k", 100 << 10)),
            new Traffic("handshake-full", "full TLS handshake, one request", false, handshake("full")),
            new Traffic("handshake-resumed", "resumed TLS handshake, one request", false, handshake("resumed")),
            new Traffic("h2-128", "HTTP/2 over TLS, 128 B", false, new Load.H2(false, List.of())),
            new Traffic("h2-10-headers", "the same, ten browser headers", false, new Load.H2(false, Load.TEN_HEADERS)),
            new Traffic("grpc-unary", "gRPC unary over TLS", false, new Load.H2(true, List.of())),
            new Traffic("websocket", "WebSocket messages of 128 B", true,
                    new Load.Native("websocket", false, List.of("{host}", "/svc5/ws", "{seconds}", "" + Load.CONNECTIONS))),
            routes(1_000),
            routes(10_000),
            new Traffic("open-10k", "open loop, 10,000 requests/s of 1 KiB: p99.9", Setup.PLAIN, true, Metric.P999,
                    new Load.Native("rate", false, List.of("{host}", "/svc5/1k", "10000", "{seconds}", "" + Load.CONNECTIONS))),
            new Traffic("h1-128-log", "HTTP/1.1, 128 B, access log on", Setup.LOGGED, false, Metric.CPU, Load.Wrk.get(false, "128", 128)),
            new Traffic("policies", "rate limit, affinity and CORS", Setup.POLICIES, false, Metric.CPU,
                    new Load.Returning(Load.Wrk.get(false, "128", 128))),
            new IdleConnections("idle-plain", "an idle connection, 1,000 to 10,000", false, 1_000, 10_000),
            new IdleConnections("idle-tls", "an idle TLS connection, 1,000 to 5,000", true, 1_000, 5_000),
            new Start("start", "process start to the first answer, one core"),
            new AfterStart("after-start", "p99 at 5,000 requests/s, five seconds after the first answer"),
            new Swaps("swaps-10000", "full load while 10,000 routes are replaced, again and again"));

    private static Load handshake(String kind) {
        return new Load.Native("handshake", true, List.of("{host}", "/svc5/128", "{seconds}", "16", kind));
    }

    private static Scenario routes(int count) {
        return new Traffic("routes-" + count, "HTTP/1.1, 128 B, " + count + " routes in turn", Setup.of(count), false, Metric.CPU,
                new Load.Wrk(false, "/", 128, 0, 1, List.of()));
    }
}

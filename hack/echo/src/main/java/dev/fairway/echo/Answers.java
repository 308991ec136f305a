package dev.fairway.echo;

import dev.fairway.echo.Answer.Chunks;
import dev.fairway.echo.Answer.Cut;
import dev.fairway.echo.Answer.Filler;
import dev.fairway.echo.Answer.Reset;
import dev.fairway.echo.Answer.WebSocket;
import dev.fairway.echo.Answer.Whole;
import dev.fairway.echo.Request.Header;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Path to answer: the one place that names what this backend can do. Any thread. */
final class Answers {
    private final Settings settings;
    private final Health health;

    Answers(Settings settings, Health health) {
        this.settings = settings;
        this.health = health;
    }

    /** Whether the connection should end after the answer at hand. */
    boolean leaving() {
        return health.leaving();
    }

    Answer to(Request request) throws InterruptedException {
        var code = request.header("x-code");
        if (code.isPresent()) {
            return errorPage(request, Integer.parseInt(code.get()));
        }
        var path = request.path().split("/", -1);
        var argument = path.length > 2 ? path[2] : "";
        return switch (path.length > 1 ? path[1] : "") {
            case "status" -> described(request, Integer.parseInt(argument), List.of());
            case "delay" -> {
                Thread.sleep(Duration.ofMillis(Long.parseLong(argument)));
                yield described(request, 200, List.of());
            }
            case "bytes" -> new Filler(Long.parseLong(argument));
            case "headers" -> described(request, 200, request.query());
            case "chunked" -> new Chunks(Integer.parseInt(argument), pause(request), List.of());
            case "trailers" ->
                    new Chunks(
                            3,
                            pause(request),
                            List.of(new Header("x-checksum", "3"), new Header("x-end", "true")));
            case "auth" -> authenticate(request);
            case "ready" -> probe(request, health::ready, health.ready());
            case "live" -> probe(request, health::live, health.live());
            case "reset" -> new Reset();
            case "cut" -> new Cut();
            case "ws" ->
                    request.header("sec-websocket-key")
                            .<Answer>map(WebSocket::new)
                            .orElseGet(() -> described(request, 426, List.of()));
            default -> described(request, 200, List.of());
        };
    }

    private static Duration pause(Request request) {
        return Duration.ofMillis(Long.parseLong(request.query("delay").orElse("0")));
    }

    private interface Switch {
        void set(boolean value);
    }

    private Answer probe(Request request, Switch toggle, boolean good) {
        if (request.method().equals("POST")) {
            toggle.set(request.query("ok").orElse("1").equals("1"));
            return text(200, List.of(), "set");
        }
        return text(good ? 200 : 503, List.of(), good ? "ok" : "no");
    }

    /** The far end of {@code auth-url}: good credentials are "Bearer good", "user:good" and a cookie. */
    private Answer authenticate(Request request) {
        boolean good =
                request.header("authorization").filter(Answers::authorized).isPresent()
                        || request.has("cookie", "session=good");
        return good
                ? text(200, List.of(new Header("X-Auth-User", "alice")), "welcome")
                : text(401, List.of(new Header("WWW-Authenticate", "Bearer")), "who are you?");
    }

    private static boolean authorized(String value) {
        return value.equals("Bearer good") || value.equals("Basic dXNlcjpnb29k");
    }

    /** What a custom error page backend does: the status it was told is the one it answers. */
    private Answer errorPage(Request request, int code) {
        var told = new ArrayList<Header>();
        for (var header : request.headers()) {
            if (header.name().startsWith("x-")) {
                told.add(new Header("Echo-" + header.name(), header.value()));
            }
        }
        return described(request, code, told);
    }

    private Answer described(Request request, int status, List<Header> extra) {
        var headers = new ArrayList<>(extra);
        headers.add(new Header("Content-Type", "application/json"));
        var json =
                new Json()
                        .field("name", settings.name())
                        .field("pod", settings.pod())
                        .field("method", request.method())
                        .field("target", request.target())
                        .field("version", request.version())
                        .field("remote", request.remote())
                        .field("bodyLength", request.bodyLength())
                        .pairs("headers", request.headers())
                        .pairs("trailers", request.trailers())
                        .end();
        return new Whole(status, headers, json.getBytes(StandardCharsets.UTF_8));
    }

    private static Answer text(int status, List<Header> extra, String text) {
        var headers = new ArrayList<>(extra);
        headers.add(new Header("Content-Type", "text/plain"));
        return new Whole(status, headers, (text + "\n").getBytes(StandardCharsets.UTF_8));
    }
}

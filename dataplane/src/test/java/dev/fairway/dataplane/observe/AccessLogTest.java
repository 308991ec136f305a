package dev.fairway.dataplane.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.fairway.contract.BackendId;
import dev.fairway.contract.PathMatch;
import dev.fairway.contract.Route;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class AccessLogTest {
    static final Route ROUTE =
            new Route(
                    "shop/web/1",
                    new Route.Origin("shop", "web", "store", "http"),
                    new PathMatch.Any(),
                    new Route.Action.Forward(new BackendId("shop", "store", 80)),
                    List.of());

    private static String line(AccessLogFormat format, FinishedExchange exchange) {
        StringBuilder out = new StringBuilder();
        format.line(exchange, out);
        return out.toString();
    }

    /** What attack ledger A17 names, in one text. */
    private static String canary() {
        StringBuilder all = new StringBuilder("\"}\\");
        for (char c = 0; c < 0x20; c++) {
            all.append(c);
        }
        return all.append("\u007f\u0085\u2028\u2029\u001b[31m\ud800").toString();
    }

    @Test
    void the_line_is_ingress_nginx_s() {
        Exchanges.Sent request =
                new Exchanges.Sent(
                        "GET",
                        "/cart?x=1",
                        "a.example",
                        Map.of(
                                "referer",
                                "https://b.example/",
                                "user-agent",
                                "curl/8",
                                "user",
                                "ann"));
        assertEquals(
                "10.0.0.9 - ann [14/Nov/2023:22:13:20 +0000] \"GET /cart?x=1 HTTP/1.1\" 200 512"
                        + " \"https://b.example/\" \"curl/8\" 120 0.012 [shop-store-http] []"
                        + " 10.1.0.1:8080, 10.1.0.2:8080 0, 512 0.004, 0.008 502, 200"
                        + " 0123456789abcdef0123456789abcdef",
                line(new NginxLine(), Exchanges.of(request, ROUTE, 200, 502, 200)));
    }

    @Test
    void what_is_not_there_is_a_dash() {
        Exchanges.Sent request = new Exchanges.Sent("GET", "/", "a.example", Map.of());
        assertTrue(
                line(new NginxLine(), Exchanges.of(request, null, 404))
                        .endsWith(
                                "\"GET / HTTP/1.1\" 404 512 \"-\" \"-\" 120 0.012 [-] [] - - - -"
                                        + " 0123456789abcdef0123456789abcdef"));
        assertTrue(
                line(new NginxLine(), Exchanges.of(null, null, 400))
                        .startsWith(
                                "- - - [14/Nov/2023:22:13:20 +0000] \"\" 400 512 \"-\" \"-\" "));
    }

    @Test
    void no_field_can_break_out_of_the_line() {
        String bad = canary();
        Exchanges.Sent request =
                new Exchanges.Sent(
                        bad,
                        bad,
                        bad,
                        Map.of(
                                "referer",
                                bad,
                                "user-agent",
                                bad,
                                "user",
                                bad,
                                "x-request-id",
                                bad));
        String line = line(new NginxLine(), Exchanges.of(request, ROUTE, 200, 200));
        assertTrue(line.chars().allMatch(c -> c >= ' ' && c < 0x7f), line);
        // Of quotes only our own six are left.
        assertEquals(6, line.chars().filter(c -> c == '"').count(), line);
        assertTrue(line.contains("\\x0A") && line.contains("\\x22") && line.contains("\\x1B"));
    }

    @Test
    void no_field_can_break_out_of_the_json() throws Exception {
        String bad = canary();
        Exchanges.Sent request =
                new Exchanges.Sent(
                        bad,
                        bad,
                        bad,
                        Map.of(
                                "referer",
                                bad,
                                "user-agent",
                                bad,
                                "user",
                                bad,
                                "x-request-id",
                                bad));
        String line = line(new JsonLine(), Exchanges.of(request, ROUTE, 200, 0, 200));
        assertTrue(line.chars().allMatch(c -> c >= ' ' && c < 0x7f), line);
        Map<String, String> read = new HashMap<>();
        try (JsonParser parser = new JsonFactory().createParser(line)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.VALUE_STRING) {
                    read.putIfAbsent(parser.currentName(), parser.getText());
                }
            }
        }
        for (String name : List.of("target", "host", "referer", "agent", "user", "id")) {
            assertEquals(bad, read.get(name), name);
        }
    }

    @Test
    void a_call_s_status_is_in_the_json_and_only_a_call_s() {
        Exchanges.Sent request = new Exchanges.Sent("POST", "/p.S/M", "a.example", Map.of());
        Exchanges plain = Exchanges.of(request, ROUTE, 200, 200);
        assertTrue(line(new JsonLine(), plain.ended(14)).contains("\"grpcStatus\":14,"));
        assertFalse(line(new JsonLine(), plain).contains("grpcStatus"));
        assertEquals(line(new NginxLine(), plain), line(new NginxLine(), plain.ended(14)));
    }

    @Test
    void a_field_is_cut_before_it_fills_the_disk() {
        Exchanges.Sent request =
                new Exchanges.Sent("GET", "/" + "x".repeat(60_000), "a.example", Map.of());
        for (AccessLogFormat format : List.of(new NginxLine(), new JsonLine())) {
            assertTrue(line(format, Exchanges.of(request, ROUTE, 200, 200)).length() < 6_000);
        }
    }

    @Test
    void lines_come_out_whole_and_in_order() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (AccessLog log = new AccessLog(out)) {
            for (int i = 0; i < 10_000; i++) {
                log.offer("line " + i + "\n");
            }
        }
        List<String> lines = out.toString(StandardCharsets.US_ASCII).lines().toList();
        assertEquals(10_000, lines.size());
        for (int i = 0; i < lines.size(); i++) {
            assertEquals("line " + i, lines.get(i));
        }
    }

    @Test
    void a_reader_that_stalls_costs_lines_but_never_a_loop() {
        CountDownLatch reading = new CountDownLatch(1);
        OutputStream stalled =
                new OutputStream() {
                    @Override
                    public void write(int b) {
                        try {
                            reading.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }
                };
        AccessLog log = new AccessLog(stalled);
        String line = "x".repeat(1_000) + "\n";
        long begun = System.nanoTime();
        for (int i = 0; i < 20_000; i++) {
            log.offer(line);
        }
        assertTrue(System.nanoTime() - begun < 5_000_000_000L);
        // 8 MiB of 1 KiB lines may wait, and a batch be under way.
        assertTrue(log.dropped() > 20_000 - 8_500, log.dropped() + " dropped");
        assertFalse(log.dropped() > 20_000 - 8_000, log.dropped() + " dropped");
        reading.countDown();
        log.close();
    }
}

package dev.fairway.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Settings;
import dev.fairway.dataplane.proxy.Http2Limits;
import dev.fairway.dataplane.proxy.Limit;
import dev.fairway.dataplane.proxy.ProxyLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The README's table of limits says what the code does. */
class LimitsTableTest {
    private static final Path TESTS = Path.of("src/test/java");

    private record Row(String limit, String what, String value, String setBy, String test) {}

    private static List<Row> rows() throws IOException {
        List<Row> rows = new ArrayList<>();
        String readme = Files.readString(Path.of("README.md"));
        String table = readme.substring(readme.indexOf("\n## Limits\n"));
        for (String line : table.substring(0, table.indexOf("\n\nBesides")).split("\n")) {
            if (line.startsWith("| `")) {
                String[] cells = line.split(" *\\| *");
                rows.add(
                        new Row(
                                cells[1].replace("`", ""),
                                cells[2],
                                cells[3],
                                cells[4],
                                cells[6].replace("`", "")));
            }
        }
        return rows;
    }

    @Test
    void every_limit_has_its_row_in_order() throws Exception {
        assertEquals(
                Arrays.stream(Limit.values()).map(Limit::label).toList(),
                rows().stream().map(Row::limit).toList());
    }

    @Test
    void the_test_of_each_row_looks_at_its_counter() throws Exception {
        for (Row row : rows()) {
            String name = row.limit().toUpperCase(java.util.Locale.ROOT).replace('-', '_');
            String source = Files.readString(source(row.test()));
            assertTrue(
                    source.contains("Limit." + name) || source.contains('"' + row.limit() + '"'),
                    row.test() + " says nothing of " + row.limit());
        }
    }

    private static Path source(String test) throws IOException {
        try (Stream<Path> files = Files.walk(TESTS)) {
            return files.filter(file -> file.endsWith(test + ".java")).findFirst().orElseThrow();
        }
    }

    @Test
    void every_flag_of_the_table_is_one() throws Exception {
        for (Row row : rows()) {
            Matcher flag = Pattern.compile("`--([a-z0-9-]+)`").matcher(row.setBy());
            while (flag.find()) {
                assertTrue(ProcessSettings.HELP.contains("--" + flag.group(1) + "="), row.limit());
            }
        }
    }

    @Test
    void the_defaults_are_the_code_s() throws Exception {
        Settings settings = Settings.DEFAULTS;
        ProxyLimits.Entry entry = ProxyLimits.Entry.DEFAULTS;
        ProxyLimits.Client client = ProxyLimits.Client.DEFAULTS;
        ProxyLimits.Upstream upstream = ProxyLimits.Upstream.DEFAULTS;
        Http2Limits http2 = Http2Limits.DEFAULTS;
        says(Limit.HEAD_TIME, time(settings.headTimeout()));
        says(Limit.KEEP_ALIVE_IDLE, time(settings.keepAlive()));
        says(Limit.REQUESTS_PER_CONNECTION, "" + settings.keepAliveRequests());
        says(Limit.BODY_IDLE, time(settings.bodyTimeout()));
        says(Limit.HTTP2_STREAMS, "" + Settings.Http2.DEFAULT.streams());
        says(Limit.HANDSHAKE_TIME, time(entry.handshake()));
        says(Limit.HANDSHAKES, "" + entry.handshakesPerLoop());
        says(Limit.HANDSHAKES_WAITING, "" + entry.handshakesWaiting());
        says(Limit.CONNECTIONS, entry.connections() + ", ½ of the files, memory / 16 KiB");
        says(Limit.CONNECTIONS_PER_ADDRESS, "" + entry.connectionsPerAddress());
        says(Limit.CONNECTION_LIFETIME, time(entry.lifetime()));
        says(
                Limit.HEAD_SIZE,
                size(client.head().lineBytes())
                        + ", "
                        + size(client.head().headBytes())
                        + ", "
                        + client.head().fields());
        says(Limit.WRITE_STALL, time(client.writeStall()));
        says(Limit.BODY_RATE, size(client.bodyBytesPerSecond()) + "/s");
        says(Limit.BODY_TIME, time(client.bodyTime()));
        says(Limit.BODY_DRAIN, size(client.drainBytes()) + ", " + time(client.linger()));
        says(Limit.LINGER, time(client.linger()));
        says(Limit.BUFFER, size(client.highWater()));
        says(Limit.BUFFER, size(client.heldBytes()));
        String perWindow = " in " + time(http2.resetWindow());
        says(Limit.HTTP2_RESETS, http2.resets() + perWindow);
        says(Limit.HTTP2_CONTROL_FRAMES, "" + http2.controlFrames());
        says(Limit.HTTP2_CONTROL_QUEUE, "" + http2.controlQueued());
        says(Limit.HTTP2_PRIORITIES, "" + http2.prioritiesPerStream());
        says(Limit.HTTP2_WINDOW_UPDATES, "" + http2.updatesPerFrame());
        says(Limit.HTTP2_EMPTY_FRAMES, "" + http2.emptyFrames());
        says(Limit.HTTP2_SETTINGS_TIME, time(http2.settingsAck()));
        says(Limit.HTTP2_WINDOW_STALL, time(http2.windowStall()));
        says(Limit.HTTP2_STREAM_IDLE, time(http2.streamIdle()));
        says(
                Limit.HTTP2_WINDOW,
                size(http2.streamWindow()) + ", " + size(http2.connectionWindow()));
        says(
                Limit.UPSTREAM_HEAD_SIZE,
                size(upstream.head().lineBytes())
                        + ", "
                        + size(upstream.head().headBytes())
                        + ", "
                        + upstream.head().fields());
        says(Limit.UPSTREAM_HANDSHAKE_TIME, time(upstream.handshake()));
        says(Limit.UPSTREAM_IDLE, time(upstream.idle()));
        says(Limit.UPSTREAM_POOL_SIZE, "" + upstream.idlePerEndpoint());
        says(Limit.RETRY_BUDGET, upstream.retryFloor() + " + " + upstream.retryShare() + " %");
        says(Limit.REPLAY_SIZE, size(upstream.replayBytes()));
        says(Limit.CONNECT_HEDGE, time(upstream.hedge()));
        says(Limit.CIRCUIT_BREAKER, "" + upstream.requestsPerEndpoint());
    }

    @Test
    void the_chart_drains_as_the_process_does() throws Exception {
        String chart = Files.readString(Path.of("../charts/fairway/values.yaml"));
        for (String time : List.of("announce", "grace")) {
            String said = first("(?m)^    " + time + ": (\\d+) ", chart);
            assertEquals(said, first("--drain-" + time + "=(\\d+)s", ProcessSettings.HELP), time);
            assertTrue(rows().getLast().toString().contains(said + " s"), rows().getLast().what());
        }
        assertEquals("90", first("(?m)^  terminationGracePeriodSeconds: (\\d+)$", chart));
    }

    private static String first(String pattern, String text) {
        Matcher found = Pattern.compile(pattern).matcher(text);
        assertTrue(found.find(), pattern);
        return found.group(1);
    }

    private static void says(Limit limit, String value) throws IOException {
        Row row = rows().stream().filter(r -> r.limit().equals(limit.label())).findFirst().get();
        assertEquals(value, row.value(), limit.label());
    }

    private static String time(Duration time) {
        return time.toMillis() < 1_000
                ? time.toMillis() + " ms"
                : time.toSeconds() < 3_600 ? time.toSeconds() + " s" : time.toHours() + " h";
    }

    private static String size(int bytes) {
        return bytes < 1 << 20 ? bytes / 1024 + " KiB" : bytes / (1 << 20) + " MiB";
    }
}

package dev.fairway.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Settings.AccessLog;
import dev.fairway.dataplane.ProcessSettings.Carrier;
import dev.fairway.dataplane.ProcessSettings.Parsed;
import dev.fairway.dataplane.proxy.ProxyLimits;
import dev.fairway.dataplane.proxy.TransportKind;
import dev.fairway.dataplane.proxy.UpstreamHttp2Limits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ProcessSettingsTest {
    private static final Machine FOUR_PROCESSORS = new Machine(4, 200_000, 1L << 40);

    private static ProcessSettings good(Map<String, String> environment, String... flags) {
        Parsed parsed = ProcessSettings.parse(flags, environment, FOUR_PROCESSORS);
        return assertInstanceOf(Parsed.Ready.class, parsed, parsed.toString()).settings();
    }

    private static List<String> wrong(String... flags) {
        return assertInstanceOf(
                        Parsed.Wrong.class, ProcessSettings.parse(flags, Map.of(), FOUR_PROCESSORS))
                .errors();
    }

    @Test
    void little_needs_to_be_said() {
        ProcessSettings settings =
                good(Map.of(), "--config-folder=/published", "--bind=http=0.0.0.0:8080");
        assertEquals(new Carrier.Folder(Path.of("/published")), settings.carrier());
        assertEquals(8080, settings.binds().get("http").getPort());
        assertEquals(10_254, settings.admin().getPort());
        assertTrue(settings.admin().getAddress().isLoopbackAddress());
        assertEquals(Duration.ofSeconds(15), settings.announce());
        assertEquals(Duration.ofSeconds(60), settings.grace());
        assertEquals(4, settings.workers());
        assertEquals(TransportKind.EPOLL, settings.transport());
        assertEquals(AccessLog.NGINX, settings.accessLog());
        assertEquals(ProxyLimits.DEFAULTS, settings.limits());
        assertNull(settings.copy());
    }

    @Test
    void a_pod_finds_its_cluster() {
        ProcessSettings settings =
                good(
                        Map.of(
                                "KUBERNETES_SERVICE_HOST", "fd00::1",
                                "KUBERNETES_SERVICE_PORT", "6443"),
                        "--config-namespace",
                        "fairway-config",
                        "--data-plane",
                        "edge/public",
                        "--bind",
                        "http=[::]:80");
        Carrier.Cluster cluster = (Carrier.Cluster) settings.carrier();
        assertEquals("https://[fd00::1]:6443", cluster.server().base().toString());
        assertEquals("edge", cluster.dataPlane());
        assertEquals("public", cluster.name());
        assertTrue(cluster.server().token().endsWith("token"));
        assertTrue(cluster.server().authority().endsWith("ca.crt"));
    }

    @Test
    void all_mistakes_are_told_at_once() {
        List<String> errors =
                wrong(
                        "--config-folder=/a",
                        "--config-namespace=b",
                        "--bind=http=localhost",
                        "--bind=80",
                        "--admin=example.com:1",
                        "--workers=0",
                        "--drain-grace=60",
                        "--transport=kqueue",
                        "--access-log=apache",
                        "--state=/s",
                        "--max-head=1",
                        "--unheard-of",
                        "value",
                        "stray");
        for (String part :
                List.of(
                        "one of --config-folder and --config-namespace",
                        "--bind=http: an IP address and a port",
                        "--bind: NAME=ADDRESS:PORT, not 80",
                        "--admin: an IP address",
                        "--workers: a number from 1 to 1024, not 0",
                        "--drain-grace: a time",
                        "--transport: epoll, io_uring, nio; not kqueue",
                        "--access-log: off, nginx, json; not apache",
                        "--state and --keys go together",
                        "--max-head: a number from 1024",
                        "unknown flag: --unheard-of",
                        "not a flag: stray")) {
            assertEquals(
                    1, errors.stream().filter(e -> e.contains(part)).count(), part + ": " + errors);
        }
        assertEquals(12, errors.size(), errors.toString());
    }

    @Test
    void a_file_that_can_not_be_read_and_a_name_that_is_none_are_wrong() {
        List<String> errors =
                wrong(
                        "--config-namespace=ok",
                        "--bind=http=:80",
                        "--api-server=https://10.0.0.1",
                        "--api-token-file=/nowhere/token");
        assertEquals(List.of("--api-token-file: can't be read: /nowhere/token"), errors);
        assertTrue(
                wrong("--config-namespace=ok", "--bind=http=:80", "--data-plane=../x")
                        .getFirst()
                        .startsWith("--data-plane"));
        assertTrue(
                wrong("--config-namespace=ok", "--bind=http=:80")
                        .getFirst()
                        .contains("no pod of a cluster"));
    }

    @Test
    void help_names_every_flag_that_is_read_and_no_other() {
        assertInstanceOf(
                Parsed.Help.class,
                ProcessSettings.parse(
                        new String[] {"--help", "--nonsense"}, Map.of(), FOUR_PROCESSORS));
        Matcher flag = Pattern.compile("--([a-z][a-z0-9-]*)").matcher(ProcessSettings.HELP);
        int named = 0;
        while (flag.find()) {
            String name = flag.group(1);
            List<String> errors = wrong("--" + name);
            assertTrue(errors.contains("--" + name + " needs a value"), name + ": " + errors);
            named++;
        }
        assertTrue(named >= 30, named + " flags");
    }

    @Test
    void http2_to_backends_is_bounded_as_the_flags_say() {
        UpstreamHttp2Limits limits =
                good(
                                Map.of(),
                                "--config-folder=/tmp",
                                "--bind=http=127.0.0.1:0",
                                "--upstream-http2-streams=7",
                                "--upstream-http2-window=4194304",
                                "--upstream-http2-idle=5m")
                        .limits()
                        .upstreamHttp2();
        assertEquals(7, limits.streams());
        assertEquals(4 << 20, limits.streamWindow());
        assertEquals(4 << 20, limits.connectionWindow(), "one response may use its window");
        assertEquals(Duration.ofMinutes(5), limits.idle());
    }

    @Test
    void connections_are_capped_by_files_and_by_memory_unless_a_flag_says() {
        assertEquals(50_000, new Machine(1, 200_000, 1L << 30).connections(50_000));
        assertEquals(512, new Machine(1, 1024, 1L << 30).connections(50_000));
        assertEquals(1_024, new Machine(1, 200_000, 16 << 20).connections(50_000));
        assertEquals(1, new Machine(1, 1, 1).connections(50_000));
        String[] flags = {"--config-folder=/tmp", "--bind=http=127.0.0.1:0"};
        Machine small = new Machine(1, 1024, 1L << 30);
        Parsed.Ready ready =
                assertInstanceOf(Parsed.Ready.class, ProcessSettings.parse(flags, Map.of(), small));
        assertEquals(512, ready.settings().limits().entry().connections());
        String[] said = {flags[0], flags[1], "--max-connections=7"};
        ready = assertInstanceOf(Parsed.Ready.class, ProcessSettings.parse(said, Map.of(), small));
        assertEquals(7, ready.settings().limits().entry().connections());
    }
}

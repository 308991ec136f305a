package dev.fairway.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.BackendId;
import dev.fairway.contract.Endpoints;
import dev.fairway.contract.Route;
import dev.fairway.contract.Snapshot;
import dev.fairway.contract.codec.Decoded;
import dev.fairway.contract.codec.SnapshotCodec;
import dev.fairway.dataplane.balance.EndpointRegistry;
import dev.fairway.dataplane.route.PathTable;
import dev.fairway.dataplane.route.RouteTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Snapshot in, answers out, for every case folder with {@code requests.txt}: what the controller's
 * test of the same folders expects, answered by the real table.
 */
class CaseFoldersTest {
    private static final Path ROOT = Path.of("../crds/src/test/resources/cases");

    @TestFactory
    Stream<DynamicTest> every_request_of_a_case_gets_the_answer_it_names() throws IOException {
        List<Path> cases;
        try (Stream<Path> folders = Files.list(ROOT)) {
            cases = folders.filter(f -> Files.exists(f.resolve("requests.txt"))).sorted().toList();
        }
        assertTrue(cases.size() > 10, "case folders are missing");
        return cases.stream()
                .map(c -> DynamicTest.dynamicTest(c.getFileName().toString(), () -> check(c)));
    }

    private static void check(Path folder) throws IOException {
        String expected = Files.readString(folder.resolve("expected.json"));
        Snapshot snapshot =
                value(
                        SnapshotCodec.decodeSnapshot(
                                document(expected, "{\"routes\":[", "endpoints")));
        Endpoints endpoints =
                value(
                        SnapshotCodec.decodeEndpoints(
                                document(expected, "],\"endpoints\":[", "keys")));
        RouteTable<Route> table =
                new RouteTable<>(
                        snapshot.hosts(), host -> new PathTable<>(host.routes(), route -> route));
        EndpointRegistry registry = new EndpointRegistry(System::nanoTime);
        registry.apply(endpoints);
        for (String line : Files.readAllLines(folder.resolve("requests.txt"))) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            String[] sides = line.split(" -> ", 2);
            String[] request = sides[0].strip().split(" +", 3);
            byte[] host = request[1].getBytes(StandardCharsets.UTF_8);
            byte[] path = request[2].getBytes(StandardCharsets.UTF_8);
            Route route = table.match(host, host.length, path, path.length);
            String answer =
                    route == null
                            ? "404"
                            : switch (route.action()) {
                                case Route.Action.Forward to ->
                                        live(to.backend(), registry, endpoints);
                                case Route.Action.Answer own -> String.valueOf(own.status());
                                case Route.Action.Redirect redirect ->
                                        String.valueOf(redirect.status());
                            };
            assertEquals(sides[1].strip(), answer, sides[0]);
        }
    }

    /** The backend's name, once the registry has all the endpoints the case gives it. */
    private static String live(BackendId id, EndpointRegistry registry, Endpoints endpoints) {
        int declared =
                endpoints.sets().stream()
                        .filter(set -> set.backend().equals(id))
                        .mapToInt(set -> set.endpoints().size())
                        .sum();
        assertEquals(declared, registry.backend(id).endpoints().size(), id.toString());
        return id.toString();
    }

    /** Between two keys of expected.json; what is spread over lines there is one line again. */
    private static byte[] document(String json, String from, String next) {
        int begin = json.indexOf(from) + from.length() + 1;
        String spread = json.substring(begin, json.indexOf("\n],\"" + next + "\":[", begin));
        String lines = spread.replace("\n  ", "").replace("\n]", "]").replace(",\n", "\n");
        return (lines + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static <T> T value(Decoded<T> decoded) {
        return switch (decoded) {
            case Decoded.Accepted<T>(T value) -> value;
            case Decoded.Refused<T>(String reason) -> throw new AssertionError(reason);
        };
    }
}

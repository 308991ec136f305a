package dev.fairway.dataplane.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.BackendId;
import dev.fairway.contract.HostMatch;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Listener;
import dev.fairway.contract.PathMatch;
import dev.fairway.contract.Route;
import dev.fairway.contract.Snapshot;
import dev.fairway.contract.VirtualHost;
import dev.fairway.contract.codec.Decoded;
import dev.fairway.contract.codec.SnapshotCodec;
import dev.fairway.dataplane.balance.EndpointRegistry;
import dev.fairway.dataplane.policy.LimiterRegistry;
import dev.fairway.dataplane.policy.LiveState;
import dev.fairway.dataplane.policy.PasswordChecks;
import dev.fairway.dataplane.policy.RoutePlan;
import dev.fairway.dataplane.route.RouteTable;
import java.io.IOException;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CompiledHostsTest {
    private static final Path GOLDEN = Path.of("../crds/src/test/resources/golden/format-1");

    /** Every policy of the contract, and the keys they need. */
    private final Snapshot sample = accepted(SnapshotCodec.decodeSnapshot(read("routes.jsonl")));

    private final Keys material = accepted(SnapshotCodec.decodeKeys(read("keys.jsonl")));

    private final LiveState live =
            new LiveState(
                    new EndpointRegistry(() -> 0L),
                    new LimiterRegistry(() -> 0L),
                    _ -> new CompletableFuture<>(),
                    new PasswordChecks(Runnable::run, () -> 0L, new byte[32]),
                    bound -> bound / 2,
                    () -> 0L,
                    "pod");

    @Test
    void what_the_last_generation_had_makes_no_difference() {
        Random random = new Random(3);
        CompiledHosts hosts = new CompiledHosts(live);
        List<VirtualHost> now = new ArrayList<>();
        Keys keys = material;
        int port = 443;
        for (int round = 0; round < 300; round++) {
            switch (random.nextInt(6)) {
                case 0 -> keys = some(random);
                case 1 -> port = random.nextBoolean() ? 443 : 8443;
                case 2 -> {
                    if (!now.isEmpty()) {
                        now.remove(random.nextInt(now.size()));
                    }
                }
                default -> put(host(random), now);
            }
            Snapshot snapshot = snapshot(now, port);
            same(new CompiledHosts(live).table(snapshot, keys), hosts.table(snapshot, keys), "");
        }
    }

    @Test
    void only_hosts_that_changed_or_whose_keys_may_have_are_compiled() {
        VirtualHost plain = host("plain", List.of(route("a")));
        VirtualHost changed = host("changed", List.of(route("b")));
        VirtualHost keyed = host("keyed", sample.hosts().getFirst().routes());
        CompiledHosts hosts = new CompiledHosts(live);
        var first = hosts.table(snapshot(List.of(plain, changed, keyed), 443), material);

        VirtualHost other = host("changed", List.of(route("c")));
        Snapshot swapped = snapshot(List.of(plain, other, keyed), 443);
        var second = hosts.table(swapped, material);
        assertSame(plan(first, "plain"), plan(second, "plain"));
        assertSame(plan(first, "keyed"), plan(second, "keyed"));
        assertNotSame(plan(first, "changed"), plan(second, "changed"));

        var third = hosts.table(swapped, new Keys(material.entries()));
        assertSame(plan(first, "plain"), plan(third, "plain"));
        assertNotSame(plan(second, "keyed"), plan(third, "keyed"));

        var fourth = hosts.table(snapshot(List.of(plain, other, keyed), 8443), material);
        assertNotSame(plan(first, "plain"), plan(fourth, "plain"));
    }

    @Test
    void a_plan_names_the_snapshots_own_route_also_where_certificates_are_asked_for() {
        VirtualHost asking =
                sample.hosts().stream()
                        .filter(h -> h.clientCertificates().isPresent())
                        .findFirst()
                        .orElseThrow();
        Route own = route("a");
        VirtualHost host =
                new VirtualHost(
                        new HostMatch.Exact("asking"), List.of(own), asking.clientCertificates());
        var table = new CompiledHosts(live).table(snapshot(List.of(host), 443), material);
        assertSame(own, plan(table, "asking").route());
        byte[] name = bytes("asking");
        byte[] elsewhere = bytes("/elsewhere");
        RoutePlan last = table.match(name, name.length, elsewhere, elsewhere.length);
        assertNotNull(last);
        assertNotNull(last.clientPolicy());
    }

    @Test
    void the_comparison_sees_a_difference() {
        VirtualHost one = host("h", List.of(route("a")));
        VirtualHost two = host("h", List.of(route("b")));
        var first = new CompiledHosts(live).table(snapshot(List.of(one), 443), material);
        var second = new CompiledHosts(live).table(snapshot(List.of(two), 443), material);
        assertThrows(AssertionError.class, () -> same(first, second, ""));
    }

    private static RoutePlan plan(RouteTable<RoutePlan> table, String host) {
        byte[] name = bytes(host);
        byte[] path = bytes("/a/path");
        RoutePlan plan = table.match(name, name.length, path, path.length);
        assertNotNull(plan, host);
        return plan;
    }

    private static Route route(String service) {
        return new Route(
                "route-" + service,
                new Route.Origin("ns", "ingress", service, "80"),
                new PathMatch.StringPrefix("/a"),
                new Route.Action.Forward(new BackendId("ns", service, 80)),
                List.of());
    }

    private VirtualHost host(String name, List<Route> routes) {
        List<Route> some = new ArrayList<>(routes);
        some.add(
                new Route(
                        "last",
                        new Route.Origin("ns", "i", "s", "80"),
                        new PathMatch.Any(),
                        routes.getFirst().action(),
                        routes.getFirst().policies()));
        return new VirtualHost(new HostMatch.Exact(name), some);
    }

    /** Of few names, with some of the sample's routes; the last few ask for certificates. */
    private VirtualHost host(Random random) {
        VirtualHost of = sample.hosts().get(random.nextInt(2));
        List<Route> routes = new ArrayList<>(of.routes());
        routes.removeIf(_ -> random.nextInt(3) == 0);
        int number = random.nextInt(12);
        HostMatch name =
                switch (number) {
                    case 0 -> new HostMatch.Any();
                    case 1 -> new HostMatch.Wildcard("example.com");
                    default -> new HostMatch.Exact("h" + number);
                };
        return new VirtualHost(
                name, routes, number > 8 ? of.clientCertificates() : Optional.empty());
    }

    private static void put(VirtualHost host, List<VirtualHost> into) {
        into.removeIf(known -> known.host().equals(host.host()));
        into.add(host);
    }

    private Keys some(Random random) {
        return new Keys(material.entries().stream().filter(_ -> random.nextInt(4) > 0).toList());
    }

    private Snapshot snapshot(List<VirtualHost> hosts, int port) {
        Listener listener = new Listener("https", port, Listener.Protocol.HTTPS);
        return new Snapshot(sample.settings(), List.of(listener), List.of(), hosts);
    }

    /** Field by field: our own objects down to what they have in common, values by equality. */
    private static void same(@Nullable Object whole, @Nullable Object incremental, String at) {
        if (whole == incremental) {
            return;
        }
        assertTrue(whole != null && incremental != null, at);
        assertEquals(whole.getClass(), incremental.getClass(), at);
        if (whole.getClass().isArray()) {
            assertEquals(Array.getLength(whole), Array.getLength(incremental), at);
            for (int i = 0; i < Array.getLength(whole); i++) {
                same(Array.get(whole, i), Array.get(incremental, i), at + "[" + i + "]");
            }
        } else if (whole instanceof Mac mac) {
            // What was fed to it, and its key.
            assertArrayEquals(fed(mac), fed((Mac) incremental), at);
        } else if (whole instanceof List<?> list) {
            same(list.toArray(), ((List<?>) incremental).toArray(), at);
        } else if (whole.getClass().getName().startsWith("dev.fairway.dataplane.")) {
            for (Class<?> c = whole.getClass(); c != Object.class; c = c.getSuperclass()) {
                for (Field field : c.getDeclaredFields()) {
                    if (!Modifier.isStatic(field.getModifiers())) {
                        field.setAccessible(true);
                        same(of(field, whole), of(field, incremental), at + "." + field.getName());
                    }
                }
            }
        } else {
            assertEquals(whole, incremental, at);
        }
    }

    private static byte[] fed(Mac mac) {
        try {
            return ((Mac) mac.clone()).doFinal();
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }

    private static @Nullable Object of(Field field, Object object) {
        try {
            return field.get(object);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] read(String name) {
        try {
            return Files.readAllBytes(GOLDEN.resolve(name));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static <T> T accepted(Decoded<T> decoded) {
        return (T) assertInstanceOf(Decoded.Accepted.class, decoded).value();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

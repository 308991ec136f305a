package dev.fairway.contract;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Everything the data plane needs to route, apart from endpoints and key material.
 *
 * @param settings what holds for every request
 * @param listeners where traffic enters, by name
 * @param certificates which key answers for which server name
 * @param hosts virtual hosts; at most one for each {@link HostMatch}
 */
public record Snapshot(
        Settings settings,
        List<Listener> listeners,
        List<CertificateBinding> certificates,
        List<VirtualHost> hosts) {

    /** A snapshot that answers 404 to everything on the two usual listeners. */
    public static final Snapshot EMPTY =
            new Snapshot(Settings.DEFAULTS, Listener.DEFAULTS, List.of(), List.of());

    public Snapshot {
        listeners = List.copyOf(listeners);
        certificates = List.copyOf(certificates);
        hosts = List.copyOf(hosts);
        Set<Object> seen = new HashSet<>();
        for (VirtualHost host : hosts) {
            Valid.that(seen.add(host.host()), "two virtual hosts for %s", host.host());
        }
        for (CertificateBinding binding : certificates) {
            Valid.that(
                    seen.add(binding.serverName()),
                    "two certificates for %s",
                    binding.serverName());
        }
        for (Listener listener : listeners) {
            Valid.that(
                    seen.add(List.of(listener.name())), "two listeners named %s", listener.name());
        }
    }
}

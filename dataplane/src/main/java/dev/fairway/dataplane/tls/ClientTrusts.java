package dev.fairway.dataplane.tls;

import dev.fairway.contract.ClientCertificates;
import dev.fairway.contract.HostMatch;
import dev.fairway.contract.KeyId;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Snapshot;
import dev.fairway.contract.VirtualHost;
import dev.fairway.dataplane.policy.ClientGate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which server names are asked for client certificates: those of the hosts that requests would be
 * routed to under them. Each certificate has a context of its own for each policy, with tickets and
 * a session id context that no other policy takes (attack ledger D3).
 */
final class ClientTrusts {
    private final Map<String, Optional<ClientTrust>> byHost = new HashMap<>();
    private boolean empty = true;

    ClientTrusts(Snapshot snapshot, Map<KeyId, Keys.Key> material, List<String> problems) {
        Map<String, ClientTrust> made = new HashMap<>();
        for (VirtualHost host : snapshot.hosts()) {
            ClientTrust trust =
                    host.clientCertificates()
                            .map(asked -> trust(asked, material, made, problems))
                            .orElse(null);
            empty &= trust == null;
            byHost.put(
                    switch (host.host()) {
                        case HostMatch.Exact(String name) -> name;
                        case HostMatch.Wildcard(String suffix) -> "*." + suffix;
                        case HostMatch.Any() -> "";
                    },
                    Optional.ofNullable(trust));
        }
    }

    private static @Nullable ClientTrust trust(
            ClientCertificates asked,
            Map<KeyId, Keys.Key> material,
            Map<String, ClientTrust> made,
            List<String> problems) {
        if (!(material.get(asked.authorities())
                instanceof Keys.Key.ClientAuthorities authorities)) {
            return null; // its routes answer 503
        }
        String policy = ClientGate.identity(asked, authorities);
        if (policy == null) {
            return null;
        }
        try {
            ClientTrust trust = made.get(policy);
            if (trust == null) {
                trust = new ClientTrust(policy, asked, authorities);
                made.put(policy, trust);
            }
            return trust;
        } catch (MaterialRefused e) {
            problems.add("key " + asked.authorities() + ": " + e.text() + "; its hosts answer 421");
            return null;
        }
    }

    boolean isEmpty() {
        return empty;
    }

    /**
     * @param active contexts to go on with
     * @param inUse gets those of the table
     */
    CertificateTable asking(
            CertificateTable plain,
            Set<String> bound,
            Map<KeyId, ServerIdentity> active,
            Map<KeyId, ServerIdentity> inUse) {
        Set<String> names = new HashSet<>(bound);
        byHost.keySet().stream().filter(name -> !name.isEmpty()).forEach(names::add);
        Map<String, Optional<ServerIdentity>> table = new HashMap<>();
        for (String name : names) {
            table.put(
                    name,
                    Optional.ofNullable(asking(plain.find(name), trustOf(name), active, inUse)));
        }
        return new CertificateTable(table, asking(plain.find(null), trustOf(""), active, inUse));
    }

    private @Nullable ClientTrust trustOf(String name) {
        Optional<ClientTrust> trust = byHost.get(name);
        int dot = name.indexOf('.');
        if (trust == null && dot > 0 && !name.startsWith("*.")) {
            trust = byHost.get("*" + name.substring(dot));
        }
        if (trust == null) {
            trust = byHost.get("");
        }
        return trust == null ? null : trust.orElse(null);
    }

    private static @Nullable ServerIdentity asking(
            @Nullable ServerIdentity identity,
            @Nullable ClientTrust trust,
            Map<KeyId, ServerIdentity> active,
            Map<KeyId, ServerIdentity> inUse) {
        if (identity == null || trust == null) {
            return identity;
        }
        KeyId id =
                new KeyId(
                        "asking/"
                                + trust.policy()
                                + "/"
                                + identity.identity().hash()
                                + "/"
                                + String.join(",", identity.protocols()));
        ServerIdentity same = inUse.get(id);
        if (same == null) {
            same = active.get(id);
        }
        if (same == null) {
            same = new ServerIdentity(identity.identity(), identity.protocols(), trust);
        }
        inUse.put(id, same);
        return same;
    }
}

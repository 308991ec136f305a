package dev.fairway.dataplane.tls;

import dev.fairway.contract.CertificateBinding;
import dev.fairway.contract.KeyId;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Snapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The identities in use, one for each key hash, whatever tables come and go: what did not change
 * keeps its context and its clients their sessions. Owned by the loader's thread; {@link
 * #rotateTickets} may come from another.
 */
public final class ServerIdentities implements AutoCloseable {
    private volatile Map<KeyId, ServerIdentity> active = Map.of();
    private volatile int refused;

    /**
     * A table that is not in use yet.
     *
     * @param problems what was refused; each costs its own names only, and only when there was no
     *     earlier identity to keep
     */
    public record Draft(
            CertificateTable table, List<String> problems, Map<KeyId, ServerIdentity> byKey) {}

    public Draft draft(Snapshot snapshot, Keys keys) {
        Map<KeyId, Keys.Key> material = new HashMap<>();
        keys.entries().forEach(entry -> material.put(entry.id(), entry.key()));
        Map<String, ServerIdentity> byHash = new HashMap<>();
        List<String> protocols =
                snapshot.settings().http2OrDefault().enabled()
                        ? TlsProvider.HTTP2
                        : TlsProvider.HTTP1;
        for (ServerIdentity identity : active.values()) {
            if (identity.trust() == null && identity.protocols().equals(protocols)) {
                byHash.put(identity.identity().hash(), identity);
            }
        }

        List<String> problems = new ArrayList<>();
        Map<KeyId, ServerIdentity> byKey = new HashMap<>();
        Map<String, Optional<ServerIdentity>> byName = new HashMap<>();
        for (CertificateBinding binding : snapshot.certificates()) {
            byName.put(
                    binding.serverName(),
                    binding.key()
                            .flatMap(id ->
                                    resolve(id, material, byHash, byKey, protocols, problems)));
        }
        ServerIdentity otherwise =
                snapshot.settings()
                        .defaultCertificate()
                        .flatMap(id -> resolve(id, material, byHash, byKey, protocols, problems))
                        .orElse(null);
        CertificateTable plain = new CertificateTable(byName, otherwise);
        ClientTrusts trusts = new ClientTrusts(snapshot, material, problems);
        if (trusts.isEmpty()) {
            return new Draft(plain, problems, byKey);
        }
        return new Draft(trusts.asking(plain, byName.keySet(), active, byKey), problems, byKey);
    }

    /** The draft's table is in use now; contexts that no name needs any more are let go. */
    public void adopt(Draft draft) {
        Map<KeyId, ServerIdentity> before = active;
        active = Map.copyOf(draft.byKey());
        refused = draft.problems().size();
        Set<ServerIdentity> kept = new HashSet<>(draft.byKey().values());
        for (ServerIdentity identity : before.values()) {
            if (!kept.contains(identity)) {
                identity.context().retire();
            }
        }
    }

    /** Lets all contexts go. After the last handshake: those that look for a context would wait. */
    @Override
    public void close() {
        active.values().forEach(identity -> identity.context().retire());
    }

    /** To be called every few hours. */
    public void rotateTickets() {
        new HashSet<>(active.values()).forEach(ServerIdentity::rotateTickets);
    }

    /** How many native contexts there are. */
    public long contexts() {
        return new HashSet<>(active.values())
                .stream().filter(identity -> identity.context().isMade()).count();
    }

    /** How many keys of the active snapshot were refused. */
    public int refused() {
        return refused;
    }

    private Optional<ServerIdentity> resolve(
            KeyId id,
            Map<KeyId, Keys.Key> material,
            Map<String, ServerIdentity> byHash,
            Map<KeyId, ServerIdentity> byKey,
            List<String> protocols,
            List<String> problems) {
        ServerIdentity known = byKey.get(id);
        if (known != null) {
            return Optional.of(known);
        }
        ServerIdentity found = null;
        try {
            found = identity(material.get(id), byHash, protocols);
        } catch (MaterialRefused e) {
            ServerIdentity last = active.get(id);
            String then = last == null ? "its names are refused" : "the one before it stays";
            String text = "key " + id + ": " + e.text() + "; " + then;
            if (!problems.contains(text)) {
                problems.add(text);
            }
            found = last;
        }
        if (found != null) {
            byKey.put(id, found);
        }
        return Optional.ofNullable(found);
    }

    private static ServerIdentity identity(
            Keys.@Nullable Key key, Map<String, ServerIdentity> byHash, List<String> protocols)
            throws MaterialRefused {
        if (!(key instanceof Keys.Key.Certificate pair)) {
            throw new MaterialRefused(key == null ? "it is missing" : "it is no certificate");
        }
        String hash = Identity.hashOf(pair);
        ServerIdentity same = byHash.get(hash);
        if (same == null) {
            same = new ServerIdentity(Identity.of(pair), protocols, null);
            byHash.put(hash, same);
        }
        return same;
    }
}

package dev.fairway.dataplane;

import dev.fairway.contract.Listener;
import dev.fairway.dataplane.proxy.BoundListener;
import dev.fairway.dataplane.proxy.ProxyServer;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshot's listeners, bound where this process was told. Opened when a snapshot first names
 * them: before that a client is refused by the kernel and tries another replica. Follows on the
 * loader's thread, read on the admin server's.
 */
final class Listeners {
    private static final Logger log = LoggerFactory.getLogger(Listeners.class);

    private final ProxyServer server;
    private final Map<String, InetSocketAddress> binds;
    private final Consumer<String> fatal;
    // Owned by the loader's thread.
    private final Map<String, Listener> open = new LinkedHashMap<>();
    private volatile Map<String, InetSocketAddress> addresses = Map.of();
    private volatile List<String> missing = List.of("no snapshot names a listener yet");

    /**
     * @param fatal told when a listener of the first snapshot can't be bound
     */
    Listeners(ProxyServer server, Map<String, InetSocketAddress> binds, Consumer<String> fatal) {
        this.server = server;
        this.binds = binds;
        this.fatal = fatal;
    }

    void follow(List<Listener> wanted) {
        boolean first = open.isEmpty();
        List<String> lacking = new ArrayList<>();
        for (Listener listener : wanted) {
            Listener now = open.get(listener.name());
            if (now == null) {
                String problem = bind(listener);
                if (problem != null) {
                    lacking.add(problem);
                }
            } else if (!now.equals(listener)) {
                lacking.add(
                        "listener " + listener.name() + " changed; this process must be replaced");
            }
        }
        if (!lacking.equals(missing)) {
            lacking.forEach(problem -> log.error("{}", problem));
        }
        missing = List.copyOf(lacking);
        if (first && lacking.stream().anyMatch(problem -> problem.contains("can't be bound"))) {
            fatal.accept(String.join("; ", lacking));
        }
    }

    /** Why not all of the snapshot's listeners are open. */
    List<String> missing() {
        return missing;
    }

    /** Where each open listener is. */
    Map<String, InetSocketAddress> addresses() {
        return addresses;
    }

    /** Null: it is open. */
    private @Nullable String bind(Listener listener) {
        InetSocketAddress address = binds.get(listener.name());
        if (address == null) {
            return "listener "
                    + listener.name()
                    + " of the snapshot has no address: --bind="
                    + listener.name()
                    + "=ADDRESS:PORT";
        }
        boolean tls = listener.protocol() == Listener.Protocol.HTTPS;
        try {
            InetSocketAddress bound =
                    server.bind(
                                    List.of(
                                            new BoundListener(
                                                    listener.name(),
                                                    listener.publicPort(),
                                                    tls,
                                                    address)))
                            .getFirst();
            open.put(listener.name(), listener);
            Map<String, InetSocketAddress> all = new LinkedHashMap<>(addresses);
            all.put(listener.name(), bound);
            addresses = Map.copyOf(all);
            log.info(
                    "listener {} ({}) is open on {}",
                    listener.name(),
                    tls ? "TLS" : "plain",
                    bound);
            return null;
        } catch (Exception e) {
            // Netty throws the checked causes of a failed bind unchecked.
            return "listener "
                    + listener.name()
                    + " can't be bound to "
                    + address
                    + ": "
                    + e.getMessage();
        }
    }
}

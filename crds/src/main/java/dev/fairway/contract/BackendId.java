package dev.fairway.contract;

/**
 * A Service port: the identity under which endpoints, statistics and pools live.
 *
 * @param namespace the Service's namespace
 * @param service the Service's name
 * @param port the Service port's number
 */
public record BackendId(String namespace, String service, int port)
        implements Comparable<BackendId> {

    public BackendId {
        Valid.name(namespace, "namespace");
        Valid.name(service, "service");
        Valid.port(port, "service port");
    }

    @Override
    public int compareTo(BackendId other) {
        int byNamespace = namespace.compareTo(other.namespace);
        if (byNamespace != 0) {
            return byNamespace;
        }
        int byService = service.compareTo(other.service);
        return byService != 0 ? byService : Integer.compare(port, other.port);
    }

    /** {@code namespace/service:port}. */
    @Override
    public String toString() {
        return namespace + "/" + service + ":" + port;
    }
}

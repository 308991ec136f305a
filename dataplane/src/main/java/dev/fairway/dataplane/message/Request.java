package dev.fairway.dataplane.message;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one canonical request, made once and read by routing, gates, limits, log and forwarding alike.
 * The protocol side ({@code http1}, later {@code http2}) implements it over its own bytes; strings
 * are made only when asked for. Valid from dispatch to finish, on the exchange's event loop.
 */
public interface Request {

    /** The method token, case as received. */
    String method();

    /** Whether the client's own connection, or a trusted proxy's word, says https. */
    boolean secure();

    /** Whether the client's own connection has TLS, whatever a proxy says. */
    default boolean cameByTls() {
        return secure();
    }

    /** {@code http} or {@code https}, as {@link #secure} says. */
    default String scheme() {
        return secure() ? "https" : "http";
    }

    /** Canonical host: lower case, no port, no trailing dot; empty for HTTP/1.0 without Host. */
    String host();

    /** The Host header (or absolute-form authority) as received. */
    String authority();

    /** The public port of the listener the request came by. */
    int listenerPort();

    /** Canonical path; starts with a slash. See DESIGN section 3. */
    String path();

    /** Origin-form target as received: path and query. */
    String target();

    /**
     * Canonical path and the query as received: what whoever judges the request is told, since it is
     * what a backend gets (attack ledger E1, E10).
     */
    default String canonicalTarget() {
        return hasQuery() ? path() + "?" + query() : path();
    }

    /** Whether the target has a question mark. */
    boolean hasQuery();

    /** What follows the first question mark, raw; empty when there is none. */
    String query();

    /** The value of the first field line of this name, OWS trimmed; null when absent. */
    @Nullable String header(String lowerCaseName);

    /** All field lines of this name, in order. */
    List<String> headers(String lowerCaseName);

    /** Every field line in order, names in lower case; what an auth subrequest passes along. */
    default List<Header> fields() {
        return List.of();
    }

    /** The first cookie of this name, over all Cookie lines; null when absent. */
    @Nullable String cookie(String name);

    /** The client's address after trusted forwarding, 4 or 16 bytes, never IPv4-mapped. */
    byte[] clientAddress();

    /** {@link #clientAddress} as text, IPv6 in its compressed form. */
    String clientAddressText();

    /** Declared body length: 0 without a body, -1 for chunked. */
    long contentLength();

    /** 32 lower-case hex digits, or the client's X-Request-ID where that is kept. */
    String id();

    /** Whether it is a gRPC call: by its content type, {@code application/grpc} or a kind of it. */
    default boolean grpc() {
        String type = header("content-type");
        return type != null && GrpcContent.is(type);
    }

    /** Whether it is a gRPC call that a backend can answer: by HTTP/2. */
    default boolean isCall() {
        return protocol().equals("HTTP/2.0") && grpc();
    }

    /** What its client showed in the handshake; null where none was asked. */
    default @Nullable ClientProof proof() {
        return null;
    }

    /** HTTP version as in the request line, {@code HTTP/1.1}. */
    String protocol();
}

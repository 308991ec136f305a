package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Cidr;
import dev.fairway.contract.Settings.Forwarding;
import dev.fairway.dataplane.http1.CanonicalRequest;
import dev.fairway.dataplane.http1.FieldName;
import dev.fairway.dataplane.http1.Head;
import dev.fairway.dataplane.http1.HeadWriter;
import dev.fairway.dataplane.http1.RequestHead;
import dev.fairway.dataplane.http1.RequestTarget;
import dev.fairway.dataplane.message.ClientProof;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Who the client is and what the backend is told about it: the headers ingress-nginx always sends. A
 * client's own versions are believed only from trusted peers (attack ledger E7); they reach the backend
 * under the names {@code X-Original-Forwarded-…}. One per client connection; owned by its loop.
 */
final class ForwardedHeaders {
    private static final String FORWARDED_FOR = "x-forwarded-for";
    private final byte[] peer;
    private final String peerText;
    private final boolean tls;
    private final int port;
    private final String ownProto;
    private final String ownPort;

    /** What is the same for all requests of an untrusted peer. */
    private final byte[] ownLines;

    private final boolean introduced;
    private @Nullable ClientProof proof;

    // Of the current request.
    private String forHeader = FORWARDED_FOR;
    private boolean trusted;
    private String forwardedFor;
    private String proto;
    private String forwardedPort;
    private @Nullable String forwardedHost;

    private ForwardedHeaders(byte[] peer, boolean tls, int port, boolean introduced) {
        this.peer = peer;
        this.peerText = text(peer);
        this.tls = tls;
        this.port = port;
        this.introduced = introduced;
        this.ownProto = tls ? "https" : "http";
        this.ownPort = Integer.toString(port);
        this.ownLines = ownLines(peerText, ownProto, ownPort);
        this.forwardedFor = peerText;
        this.proto = ownProto;
        this.forwardedPort = ownPort;
    }

    private static byte[] ownLines(String address, String proto, String port) {
        String lines =
                ("X-Real-IP: " + address + "\r\nX-Forwarded-For: " + address)
                        + ("\r\nX-Forwarded-Port: " + port + "\r\nX-Forwarded-Proto: " + proto)
                        + ("\r\nX-Forwarded-Scheme: " + proto + "\r\nX-Scheme: " + proto + "\r\n");
        return lines.getBytes(StandardCharsets.US_ASCII);
    }

    /** Of the connection's other end. */
    static ForwardedHeaders direct(InetAddress peer, boolean tls, int port) {
        return new ForwardedHeaders(Cidr.unmapped(peer.getAddress()), tls, port, false);
    }

    /**
     * Of whom a PROXY header named: it is the client, whatever its requests say of others before it, as
     * with nginx's {@code real_ip_header proxy_protocol}.
     */
    static ForwardedHeaders introduced(byte[] client, boolean tls, int port) {
        return new ForwardedHeaders(client, tls, port, true);
    }

    private ForwardedHeaders(ForwardedHeaders connection) {
        this.peer = connection.peer;
        this.peerText = connection.peerText;
        this.tls = connection.tls;
        this.port = connection.port;
        this.introduced = connection.introduced;
        this.proof = connection.proof;
        this.ownProto = connection.ownProto;
        this.ownPort = connection.ownPort;
        this.ownLines = connection.ownLines;
        this.forwardedFor = peerText;
        this.proto = ownProto;
        this.forwardedPort = ownPort;
    }

    /**
     * For one of several requests at a time: what a trusted peer says differs from one to the next, what
     * holds for an untrusted one doesn't.
     */
    ForwardedHeaders forStream(TrustedPeers peers) {
        return peers.isEmpty() || !peers.contains(peer) ? this : new ForwardedHeaders(this);
    }

    /** Once, before the first request. */
    void proven(ClientProof shown) {
        proof = shown;
    }

    byte[] peer() {
        return peer;
    }

    /** Finds out who the client is and tells the request. */
    void resolve(CanonicalRequest request, TrustedPeers peers) {
        request.proof(proof);
        trusted = !peers.isEmpty() && peers.contains(peer);
        forHeader = peers.forwarding().header();
        if (!trusted) {
            forwardedFor = peerText;
            proto = ownProto;
            forwardedPort = ownPort;
            forwardedHost = null;
            request.connection(tls, tls, port, peer, peerText);
            return;
        }
        Forwarding forwarding = peers.forwarding();
        byte[] client = introduced ? peer : client(request, peers);
        String clientText = text(client);
        String chain = joined(request.head(), forwarding.header());
        forwardedFor =
                forwarding.appendAddress() && chain != null ? chain + ", " + peerText : clientText;
        String saidProto = request.header("x-forwarded-proto");
        proto =
                "https".equalsIgnoreCase(saidProto)
                        ? "https"
                        : "http".equalsIgnoreCase(saidProto) ? "http" : ownProto;
        String saidPort = request.header("x-forwarded-port");
        forwardedPort = saidPort != null && isPort(saidPort) ? saidPort : ownPort;
        String saidHost = request.header("x-forwarded-host");
        forwardedHost = saidHost == null || saidHost.isEmpty() ? null : saidHost;
        request.connection(tls, proto.equals("https"), port, client, clientText);
    }

    /** From the right, the first address that is not a trusted proxy's. */
    private byte[] client(CanonicalRequest request, TrustedPeers peers) {
        byte[] client = peer;
        List<String> lines = request.headers(peers.forwarding().header());
        for (int line = lines.size() - 1; line >= 0; line--) {
            String[] hops = lines.get(line).split(",", -1);
            for (int hop = hops.length - 1; hop >= 0; hop--) {
                byte[] address = address(hops[hop].strip());
                if (address == null) {
                    return client; // what is left of nonsense is not to be believed
                }
                client = address;
                if (!peers.contains(client)) {
                    return client;
                }
            }
        }
        return client;
    }

    /** The lines that replace the client's own; policies may have set some instead. */
    void writeTo(HeadWriter out, CanonicalRequest request, FieldEdits edits) {
        if (!edits.replaces("x-request-id")) {
            out.ascii("X-Request-ID: ");
            request.writeId(out);
            out.crlf();
        }
        Head head = request.head();
        if (!trusted && edits.isEmpty()) {
            out.raw(ownLines);
            host(out, request.head());
        } else {
            eachLine(out, request, edits);
        }
        if (!forHeader.equals(FORWARDED_FOR) || head.find(FieldName.X_FORWARDED_FOR) >= 0) {
            original(out, edits, head, forHeader, "X-Original-Forwarded-For");
        }
        if (head.find(FieldName.X_FORWARDED_HOST) >= 0) {
            original(out, edits, head, "x-forwarded-host", "X-Original-Forwarded-Host");
        }
    }

    /** Nothing where an HTTP/1.0 client named no host: an empty line would name one, as nginx has it. */
    private static void host(HeadWriter out, RequestHead head) {
        RequestTarget to = head.target();
        if (to.hasAuthority()) {
            out.field("X-Forwarded-Host", head.bytes(), to.authorityStart(), to.authorityEnd());
        }
    }

    private void eachLine(HeadWriter out, CanonicalRequest request, FieldEdits edits) {
        line(out, edits, "X-Real-IP", "x-real-ip", request.clientAddressText());
        line(out, edits, "X-Forwarded-For", "x-forwarded-for", forwardedFor);
        if (!edits.replaces("x-forwarded-host")) {
            if (forwardedHost != null) {
                out.field("X-Forwarded-Host", forwardedHost);
            } else {
                host(out, request.head());
            }
        }
        line(out, edits, "X-Forwarded-Port", "x-forwarded-port", forwardedPort);
        line(out, edits, "X-Forwarded-Proto", "x-forwarded-proto", proto);
        line(out, edits, "X-Forwarded-Scheme", "x-forwarded-scheme", proto);
        line(out, edits, "X-Scheme", "x-scheme", proto);
    }

    /** An untrusted peer's {@code Forwarded} (RFC 7239) is not passed on: backends might believe it. */
    boolean passesForwarded() {
        return trusted;
    }

    private static void line(
            HeadWriter out, FieldEdits edits, String name, String lowerCaseName, String value) {
        if (!edits.replaces(lowerCaseName)) {
            out.ascii(name).ascii(": ").ascii(value).crlf();
        }
    }

    /** What the client itself said of where its request came from, under the name it was asked to use. */
    private static void original(
            HeadWriter out, FieldEdits edits, Head head, String said, String name) {
        String value = edits.replaces(name.toLowerCase(Locale.ROOT)) ? null : joined(head, said);
        if (value != null) {
            out.field(name, value);
        }
    }

    private static @Nullable String joined(Head head, String lowerCaseName) {
        List<String> values = head.headers(lowerCaseName);
        return values.isEmpty() ? null : String.join(", ", values);
    }

    private static boolean isPort(String text) {
        return !text.isEmpty()
                && text.length() <= 5
                && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static byte @Nullable [] address(String text) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
        return bytes == null ? null : Cidr.unmapped(bytes);
    }

    private static String text(byte[] address) {
        try {
            return NetUtil.toAddressString(InetAddress.getByAddress(address));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("no IP address", e);
        }
    }
}

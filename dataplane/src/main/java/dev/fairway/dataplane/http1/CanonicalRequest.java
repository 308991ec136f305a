package dev.fairway.dataplane.http1;

import dev.fairway.dataplane.message.ClientProof;
import dev.fairway.dataplane.message.GrpcContent;
import dev.fairway.dataplane.message.Header;
import dev.fairway.dataplane.message.Request;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The canonical request over a request head, whatever protocol it came by. Strings are made when first
 * asked for. What only the connection knows (address, scheme, id) is told by the exchange before any policy sees it.
 */
public final class CanonicalRequest implements Request {
    private static final byte[] NOWHERE = new byte[4];

    private final RequestHead head;
    private @Nullable String method;
    private @Nullable String host;
    private @Nullable String path;
    private boolean secure;
    private boolean overTls;
    private @Nullable ClientProof proof;
    private int listenerPort;
    private byte[] clientAddress = NOWHERE;
    private String clientAddressText = "";
    private @Nullable String id;
    private long idHigh;
    private long idLow;

    public CanonicalRequest(RequestHead head) {
        this.head = head;
    }

    /** Another request's bytes are in the head. */
    void clear() {
        method = null;
        host = null;
        path = null;
        id = null;
        proof = null;
    }

    public RequestHead head() {
        return head;
    }

    /**
     * @param tls whether the client's own connection has it
     * @param isSecure what it or a trusted proxy says
     */
    public void connection(
            boolean tls, boolean isSecure, int port, byte[] address, String addressText) {
        overTls = tls;
        secure = isSecure;
        listenerPort = port;
        clientAddress = address;
        clientAddressText = addressText;
    }

    /** What the connection's client showed in its handshake. */
    public void proof(@Nullable ClientProof shown) {
        proof = shown;
    }

    @Override
    public @Nullable ClientProof proof() {
        return proof;
    }

    /** What identifies it: kept from the client. */
    public void id(String value) {
        id = value;
    }

    /** What identifies it: of our own making, 32 hex digits. */
    public void id(long high, long low) {
        id = null;
        idHigh = high;
        idLow = low;
    }

    public void writeId(HeadWriter out) {
        if (id == null) {
            out.hex(idHigh).hex(idLow);
        } else {
            out.ascii(id);
        }
    }

    @Override
    public String method() {
        if (method == null) {
            method = head.methodIs("GET") ? "GET" : head.text(head.methodStart(), head.methodEnd());
        }
        return method;
    }

    @Override
    public boolean secure() {
        return secure;
    }

    /** A call is a POST; of what is none, no string is made. */
    @Override
    public boolean grpc() {
        if (!head.methodIs("POST")) {
            return false;
        }
        int type = head.find("content-type", 0);
        return type >= 0
                && head.valueBegins(type, "application/grpc")
                && GrpcContent.is(head.value(type));
    }

    @Override
    public boolean cameByTls() {
        return overTls;
    }

    @Override
    public String host() {
        if (host == null) {
            host = head.target().hostText();
        }
        return host;
    }

    @Override
    public String authority() {
        return head.target().authorityText();
    }

    @Override
    public int listenerPort() {
        return listenerPort;
    }

    @Override
    public String path() {
        if (path == null) {
            path = head.target().pathText();
        }
        return path;
    }

    @Override
    public String target() {
        return head.target().text();
    }

    @Override
    public boolean hasQuery() {
        return head.target().hasQuery();
    }

    @Override
    public String query() {
        return head.target().queryText();
    }

    @Override
    public @Nullable String header(String lowerCaseName) {
        return head.header(lowerCaseName);
    }

    @Override
    public List<String> headers(String lowerCaseName) {
        return head.headers(lowerCaseName);
    }

    @Override
    public List<Header> fields() {
        List<Header> fields = new ArrayList<>(head.count());
        for (int i = 0; i < head.count(); i++) {
            if (head.name(i) != FieldName.DROPPED) {
                String name = head.text(head.nameStart(i), head.nameEnd(i));
                fields.add(new Header(name.toLowerCase(Locale.ROOT), head.value(i)));
            }
        }
        return fields;
    }

    /** RFC 6265 5.4: pairs apart by semicolons; quotes belong to the value. */
    @Override
    public @Nullable String cookie(String name) {
        for (int i = head.find(FieldName.COOKIE); i >= 0; i = head.find(FieldName.COOKIE, i + 1)) {
            byte[] line = head.bytes();
            int end = head.valueEnd(i);
            for (int from = head.valueStart(i); from < end; ) {
                int to = Ascii.find(line, from, end, (byte) ';');
                int equals = Ascii.find(line, from, to, (byte) '=');
                if (equals < to && named(name, line, from, equals)) {
                    int first = Ascii.skipBlank(line, equals + 1, to);
                    return head.text(first, Ascii.dropBlank(line, first, to));
                }
                from = to + 1;
            }
        }
        return null;
    }

    private static boolean named(String name, byte[] line, int from, int to) {
        int first = Ascii.skipBlank(line, from, to);
        int length = Ascii.dropBlank(line, first, to) - first;
        if (length != name.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if ((line[first + i] & 0xff) != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public byte[] clientAddress() {
        return clientAddress;
    }

    @Override
    public String clientAddressText() {
        return clientAddressText;
    }

    @Override
    public long contentLength() {
        return head.framing();
    }

    @Override
    public String id() {
        if (id == null) {
            HexFormat hex = HexFormat.of();
            id = hex.toHexDigits(idHigh).concat(hex.toHexDigits(idLow));
        }
        return id;
    }

    @Override
    public String protocol() {
        if (head.http2()) {
            return "HTTP/2.0";
        }
        return head.minorVersion() == 1 ? "HTTP/1.1" : "HTTP/1.0";
    }
}

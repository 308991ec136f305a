package dev.fairway.dataplane.policy;

import dev.fairway.dataplane.message.Header;
import dev.fairway.dataplane.message.Request;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** A request as a test says it. */
public final class FakeRequest implements Request {
    private String method = "GET";
    private boolean secure;
    private String protocol = "HTTP/1.1";
    private String host = "example.com";
    private String authority = "example.com";
    private String target = "/";
    private String path = "/";
    private InetAddress client = InetAddress.ofLiteral("203.0.113.7");
    private final List<Header> headers = new ArrayList<>();

    public static FakeRequest get(String target) {
        FakeRequest request = new FakeRequest();
        request.target = target;
        request.path = target.contains("?") ? target.substring(0, target.indexOf('?')) : target;
        return request;
    }

    /** Where it differs from what the client sent. */
    public FakeRequest path(String canonical) {
        path = canonical;
        return this;
    }

    public FakeRequest method(String value) {
        method = value;
        return this;
    }

    public FakeRequest overTls() {
        secure = true;
        return this;
    }

    public FakeRequest http2() {
        protocol = "HTTP/2.0";
        return this;
    }

    public FakeRequest host(String canonical, String asReceived) {
        host = canonical;
        authority = asReceived;
        return this;
    }

    public FakeRequest from(String address) {
        client = InetAddress.ofLiteral(address);
        return this;
    }

    public FakeRequest with(String lowerCaseName, String value) {
        headers.add(new Header(lowerCaseName, value));
        return this;
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public boolean secure() {
        return secure;
    }

    @Override
    public String host() {
        return host;
    }

    @Override
    public String authority() {
        return authority;
    }

    @Override
    public int listenerPort() {
        return secure ? 443 : 80;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public String target() {
        return target;
    }

    @Override
    public boolean hasQuery() {
        return target.contains("?");
    }

    @Override
    public String query() {
        return hasQuery() ? target.substring(target.indexOf('?') + 1) : "";
    }

    @Override
    public String header(String lowerCaseName) {
        return headers(lowerCaseName).stream().findFirst().orElse(null);
    }

    @Override
    public List<String> headers(String lowerCaseName) {
        return headers.stream()
                .filter(h -> h.name().equals(lowerCaseName))
                .map(Header::value)
                .toList();
    }

    @Override
    public List<Header> fields() {
        return List.copyOf(headers);
    }

    @Override
    public String cookie(String name) {
        for (String line : headers("cookie")) {
            for (String pair : line.split("; ")) {
                if (pair.startsWith(name + "=")) {
                    return pair.substring(name.length() + 1);
                }
            }
        }
        return null;
    }

    @Override
    public byte[] clientAddress() {
        return client.getAddress();
    }

    @Override
    public String clientAddressText() {
        return client.getHostAddress();
    }

    @Override
    public long contentLength() {
        return 0;
    }

    @Override
    public String id() {
        return "0123456789abcdef0123456789abcdef";
    }

    @Override
    public String protocol() {
        return protocol;
    }
}

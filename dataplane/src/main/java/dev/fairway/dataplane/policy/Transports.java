package dev.fairway.dataplane.policy;

import dev.fairway.dataplane.message.Request;

/**
 * How a backend is reached, by the request. A gRPC call that came by HTTP/2 can succeed by HTTP/2 alone
 * and goes so whatever the backend is declared to speak; every other request goes as declared. Immutable.
 *
 * @param overPlain for requests that came without TLS
 * @param overTls for those that came by TLS; the same where the route does not go by that
 */
record Transports(Declared overPlain, Declared overTls) {

    /**
     * One backend as declared.
     *
     * @param calls for gRPC
     */
    record Declared(Transport others, Transport calls) {}

    static Transports of(Transport declared) {
        Declared both = declared(declared);
        return new Transports(both, both);
    }

    /** Whether only gRPC makes a difference. */
    boolean constant() {
        return overPlain == overTls;
    }

    static Declared declared(Transport transport) {
        Transport calls =
                switch (transport) {
                    case Transport.Plain(Transport.Protocol protocol) ->
                            switch (protocol) {
                                case HTTP1 -> new Transport.Plain(Transport.Protocol.HTTP2);
                                case HTTP2, HTTP2_PREFERRED -> transport;
                            };
                    case Transport.Tls tls ->
                            switch (tls.protocol()) {
                                case HTTP1 ->
                                        new Transport.Tls(
                                                tls.settings(),
                                                tls.serverName(),
                                                tls.identity(),
                                                tls.identityHash(),
                                                Transport.Protocol.HTTP2_PREFERRED);
                                case HTTP2, HTTP2_PREFERRED -> tls;
                            };
                };
        return new Declared(transport, calls);
    }

    Transport of(Request request) {
        Declared declared = request.cameByTls() ? overTls : overPlain;
        return request.isCall() ? declared.calls() : declared.others();
    }
}

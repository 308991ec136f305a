package dev.fairway.contract;

import java.util.List;

/**
 * A place where traffic enters. The process maps the name to a bind address; the public port is
 * what clients see, and what redirects and X-Forwarded-Port say.
 */
public record Listener(String name, int publicPort, Protocol protocol) {

    public static final List<Listener> DEFAULTS =
            List.of(
                    new Listener("http", 80, Protocol.HTTP),
                    new Listener("https", 443, Protocol.HTTPS));

    public Listener {
        Valid.name(name, "listener name");
        Valid.port(publicPort, "publicPort");
    }

    public enum Protocol {
        HTTP,
        HTTPS
    }
}

package dev.fairway.contract;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a route asks for beyond forwarding. Each kind is one record here, one reader in the
 * controller's {@code compile.annotation} and one compiled form in the data plane's {@code policy}.
 *
 * <p>Ids of limiters and affinities are stable, so that their state outlives a snapshot.
 */
public sealed interface Policy {

    /**
     * Redirect plain requests to https.
     *
     * @param status 301, 302, 303, 307 or 308
     * @param exemptPrefixes paths served on http all the same (ACME's HTTP-01)
     * @param dropTrailingSlash strip one trailing slash from the target, as ingress-nginx does
     */
    record HttpsRedirect(int status, List<String> exemptPrefixes, boolean dropTrailingSlash)
            implements Policy {
        public HttpsRedirect {
            Valid.that(
                    status == 301
                            || status == 302
                            || status == 303
                            || status == 307
                            || status == 308,
                    "no redirect status: %d",
                    status);
            exemptPrefixes = List.copyOf(exemptPrefixes);
        }
    }

    /**
     * Answer every request with a redirect, once the gates let it pass.
     *
     * @param status 300 to 308
     * @param location absolute http or https URL, sent as it is
     */
    record Redirect(int status, String location) implements Policy {
        public Redirect {
            Valid.that(status >= 300 && status <= 308, "no redirect status: %d", status);
            Valid.text(location, "location", 2048);
        }
    }

    /**
     * Cross-origin resource sharing (the Fetch standard). A preflight is answered 204 before any
     * gate.
     *
     * @param origins who may read; the answer names the origin that matched
     * @param headersOnEveryResponse send all headers on every matched response, as ingress-nginx
     *     does; else method, header and age lists go on preflights only
     */
    record Cors(
            List<Origin> origins,
            List<String> methods,
            List<String> headers,
            List<String> exposed,
            boolean credentials,
            Duration maxAge,
            boolean headersOnEveryResponse)
            implements Policy {
        public Cors {
            origins = List.copyOf(origins);
            methods = List.copyOf(methods);
            headers = List.copyOf(headers);
            exposed = List.copyOf(exposed);
        }

        /** Who is allowed. */
        public sealed interface Origin {
            record Any() implements Origin {}

            /** A serialised origin, or {@code null}. */
            record Exact(String value) implements Origin {}

            /** {@code scheme://*.suffix[:port]}: one label in place of the star. */
            record Wildcard(String scheme, String suffixWithPort) implements Origin {}
        }
    }

    /**
     * Requests per client address: a leaky bucket without delay, per replica.
     *
     * @param id whose bucket: shared by the paths of one Ingress
     * @param permits how many per unit
     * @param unit second or minute
     * @param burst how many beyond the rate at once
     * @param exempt clients that are never limited
     * @param status what is answered beyond it
     */
    record RateLimit(String id, int permits, Unit unit, int burst, List<Cidr> exempt, int status)
            implements Policy {
        public RateLimit {
            Valid.name(id, "limiter id");
            Valid.that(permits > 0, "permits must be positive: %d", permits);
            Valid.that(burst >= 0, "burst must not be negative: %d", burst);
            Valid.status(status);
            exempt = List.copyOf(exempt);
        }

        public enum Unit {
            SECOND,
            MINUTE
        }
    }

    /** Requests in flight per client address, per replica. */
    record ConnectionLimit(String id, int max, List<Cidr> exempt, int status) implements Policy {
        public ConnectionLimit {
            Valid.name(id, "limiter id");
            Valid.that(max > 0, "max must be positive: %d", max);
            Valid.status(status);
            exempt = List.copyOf(exempt);
        }
    }

    /** Client addresses: deny first, then, when {@code allow} is not empty, only those in it; 403. */
    record AddressRules(List<Cidr> allow, List<Cidr> deny) implements Policy {
        public AddressRules {
            allow = List.copyOf(allow);
            deny = List.copyOf(deny);
        }
    }

    /** RFC 7617; the header is not forwarded. */
    record BasicAuth(String realm, KeyId users) implements Policy {
        public BasicAuth {
            Valid.text(realm, "realm", 256);
        }
    }

    /**
     * Ask another server first: 2xx allows, 401 and 403 deny, everything else is 500.
     *
     * @param url absolute http or https URL
     * @param method the subrequest's method; absent: GET, as nginx's auth_request
     * @param signIn where a 401 is redirected
     * @param redirectParameter which query parameter of {@code signIn} tells the way back
     * @param responseHeaders copied from the answer onto the forwarded request (else removed)
     * @param requestRedirect the value of X-Auth-Request-Redirect; absent: the request target
     */
    record ExternalAuth(
            Template url,
            Optional<String> method,
            Optional<Template> signIn,
            String redirectParameter,
            List<String> responseHeaders,
            Optional<Template> requestRedirect)
            implements Policy {
        public ExternalAuth {
            method.ifPresent(m -> Valid.token(m, "method"));
            Valid.token(redirectParameter, "redirect parameter");
            responseHeaders = List.copyOf(responseHeaders);
            responseHeaders.forEach(name -> Valid.token(name, "response header"));
        }
    }

    /** The address list <em>or</em> an authentication suffices, instead of both. */
    record SatisfyAny() implements Policy {}

    /** The longest request body, in bytes; 413 beyond it. 0: no limit. */
    record BodyLimit(long bytes) implements Policy {
        public BodyLimit {
            Valid.that(bytes >= 0, "bytes must not be negative: %d", bytes);
        }
    }

    /**
     * Replaces the path; the query is kept. Canonical form is checked again afterwards.
     *
     * @param forwardedPrefix sent as X-Forwarded-Prefix in place of the client's; may use captures
     */
    record Rewrite(Template target, Optional<Template> forwardedPrefix) implements Policy {
        public Rewrite(Template target) {
            this(target, Optional.empty());
        }
    }

    /** The Host that the backend is told. What comes out must be a host, with or without a port. */
    record UpstreamHost(Template value) implements Policy {}

    /**
     * Sends some requests to another backend: by header, then cookie, then weight.
     *
     * @param header {@code always} and {@code never} decide, unless a value or pattern is given
     * @param headerValue the one value that chooses the canary
     * @param headerPattern RE2 pattern, unanchored; ignored when a value is given
     * @param cookie {@code always} and {@code never} decide
     * @param weight how many of {@code total} requests
     */
    record Canary(
            BackendId backend,
            Optional<String> header,
            Optional<String> headerValue,
            Optional<String> headerPattern,
            Optional<String> cookie,
            int weight,
            int total)
            implements Policy {
        public Canary {
            header.ifPresent(name -> Valid.token(name, "canary header"));
            cookie.ifPresent(name -> Valid.token(name, "canary cookie"));
            Valid.that(
                    total > 0 && weight >= 0 && weight <= total, "weight %d of %d", weight, total);
        }
    }

    /**
     * Cookie affinity.
     *
     * @param id the affinity's stable identity
     * @param mode what the cookie pins
     * @param cookie the cookie's attributes
     * @param seed signs the cookie
     * @param changeOnFailure a failed attempt picks anew and sets the cookie again
     * @param canarySticky a valid cookie also decides between canary and primary
     * @param keepDraining a session stays with an endpoint that is draining
     */
    record Affinity(
            String id,
            Mode mode,
            Cookie cookie,
            KeyId seed,
            boolean changeOnFailure,
            boolean canarySticky,
            boolean keepDraining)
            implements Policy {
        public Affinity {
            Valid.name(id, "affinity id");
        }

        public enum Mode {
            /** The cookie is a hash key: scaling moves some sessions. */
            BALANCED,
            /** The cookie names the endpoint: scaling moves none. */
            PERSISTENT
        }

        /**
         * RFC 6265.
         *
         * @param path the Path attribute
         * @param secure absent: as the request's scheme
         * @param maxAge seconds; may be negative
         * @param expires seconds from now; may be negative
         */
        public record Cookie(
                String name,
                String path,
                Optional<String> domain,
                Optional<SameSite> sameSite,
                boolean conditionalSameSiteNone,
                Optional<Boolean> secure,
                Optional<Long> maxAge,
                Optional<Long> expires) {
            public Cookie {
                Valid.token(name, "cookie name");
                attribute(path, "cookie path");
                domain.ifPresent(value -> attribute(value, "cookie domain"));
            }

            private static void attribute(String value, String what) {
                Valid.text(value, what, 1024);
                Valid.that(value.indexOf(';') < 0, "%s holds a semicolon", what);
            }
        }

        public enum SameSite {
            STRICT,
            LAX,
            NONE
        }
    }

    /**
     * How an endpoint is chosen when neither affinity nor a hash decides.
     *
     * @param slowStart how long an endpoint that joins others takes less than its share; absent: it
     *     takes all of it at once
     */
    record LoadBalance(Algorithm algorithm, Optional<Duration> slowStart) implements Policy {
        public LoadBalance {
            Valid.that(
                    slowStart.isEmpty() || slowStart.get().isPositive(),
                    "slow start must be positive: %s",
                    slowStart);
        }

        public LoadBalance(Algorithm algorithm) {
            this(algorithm, Optional.empty());
        }

        public enum Algorithm {
            ROUND_ROBIN,
            LEAST_REQUESTS,
            /** Peak-EWMA of two choices. */
            EWMA
        }
    }

    /**
     * Consistent hash over the endpoints.
     *
     * @param subsetSize 0: one endpoint; else a subset of this size, random within
     */
    record HashBy(Template key, int subsetSize) implements Policy {
        public HashBy {
            Valid.that(subsetSize >= 0, "subset size must not be negative: %d", subsetSize);
        }
    }

    /**
     * TLS to the backend.
     *
     * @param identity our certificate and the authorities believed there
     * @param verify check chain and name; an unverifiable peer is 502
     * @param verifyName the name that is checked and sent as SNI; absent: the Service's DNS name
     * @param sendServerName send SNI
     * @param protocols TLSv1.2 and/or TLSv1.3; empty: both
     */
    record UpstreamTls(
            Optional<KeyId> identity,
            boolean verify,
            Optional<String> verifyName,
            boolean sendServerName,
            List<String> protocols)
            implements Policy {
        public UpstreamTls {
            protocols = List.copyOf(protocols);
            verifyName.ifPresent(name -> Valid.name(name, "upstream server name"));
        }
    }

    /**
     * The backend speaks HTTP/2: over TLS where {@link UpstreamTls} asks for that, by prior knowledge
     * otherwise. Without it, HTTP/1.1, but that gRPC always goes by HTTP/2.
     */
    record UpstreamHttp2() implements Policy {}

    /**
     * Requests that came without TLS go to the backend without it, too: {@link UpstreamTls} then says
     * only how the others do.
     */
    record UpstreamSchemeAsRequested() implements Policy {}

    /**
     * When a request goes to another endpoint.
     *
     * @param on what counts as a failure; empty: never retried
     * @param tries attempts in all; 0: no limit but the endpoints' number
     * @param timeout after which no further attempt begins; zero: none
     * @param nonIdempotent also POST, LOCK and PATCH that have been sent
     */
    record Retry(List<On> on, int tries, Duration timeout, boolean nonIdempotent)
            implements Policy {
        public Retry {
            on = List.copyOf(on);
            Valid.that(tries >= 0, "tries must not be negative: %d", tries);
        }

        public enum On {
            ERROR,
            TIMEOUT,
            INVALID_HEADER,
            HTTP_500,
            HTTP_502,
            HTTP_503,
            HTTP_504,
            HTTP_403,
            HTTP_404,
            HTTP_429
        }
    }

    /** Connect; idle between two reads from, and two writes to the backend. */
    record Timeouts(Duration connect, Duration read, Duration send) implements Policy {
        public Timeouts {
            Valid.that(
                    connect.isPositive() && read.isPositive() && send.isPositive(),
                    "timeouts must be positive");
        }
    }

    /**
     * Replace backend responses with these statuses by what a default backend says.
     *
     * @param statuses 400 to 599
     * @param backend asked by GET with X-Code and friends; its own status reaches the client
     */
    record ErrorPages(List<Integer> statuses, BackendId backend) implements Policy {
        public ErrorPages {
            statuses = List.copyOf(statuses);
            statuses.forEach(s -> Valid.that(s >= 400 && s <= 599, "no error status: %d", s));
        }
    }

    /** Where requests go while the route's own backend has no endpoint. */
    record FallbackBackend(BackendId backend) implements Policy {}

    /** RFC 6797; sent over TLS only. */
    record Hsts(Duration maxAge, boolean includeSubDomains, boolean preload) implements Policy {}

    /** The forwarded path keeps repeated slashes (compatibility mode). */
    record KeepRepeatedSlashes() implements Policy {}
}

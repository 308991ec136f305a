package dev.fairway.dataplane.balance;

import dev.fairway.contract.Policy.Affinity;
import dev.fairway.dataplane.message.Request;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Cookie affinity of one route to one backend. The cookie's value has two parts:
 *
 * <pre>
 * PERSISTENT  backend tag . endpoint name     both sealed
 * BALANCED    nonce       . seal over it      the nonce is the hash key
 * </pre>
 *
 * A value that is not ours, or names an endpoint that left, counts as none: the request is balanced
 * and gets a new cookie. Immutable but for a cache of endpoint names; any thread.
 */
public final class StickySessions {
    /** As ingress-nginx: with two endpoints of which one failed, 20 draws miss once in a million. */
    private static final int DRAWS = 20;

    private final Affinity affinity;
    private final Backend backend;
    private final Selection fresh;
    private final Chance chance;
    private final LongSupplier wallMillis;
    private final CookieSeal endpoints;
    private final CookieSeal sealedSessions;
    private final SessionCookie cookie;
    private final String tag;

    /** Sealed names of one published set; replaced as one when the set changes. */
    private volatile Names names = new Names(null, Map.of());

    private record Names(Backend.@Nullable Members of, Map<String, Endpoint> byName) {}

    /** A choice made for a request without a usable cookie; null value: set none. */
    record Fresh(@Nullable Endpoint endpoint, @Nullable String value) {}

    /**
     * @param fresh chooses for those who have no session yet
     * @param wallMillis wall clock, for Expires
     */
    public StickySessions(
            Affinity affinity,
            byte[] seed,
            Backend backend,
            Selection fresh,
            Chance chance,
            LongSupplier wallMillis) {
        this.affinity = affinity;
        this.backend = backend;
        this.fresh = fresh;
        this.chance = chance;
        this.wallMillis = wallMillis;
        this.cookie = new SessionCookie(affinity.cookie());
        CookieSeal seal = new CookieSeal(seed);
        String whose = backend.id().toString();
        this.tag = seal.name(8, "backend", affinity.id(), whose);
        this.endpoints = seal.under("endpoint", affinity.id(), whose);
        this.sealedSessions = seal.under("session", affinity.id(), whose);
    }

    /** Whether the request has a session with this backend, be its endpoint there or not. */
    public boolean owns(Request request) {
        String value = request.cookie(cookie.name());
        return value != null && session(value) != null;
    }

    /** For one request. */
    public Selection select(Request request) {
        String value = request.cookie(cookie.name());
        return new StickySession(this, value == null ? null : session(value));
    }

    boolean changeOnFailure() {
        return affinity.changeOnFailure();
    }

    String setCookie(String value, Request request) {
        return cookie.line(value, request, wallMillis.getAsLong());
    }

    /** The session part of a value that was sealed for this backend. */
    private @Nullable String session(String value) {
        int dot = value.indexOf('.');
        if (dot < 0) {
            return null;
        }
        String first = value.substring(0, dot);
        String second = value.substring(dot + 1);
        return switch (affinity.mode()) {
            case PERSISTENT -> CookieSeal.same(tag, first) ? second : null;
            case BALANCED -> CookieSeal.same(sealed(first), second) ? first : null;
        };
    }

    /** The endpoint of a session; null when it left or may not be used any more. */
    @Nullable Endpoint pinned(String session) {
        Backend.Members members = backend.members();
        return switch (affinity.mode()) {
            case PERSISTENT -> {
                Endpoint endpoint = names(members).get(session);
                yield endpoint != null && mayStay(endpoint, members) ? endpoint : null;
            }
            case BALANCED -> heaviest(session, circle(members));
        };
    }

    Fresh begin(Tried tried) {
        return switch (affinity.mode()) {
            case PERSISTENT -> {
                Endpoint endpoint = fresh.pick(tried);
                yield new Fresh(endpoint, endpoint == null ? null : tag + "." + nameOf(endpoint));
            }
            case BALANCED -> draw(tried);
        };
    }

    private Fresh draw(Tried tried) {
        Backend.Members members = backend.members();
        Endpoint[] circle = circle(members);
        for (int i = 0; i < DRAWS; i++) {
            String nonce = nonce();
            Endpoint endpoint = heaviest(nonce, circle);
            if (endpoint != null
                    && takesNew(endpoint, members)
                    && Eligible.HEALTHY.allows(endpoint, tried)) {
                return new Fresh(endpoint, nonce + "." + sealed(nonce));
            }
        }
        return new Fresh(fresh.pick(tried), null); // no session: the next request draws again
    }

    /** Over which endpoints sessions are hashed: a draining one keeps its own where that is asked. */
    private Endpoint[] circle(Backend.Members members) {
        return affinity.keepDraining() ? members.all() : members.pool();
    }

    private boolean mayStay(Endpoint endpoint, Backend.Members members) {
        return switch (endpoint.state()) {
            case READY -> true;
            case DRAINING -> affinity.keepDraining() || takesNew(endpoint, members);
            case GONE -> false;
        };
    }

    /** Ready, or draining while nobody is ready. */
    private static boolean takesNew(Endpoint endpoint, Backend.Members members) {
        return endpoint.state() == Endpoint.State.READY || members.pool() == members.all();
    }

    private static @Nullable Endpoint heaviest(String nonce, Endpoint[] circle) {
        long key = Rendezvous.hash(nonce);
        Endpoint best = null;
        for (Endpoint endpoint : circle) {
            if (endpoint.state() != Endpoint.State.GONE
                    && (best == null
                            || Rendezvous.weight(key, endpoint) > Rendezvous.weight(key, best))) {
                best = endpoint;
            }
        }
        return best;
    }

    private Map<String, Endpoint> names(Backend.Members members) {
        Names known = names;
        if (known.of != members) {
            Map<String, Endpoint> byName = HashMap.newHashMap(members.all().length);
            for (Endpoint endpoint : members.all()) {
                byName.put(nameOf(endpoint), endpoint);
            }
            known = new Names(members, byName);
            names = known;
        }
        return known.byName;
    }

    private String nameOf(Endpoint endpoint) {
        return endpoints.name(16, endpoint.toString());
    }

    private String sealed(String nonce) {
        return sealedSessions.name(16, nonce);
    }

    /** Unique, not secret: the seal is what cannot be guessed. */
    private String nonce() {
        ByteBuffer bytes = ByteBuffer.allocate(12);
        for (int i = 0; i < 6; i++) {
            bytes.putShort((short) chance.below(1 << 16));
        }
        return CookieSeal.encode(bytes.array());
    }
}

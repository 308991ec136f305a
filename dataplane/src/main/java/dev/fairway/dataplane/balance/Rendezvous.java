package dev.fairway.dataplane.balance;

/**
 * Highest-random-weight hashing: the endpoint with the highest mix of key and own hash has the key.
 * A joining endpoint takes exactly its share and nothing else moves, without a ring to build and
 * keep for each backend; a choice costs one multiplication chain for each endpoint.
 */
final class Rendezvous {
    private Rendezvous() {}

    /** FNV-1a over the characters, then mixed. */
    static long hash(String text) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        return mix(hash);
    }

    static long weight(long key, Endpoint endpoint) {
        return mix(key ^ endpoint.hash());
    }

    /** The finaliser of SplitMix64. */
    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}

package dev.fairway.dataplane.policy;

/**
 * Whom a limit counts. An IPv6 client is its /64: a single host is handed that many addresses, and
 * counting each would be no limit at all (attack ledger F6). nginx counts single addresses.
 *
 * @param limiter the limiter's stable id, so that state outlives generations
 */
record ClientKey(String limiter, boolean v6, long network) {
    static ClientKey of(String limiter, byte[] address) {
        boolean v6 = address.length == 16;
        return new ClientKey(limiter, v6, AddressSet.word(address, 0, v6 ? 8 : 4));
    }
}

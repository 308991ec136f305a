package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Cidr;
import dev.fairway.contract.Settings.Forwarding;
import java.util.List;

/**
 * Whose forwarded headers are believed, compiled from the settings: the contract's ranges are text,
 * which is nothing to parse per request. Immutable.
 */
final class TrustedPeers {
    private final Forwarding forwarding;
    private final byte[][] ranges;
    private final int[] prefixes;

    TrustedPeers(Forwarding forwarding) {
        this.forwarding = forwarding;
        List<Cidr> trusted = forwarding.trusted();
        ranges = new byte[trusted.size()][];
        prefixes = new int[trusted.size()];
        for (int i = 0; i < ranges.length; i++) {
            ranges[i] = trusted.get(i).bytes();
            prefixes[i] = trusted.get(i).prefix();
        }
    }

    Forwarding forwarding() {
        return forwarding;
    }

    boolean isEmpty() {
        return ranges.length == 0;
    }

    /**
     * @param address 4 or 16 bytes, never IPv4-mapped
     */
    boolean contains(byte[] address) {
        for (int i = 0; i < ranges.length; i++) {
            if (matches(ranges[i], prefixes[i], address)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(byte[] range, int prefix, byte[] address) {
        if (range.length != address.length) {
            return false;
        }
        int whole = prefix / 8;
        for (int i = 0; i < whole; i++) {
            if (range[i] != address[i]) {
                return false;
            }
        }
        int rest = prefix % 8;
        return rest == 0 || ((range[whole] ^ address[whole]) & (0xff00 >> rest) & 0xff) == 0;
    }
}

package dev.fairway.contract;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * An address range. IPv4-mapped IPv6 addresses are IPv4 ones; host bits are cleared, so that equal
 * ranges have equal text.
 *
 * @param address the first address of the range, a literal
 * @param prefix how many leading bits count
 */
public record Cidr(String address, int prefix) implements Comparable<Cidr> {

    public Cidr {
        byte[] bytes = literal(address);
        Valid.that(
                prefix >= 0 && prefix <= bytes.length * 8,
                "prefix length out of range: %d",
                prefix);
        for (int bit = prefix; bit < bytes.length * 8; bit++) {
            bytes[bit / 8] &= (byte) ~(0x80 >> (bit % 8));
        }
        address = text(bytes);
    }

    /**
     * Reads {@code ADDRESS} or {@code ADDRESS/PREFIX}.
     *
     * @throws IllegalArgumentException when the text is neither
     */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return new Cidr(text, literal(text).length * 8);
        }
        String digits = text.substring(slash + 1);
        Valid.that(
                !digits.isEmpty()
                        && digits.length() <= 3
                        && digits.chars().allMatch(c -> c >= '0' && c <= '9'),
                "no prefix length: %s",
                digits);
        String address = text.substring(0, slash);
        int prefix = Integer.parseInt(digits);
        boolean mapped = address.indexOf(':') >= 0 && literal(address).length == 4;
        Valid.that(!mapped || prefix >= 96, "prefix length out of range: %s", digits);
        return new Cidr(address, mapped ? prefix - 96 : prefix);
    }

    /** The range's first address, 4 or 16 bytes; a new array. */
    public byte[] bytes() {
        return literal(address);
    }

    public boolean contains(byte[] candidate) {
        byte[] own = bytes();
        byte[] other = unmapped(candidate);
        if (own.length != other.length) {
            return false;
        }
        int whole = prefix / 8;
        if (!Arrays.equals(own, 0, whole, other, 0, whole)) {
            return false;
        }
        int rest = prefix % 8;
        return rest == 0 || ((own[whole] ^ other[whole]) & (0xff00 >> rest) & 0xff) == 0;
    }

    @Override
    public int compareTo(Cidr other) {
        int byAddress = Arrays.compareUnsigned(bytes(), other.bytes());
        return byAddress != 0 ? byAddress : Integer.compare(prefix, other.prefix);
    }

    @Override
    public String toString() {
        return address + "/" + prefix;
    }

    /** IPv4 for an IPv4-mapped address, else the same array. */
    public static byte[] unmapped(byte[] address) {
        if (address.length != 16) {
            return address;
        }
        for (int i = 0; i < 10; i++) {
            if (address[i] != 0) {
                return address;
            }
        }
        return address[10] == -1 && address[11] == -1
                ? Arrays.copyOfRange(address, 12, 16)
                : address;
    }

    private static byte[] literal(String text) {
        boolean v6 = text.indexOf(':') >= 0;
        Valid.that(
                v6 ? text.chars().allMatch(Cidr::inV6) : dotted(text),
                "no IP address: %s",
                text.length() > 64 ? text.substring(0, 64) : text);
        try {
            // A literal, as checked above: no name is looked up.
            return unmapped(InetAddress.getByName(v6 ? "[" + text + "]" : text).getAddress());
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("no IP address: " + text, e);
        }
    }

    private static boolean inV6(int c) {
        return c == ':'
                || c == '.'
                || (c >= '0' && c <= '9')
                || (c >= 'a' && c <= 'f')
                || (c >= 'A' && c <= 'F');
    }

    private static boolean dotted(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return false;
        }
        for (String part : parts) {
            boolean digits =
                    !part.isEmpty()
                            && part.length() <= 3
                            && part.chars().allMatch(c -> c >= '0' && c <= '9');
            if (!digits
                    || Integer.parseInt(part) > 255
                    || (part.length() > 1 && part.charAt(0) == '0')) {
                return false;
            }
        }
        return true;
    }

    private static String text(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("no IP address", e);
        }
    }
}

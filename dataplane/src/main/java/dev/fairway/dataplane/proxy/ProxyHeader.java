package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Cidr;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * What a load balancer says of its client before the first byte of the client's own: the PROXY
 * protocol, versions 1 and 2 (HAProxy's {@code proxy-protocol.txt}). Read strictly: what is not one is
 * refused, since its bytes would be taken for a request (attack ledger D13).
 */
sealed interface ProxyHeader {

    /** All of a header, extensions included; real ones are below 600 bytes. */
    int MAX_BYTES = 4096;

    /** A line of version 1 with its CR LF: what two longest addresses and ports come to. */
    int MAX_LINE = 107;

    /** More bytes are needed. */
    record Incomplete() implements ProxyHeader {}

    record Malformed() implements ProxyHeader {}

    /**
     * The balancer speaks for itself (LOCAL, a health check) or does not say for whom (UNKNOWN, a
     * family that is no IP over TCP): the connection's own addresses hold.
     *
     * @param size bytes of the header
     */
    record Own(int size) implements ProxyHeader {}

    /**
     * @param size bytes of the header
     * @param source the client's address, 4 or 16 bytes, never IPv4-mapped
     * @param destinationPort the one the client connected to
     */
    record Client(int size, byte[] source, int destinationPort) implements ProxyHeader {}

    ProxyHeader INCOMPLETE = new Incomplete();
    ProxyHeader MALFORMED = new Malformed();

    /**
     * Reads the beginning of a connection.
     *
     * @param bytes what has come, from its first byte
     * @param length how much of the array that is
     */
    static ProxyHeader read(byte[] bytes, int length) {
        if (length == 0) {
            return INCOMPLETE;
        }
        return bytes[0] == 'P' ? Line.read(bytes, length) : Binary.read(bytes, length);
    }

    /** Version 1: {@code PROXY TCP4 192.0.2.1 198.51.100.1 56324 443 CR LF}. */
    final class Line {
        private static final byte[] START = "PROXY ".getBytes(StandardCharsets.US_ASCII);

        private Line() {}

        static ProxyHeader read(byte[] bytes, int length) {
            if (!begins(bytes, length, START)) {
                return MALFORMED;
            }
            int within = Math.min(length, MAX_LINE);
            for (int i = START.length; i < within; i++) {
                if (bytes[i] == '\r') {
                    if (i + 1 == within) {
                        return i + 1 == MAX_LINE ? MALFORMED : INCOMPLETE;
                    }
                    return bytes[i + 1] == '\n' ? line(bytes, i) : MALFORMED;
                }
                if (bytes[i] < ' ' || bytes[i] > '~') {
                    return MALFORMED;
                }
            }
            return length < MAX_LINE ? INCOMPLETE : MALFORMED;
        }

        private static ProxyHeader line(byte[] bytes, int end) {
            String text =
                    new String(bytes, START.length, end - START.length, StandardCharsets.US_ASCII);
            int size = end + 2;
            if (text.equals("UNKNOWN") || text.startsWith("UNKNOWN ")) {
                return new Own(size);
            }
            String[] words = text.split(" ", -1);
            boolean six = words[0].equals("TCP6");
            if (words.length != 5 || (!six && !words[0].equals("TCP4"))) {
                return MALFORMED;
            }
            int from = port(words[3]);
            int to = port(words[4]);
            if (from < 0 || to < 0) {
                return MALFORMED;
            }
            try {
                address(words[2], six);
                return new Client(size, address(words[1], six), to);
            } catch (IllegalArgumentException e) {
                return MALFORMED;
            }
        }

        private static byte[] address(String text, boolean six) {
            if (text.indexOf(':') >= 0 != six || text.indexOf('/') >= 0) {
                throw new IllegalArgumentException("not of its family");
            }
            return Cidr.parse(text).bytes();
        }

        /** -1: none. */
        private static int port(String text) {
            int port = 0;
            for (int i = 0; i < text.length(); i++) {
                int digit = text.charAt(i) - '0';
                if (digit < 0 || digit > 9 || (port == 0 && i > 0)) {
                    return -1;
                }
                port = port * 10 + digit;
                if (port > 65_535) {
                    return -1;
                }
            }
            return text.isEmpty() ? -1 : port;
        }
    }

    /** Version 2: a signature, command, family, length, addresses, extensions. */
    final class Binary {
        private static final byte[] SIGNATURE = {
            '\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'
        };
        private static final int FIXED = 16;
        private static final int LOCAL = 0x20;
        private static final int PROXY = 0x21;
        private static final int CHECKSUM = 3;

        private Binary() {}

        static ProxyHeader read(byte[] bytes, int length) {
            if (!begins(bytes, length, SIGNATURE)) {
                return MALFORMED;
            }
            if (length < FIXED) {
                return INCOMPLETE;
            }
            int command = bytes[12] & 0xff;
            int family = bytes[13] & 0xff;
            int size = FIXED + number(bytes, 14);
            int addresses = addresses(family);
            if ((command != LOCAL && command != PROXY) || size > MAX_BYTES) {
                return MALFORMED;
            }
            if (command == PROXY && (addresses < 0 || size < FIXED + addresses)) {
                return MALFORMED;
            }
            if (length < size) {
                return INCOMPLETE;
            }
            if (command == LOCAL) {
                return new Own(size);
            }
            if (!extensions(bytes, FIXED + addresses, size)) {
                return MALFORMED;
            }
            return switch (family) {
                case 0x11 -> client(bytes, size, 4);
                case 0x21 -> client(bytes, size, 16);
                default -> new Own(size);
            };
        }

        /** Bytes of both addresses and ports; -1: no such family. */
        private static int addresses(int family) {
            return switch (family) {
                case 0x00 -> 0;
                case 0x11, 0x12 -> 12;
                case 0x21, 0x22 -> 36;
                case 0x31, 0x32 -> 216;
                default -> -1;
            };
        }

        private static ProxyHeader client(byte[] bytes, int size, int width) {
            byte[] source = Arrays.copyOfRange(bytes, FIXED, FIXED + width);
            int port = number(bytes, FIXED + 2 * width + 2);
            return new Client(size, Cidr.unmapped(source), port);
        }

        /** Passes over them by their lengths; one that reaches beyond the header breaks it. */
        private static boolean extensions(byte[] bytes, int from, int to) {
            int at = from;
            while (at + 3 <= to) {
                int next = at + 3 + number(bytes, at + 1);
                if (next > to || (bytes[at] == CHECKSUM && !checked(bytes, at + 3, next, to))) {
                    return false;
                }
                at = next;
            }
            return true;
        }

        /** CRC32c of the whole header, its own four bytes taken for zero. */
        private static boolean checked(byte[] bytes, int from, int to, int size) {
            if (to - from != 4) {
                return false;
            }
            CRC32C sum = new CRC32C();
            sum.update(bytes, 0, from);
            sum.update(new byte[4], 0, 4);
            sum.update(bytes, to, size - to);
            int said = number(bytes, from) << 16 | number(bytes, from + 2);
            return (int) sum.getValue() == said;
        }

        private static int number(byte[] bytes, int at) {
            return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
        }
    }

    /** Whether what there is of it agrees with {@code start}. */
    private static boolean begins(byte[] bytes, int length, byte[] start) {
        int within = Math.min(length, start.length);
        return Arrays.equals(bytes, 0, within, start, 0, within);
    }
}

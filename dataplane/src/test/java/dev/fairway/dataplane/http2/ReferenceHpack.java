package dev.fairway.dataplane.http2;

import dev.fairway.dataplane.message.Header;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * RFC 7541 on lists and strings. Borrows the static table's lines and the Huffman code, which have
 * tests of their own.
 */
final class ReferenceHpack {
    private final List<Header> table = new ArrayList<>();
    private int limit = 4096;
    private byte[] block = new byte[0];
    private int at;

    /** Null: COMPRESSION_ERROR. */
    @Nullable List<Header> decode(byte[] bytes) {
        block = bytes;
        at = 0;
        try {
            return fields();
        } catch (Broken e) {
            return null;
        }
    }

    private static final class Broken extends Exception {}

    private List<Header> fields() throws Broken {
        List<Header> fields = new ArrayList<>();
        while (at < block.length) {
            int first = block[at] & 255;
            if (first >= 128) {
                fields.add(entry(integer(7)));
            } else if (first >= 64) {
                Header field = literal(6);
                fields.add(field);
                table.addFirst(field);
                evict();
            } else if (first >= 32) {
                int size = integer(5);
                if (!fields.isEmpty() || size > 4096) {
                    throw new Broken();
                }
                limit = size;
                evict();
            } else {
                fields.add(literal(4));
            }
        }
        return fields;
    }

    private void evict() {
        while (size() > limit) {
            table.removeLast();
        }
    }

    private int size() {
        return table.stream().mapToInt(f -> f.name().length() + f.value().length() + 32).sum();
    }

    private Header entry(int index) throws Broken {
        if (index == 0 || index > 61 + table.size()) {
            throw new Broken();
        }
        if (index > 61) {
            return table.get(index - 62);
        }
        String line = new String(StaticTable.LINES[index], StandardCharsets.ISO_8859_1);
        int name = StaticTable.NAME_LENGTHS[index];
        return new Header(line.substring(0, name), line.substring(name + 2, line.length() - 2));
    }

    private Header literal(int prefix) throws Broken {
        int index = integer(prefix);
        String name = index == 0 ? string() : entry(index).name();
        return new Header(name, string());
    }

    private int integer(int prefix) throws Broken {
        int max = (1 << prefix) - 1;
        long value = block[at++] & max;
        if (value < max) {
            return (int) value;
        }
        for (int octets = 0; octets < 4 && at < block.length; octets++) {
            int octet = block[at++] & 255;
            value += (long) (octet & 127) << 7 * octets;
            if (octet < 128) {
                return (int) value;
            }
        }
        throw new Broken();
    }

    private String string() throws Broken {
        if (at >= block.length) {
            throw new Broken();
        }
        boolean coded = block[at] < 0;
        int size = integer(7);
        if (size > block.length - at) {
            throw new Broken();
        }
        int from = at;
        at += size;
        if (!coded) {
            return new String(block, from, size, StandardCharsets.ISO_8859_1);
        }
        byte[] out = new byte[Huffman.bound(size) + 4];
        int end = Huffman.decode(block, from, at, out, 0);
        if (end < 0) {
            throw new Broken();
        }
        return new String(out, 0, end, StandardCharsets.ISO_8859_1);
    }
}

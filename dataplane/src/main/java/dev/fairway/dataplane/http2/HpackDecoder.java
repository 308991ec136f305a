package dev.fairway.dataplane.http2;

/**
 * Decodes header blocks (RFC 7541). Each table entry carries its line as HTTP/1 has it and what is to
 * be said about it, so that a field the peer repeats is one copy into the message's head. What a {@link
 * FieldBlock} has no room for is dropped there; the table stays in step whatever happens.
 *
 * <p>One per connection; owned by its event loop.
 */
public final class HpackDecoder {
    private final HeaderTable table = new HeaderTable();

    // Where the integer or string just read ends.
    private int at;

    /**
     * Decodes a whole block into {@code out}, which its message has begun.
     *
     * @return false: COMPRESSION_ERROR, the connection can't go on
     */
    public boolean decode(byte[] block, int from, int to, FieldBlock out) {
        boolean fieldSeen = false;
        at = from;
        while (at < to) {
            int first = block[at];
            if (first < 0) {
                int index = integer(block, to, 7);
                if (!indexed(index, out)) {
                    return false;
                }
            } else if ((first & 0x40) != 0) {
                if (!literal(block, to, 6, true, out)) {
                    return false;
                }
            } else if ((first & 0x20) != 0) {
                int limit = integer(block, to, 5);
                if (fieldSeen || limit < 0 || limit > Http2.TABLE_BYTES) {
                    return false;
                }
                table.limit(limit);
                continue;
            } else if (!literal(block, to, 4, false, out)) {
                return false;
            }
            fieldSeen = true;
        }
        return true;
    }

    private boolean indexed(int index, FieldBlock out) {
        if (index > StaticTable.SIZE) {
            int entry = entry(index);
            if (entry < 0) {
                return false;
            }
            out.field(
                    table.bytes(),
                    table.start(entry),
                    table.end(entry),
                    table.nameLength(entry),
                    table.note(entry));
            return true;
        }
        if (index <= 0) {
            return false;
        }
        byte[] line = StaticTable.LINES[index];
        out.field(line, 0, line.length, StaticTable.NAME_LENGTHS[index], StaticTable.KINDS[index]);
        return true;
    }

    /** Which entry of the dynamic table an index means; -1: none. */
    private int entry(int index) {
        int back = index - StaticTable.SIZE;
        return back <= table.count() ? table.added() - back : -1;
    }

    private boolean literal(byte[] block, int to, int prefix, boolean indexing, FieldBlock out) {
        int index = integer(block, to, prefix);
        if (index < 0) {
            return false;
        }
        int nameLength;
        byte[] line;
        if (index == 0) {
            nameLength = string(block, to, 0, out);
            line = out.line();
        } else if (index <= StaticTable.SIZE) {
            nameLength = StaticTable.NAME_LENGTHS[index];
            line = out.line(nameLength + 4, 0);
            System.arraycopy(StaticTable.LINES[index], 0, line, 0, nameLength);
        } else {
            int entry = entry(index);
            if (entry < 0) {
                return false;
            }
            nameLength = table.nameLength(entry);
            line = out.line(nameLength + 4, 0);
            System.arraycopy(table.bytes(), table.start(entry), line, 0, nameLength);
        }
        if (nameLength < 0) {
            return false;
        }
        line[nameLength] = ':';
        line[nameLength + 1] = ' ';
        int end = string(block, to, nameLength + 2, out);
        if (end < 0) {
            return false;
        }
        line = out.line();
        line[end] = '\r';
        line[end + 1] = '\n';
        end += 2;
        int kind = FieldKind.of(line, 0, nameLength, end);
        if (indexing) {
            int charge = end - 4 + HeaderTable.ENTRY_OVERHEAD;
            table.add(line, 0, end, nameLength, charge, kind);
        }
        out.field(line, 0, end, nameLength, kind);
        return true;
    }

    /** An integer at {@link #at}, which moves behind it; -1: cut off, or beyond any use. */
    private int integer(byte[] block, int to, int prefix) {
        int max = (1 << prefix) - 1;
        int value = block[at++] & max;
        if (value < max) {
            return value;
        }
        for (int shift = 0; shift <= 21 && at < to; shift += 7) {
            int b = block[at++];
            value += (b & 127) << shift;
            if (b >= 0) {
                return value;
            }
        }
        return -1;
    }

    /** A string at {@link #at}, written to the block's line from {@code into} on; its end there, or -1. */
    private int string(byte[] block, int to, int into, FieldBlock out) {
        if (at >= to) {
            return -1;
        }
        boolean coded = block[at] < 0;
        int size = integer(block, to, 7);
        if (size < 0 || size > to - at) {
            return -1;
        }
        int from = at;
        at += size;
        if (coded) {
            byte[] line = out.line(into + Huffman.bound(size) + 4, into);
            return Huffman.decode(block, from, at, line, into);
        }
        byte[] line = out.line(into + size + 4, into);
        System.arraycopy(block, from, line, into, size);
        return into + size;
    }
}

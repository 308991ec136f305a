package dev.fairway.dataplane.http1;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message head: its bytes as received, and where its fields are. The bytes are copied once from
 * the receive buffer, so that a head never pins one. Reused: {@link #clear} makes it new.
 *
 * <p>Owned by one event loop.
 */
public abstract sealed class Head permits RequestHead, ResponseHead, Trailers {
    private static final int INITIAL_BYTES = 2048;
    private static final int INITIAL_FIELDS = 32;

    /** Line start, name end, value start, value end, {@link FieldName} ordinal. */
    private static final int STRIDE = 5;

    private byte[] bytes = new byte[INITIAL_BYTES];
    private int[] fields = new int[INITIAL_FIELDS * STRIDE];
    private int length;
    private int count;
    private int firstField;
    private boolean complete;

    /** The bits of the names that occur, by ordinal, and perhaps of some that no longer do. */
    private long names;

    private boolean underscores;

    // HeadScanner's place in the bytes
    int lineStart;
    int looked;
    int emptyLines;
    boolean started;

    /** Takes the start line, which is free of controls. */
    abstract @Nullable Fault startLine(int from, int to);

    /** What is wrong with a line of {@code lineBytes} or more, before or after the start line. */
    abstract Fault lineTooLong();

    abstract int emptyLinesAllowed();

    public void clear() {
        if (bytes.length > INITIAL_BYTES * 4) {
            bytes = new byte[INITIAL_BYTES];
        }
        length = 0;
        count = 0;
        complete = false;
        names = 0;
        underscores = false;
        lineStart = 0;
        looked = 0;
        emptyLines = 0;
        started = false;
    }

    void append(ByteBuf in, int size) {
        room(size);
        in.readBytes(bytes, length, size);
        length += size;
    }

    // What a head is put together by that did not come as HTTP/1.

    /**
     * Appends what is no field line; before the first one.
     *
     * @return where it begins
     */
    public int part(byte[] from, int start, int end) {
        int at = length;
        append(from, start, end);
        return at;
    }

    /** Appends a field line, CR LF included, that was found valid. */
    public void line(byte[] from, int start, int end, int nameLength, FieldName name) {
        lineStart = length;
        append(from, start, end);
        int nameEnd = lineStart + nameLength;
        underscores = true; // not looked for where names are validated once for many heads
        add(nameEnd, nameEnd + 2, length - 2, name);
    }

    /** Appends {@code ; } and a value that was found valid to field {@code i}: a cookie's next crumb. */
    public void extend(int i, byte[] from, int start, int end) {
        int at = valueEnd(i);
        int size = end - start + 2;
        room(size);
        System.arraycopy(bytes, at, bytes, at + size, length - at);
        bytes[at] = ';';
        bytes[at + 1] = ' ';
        System.arraycopy(from, start, bytes, at + 2, end - start);
        length += size;
        fields[i * STRIDE + 3] += size;
        for (int field = (i + 1) * STRIDE; field < count * STRIDE; field += STRIDE) {
            for (int k = 0; k < 4; k++) {
                fields[field + k] += size;
            }
        }
    }

    /** Ends it with the empty line. */
    public void end() {
        room(2);
        bytes[length++] = '\r';
        bytes[length++] = '\n';
        complete = true;
    }

    /** Takes the empty line away again: more lines follow. */
    void reopen() {
        length -= 2;
        complete = false;
    }

    private void append(byte[] from, int start, int end) {
        room(end - start);
        System.arraycopy(from, start, bytes, length, end - start);
        length += end - start;
    }

    private void room(int size) {
        if (length + size > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + size, bytes.length * 2));
        }
    }

    void fieldsBegin(int at) {
        started = true;
        firstField = at;
    }

    void add(int nameEnd, int valueStart, int valueEnd, FieldName name) {
        int at = count++ * STRIDE;
        if (at == fields.length) {
            fields = Arrays.copyOf(fields, at * 2);
        }
        fields[at] = lineStart;
        fields[at + 1] = nameEnd;
        fields[at + 2] = valueStart;
        fields[at + 3] = valueEnd;
        fields[at + 4] = name.ordinal();
        names |= 1L << name.ordinal();
    }

    /** The next field's name may have one. */
    void underscoreSuspected() {
        underscores = true;
    }

    boolean mayHaveUnderscores() {
        return underscores;
    }

    void copyFrom(Head other) {
        bytes = Arrays.copyOf(other.bytes, other.length);
        fields = Arrays.copyOf(other.fields, other.count * STRIDE);
        length = other.length;
        count = other.count;
        complete = other.complete;
        names = other.names;
        underscores = other.underscores;
    }

    /** Ends the head at {@code end}; what was appended beyond belongs to the body. */
    int complete(int end) {
        complete = true;
        int beyond = length - end;
        length = end;
        return beyond;
    }

    public boolean complete() {
        return complete;
    }

    /** How many bytes have come. */
    public int length() {
        return length;
    }

    public byte[] bytes() {
        return bytes;
    }

    /** How many field lines. */
    public int count() {
        return count;
    }

    /** Where field {@code i}'s line begins; it ends, CR LF included, where the next one begins. */
    public int lineStart(int i) {
        return i < count ? fields[i * STRIDE] : length - 2;
    }

    public FieldName name(int i) {
        return FieldName.at(fields[i * STRIDE + 4]);
    }

    void rename(int i, FieldName name) {
        fields[i * STRIDE + 4] = name.ordinal();
        names |= 1L << name.ordinal();
    }

    int nameStart(int i) {
        return fields[i * STRIDE];
    }

    int nameEnd(int i) {
        return fields[i * STRIDE + 1];
    }

    public int valueStart(int i) {
        return fields[i * STRIDE + 2];
    }

    public int valueEnd(int i) {
        return fields[i * STRIDE + 3];
    }

    int firstField() {
        return firstField;
    }

    /** The first field of this name; -1 when there is none. */
    public int find(FieldName name) {
        return find(name, 0);
    }

    int find(FieldName name, int from) {
        if ((names & 1L << name.ordinal()) == 0) {
            return -1;
        }
        for (int i = from; i < count; i++) {
            if (fields[i * STRIDE + 4] == name.ordinal()) {
                return i;
            }
        }
        return -1;
    }

    int find(String lowerCaseName, int from) {
        for (int i = from; i < count; i++) {
            if (Ascii.equalsIgnoreCase(bytes, nameStart(i), nameEnd(i), lowerCaseName)
                    && name(i) != FieldName.DROPPED) {
                return i;
            }
        }
        return -1;
    }

    public boolean nameIs(int i, String lowerCaseName) {
        return Ascii.equalsIgnoreCase(bytes, nameStart(i), nameEnd(i), lowerCaseName);
    }

    public boolean valueIs(int i, String lowerCaseValue) {
        return Ascii.equalsIgnoreCase(bytes, valueStart(i), valueEnd(i), lowerCaseValue);
    }

    boolean valueBegins(int i, String lowerCase) {
        int from = valueStart(i);
        return valueEnd(i) - from >= lowerCase.length()
                && Ascii.equalsIgnoreCase(bytes, from, from + lowerCase.length(), lowerCase);
    }

    public String value(int i) {
        return text(valueStart(i), valueEnd(i));
    }

    public @Nullable String header(String lowerCaseName) {
        int i = find(lowerCaseName, 0);
        return i < 0 ? null : value(i);
    }

    public List<String> headers(String lowerCaseName) {
        int i = find(lowerCaseName, 0);
        if (i < 0) {
            return List.of();
        }
        List<String> values = new ArrayList<>(2);
        for (; i >= 0; i = find(lowerCaseName, i + 1)) {
            values.add(value(i));
        }
        return values;
    }

    String text(int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }
}

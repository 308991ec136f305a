package dev.fairway.contract.codec;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A document in content-addressed pieces. Cuts depend on content (after a line whose hash says so),
 * not on position: a change moves no cut but those beside it, and an endpoint change rewrites one
 * small chunk. Thread-safe.
 */
public final class Chunks {
    private Chunks() {}

    /** Below this no cut: a small cluster has one chunk a document. */
    private static final int MIN_BYTES = 16 << 10;

    /** One line in so many ends a chunk. */
    private static final int LINES_MASK = 31;

    /**
     * @param hash SHA-256 of the bytes, in hex
     */
    public record Chunk(String hash, byte[] bytes) {}

    /** A document's description and its chunks, in order. */
    public record Cut(Manifest.Document document, List<Chunk> chunks) {}

    public static Cut cut(byte[] document) {
        List<Chunk> chunks = new ArrayList<>();
        int start = 0;
        int line = 0;
        for (int at = 0; at < document.length; at++) {
            // ConfigMaps hold text: no cut within a character (UTF-8: at most 4 bytes)
            boolean full = at + 1 - start >= Limits.CHUNK_BYTES - 3 && !continues(document, at + 1);
            boolean end = document[at] == '\n';
            if (full || (end && at + 1 - start >= MIN_BYTES && ends(document, line, at))) {
                chunks.add(chunk(document, start, at + 1));
                start = at + 1;
            }
            if (end) {
                line = at + 1;
            }
        }
        if (start < document.length) {
            chunks.add(chunk(document, start, document.length));
        }
        return new Cut(
                new Manifest.Document(
                        hash(document), document.length, chunks.stream().map(Chunk::hash).toList()),
                chunks);
    }

    /**
     * Puts a document together again and checks every hash and the size.
     *
     * @param chunk yields the bytes for a hash, null when it is not to be had
     */
    public static Decoded<byte[]> join(
            Manifest.Document document, Function<String, byte @Nullable []> chunk) {
        return switch (pieces(document, chunk)) {
            case Decoded.Refused<List<byte[]>>(String reason) -> new Decoded.Refused<>(reason);
            case Decoded.Accepted<List<byte[]>>(List<byte[]> pieces) -> {
                ByteArrayOutputStream out = new ByteArrayOutputStream((int) document.size());
                pieces.forEach(out::writeBytes);
                yield new Decoded.Accepted<>(out.toByteArray());
            }
        };
    }

    /** As {@link #join}, but leaves it in its chunks, which are not copied. */
    public static Decoded<List<byte[]>> pieces(
            Manifest.Document document, Function<String, byte @Nullable []> chunk) {
        List<byte[]> pieces = new ArrayList<>();
        MessageDigest whole = sha256();
        long size = 0;
        for (String hash : document.chunks()) {
            byte[] bytes = chunk.apply(hash);
            if (bytes == null) {
                return new Decoded.Refused<>("chunk " + hash + " is missing");
            }
            if (!hash(bytes).equals(hash)) {
                return new Decoded.Refused<>("chunk " + hash + " has other content");
            }
            size += bytes.length;
            if (size > document.size()) {
                return new Decoded.Refused<>("document is longer than its manifest says");
            }
            whole.update(bytes);
            pieces.add(bytes);
        }
        if (size != document.size()
                || !HexFormat.of().formatHex(whole.digest()).equals(document.hash())) {
            return new Decoded.Refused<>("document has other content than its manifest says");
        }
        return new Decoded.Accepted<>(pieces);
    }

    /** SHA-256, 64 lower-case hex digits. */
    public static String hash(byte[] bytes) {
        return HexFormat.of().formatHex(sha256().digest(bytes));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static Chunk chunk(byte[] document, int from, int to) {
        byte[] bytes = Arrays.copyOfRange(document, from, to);
        return new Chunk(hash(bytes), bytes);
    }

    private static boolean continues(byte[] document, int at) {
        return at < document.length && (document[at] & 0xc0) == 0x80;
    }

    /** FNV-1a over the line: cheap, and the same on every machine. */
    private static boolean ends(byte[] document, int from, int to) {
        int h = 0x811c9dc5;
        for (int i = from; i < to; i++) {
            h = (h ^ (document[i] & 0xff)) * 0x01000193;
        }
        return ((h ^ (h >>> 15)) & LINES_MASK) == 0;
    }
}

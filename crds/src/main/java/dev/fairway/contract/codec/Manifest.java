package dev.fairway.contract.codec;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What is published, whole: the one object that is replaced, by compare-and-swap.
 *
 * @param format as {@link SnapshotCodec#FORMAT}
 * @param epoch raised by each new leader with a write of its own; counts here, not in the Lease
 * @param sequence rises with each publication of an epoch
 * @param watermarks how far the view it was compiled from reached, by kind
 */
public record Manifest(
        int format,
        long epoch,
        long sequence,
        Document routes,
        Document endpoints,
        Document keys,
        List<Watermark> watermarks) {

    public Manifest {
        watermarks = List.copyOf(watermarks);
        if (epoch < 0 || sequence < 0) {
            throw new IllegalArgumentException("epoch and sequence must not be negative");
        }
    }

    /** Readers refuse what is not newer than what they have. */
    public boolean newerThan(long otherEpoch, long otherSequence) {
        return epoch > otherEpoch || (epoch == otherEpoch && sequence > otherSequence);
    }

    /**
     * A document: the concatenation of its chunks.
     *
     * @param hash SHA-256 of the whole, 64 lower-case hex digits
     * @param size in bytes
     * @param chunks their hashes, in order
     */
    public record Document(String hash, long size, List<String> chunks) {
        public Document {
            chunks = List.copyOf(chunks);
            hex(hash);
            Set<String> seen = new HashSet<>();
            chunks.forEach(chunk -> {
                hex(chunk);
                seen.add(chunk);
            });
            if (size < 0 || size > Limits.DOCUMENT_BYTES) {
                throw new IllegalArgumentException("document size out of range");
            }
            // Equal chunks may repeat in a document, but hardly ever do.
            if (chunks.size() > size + 1 || (seen.isEmpty() && size > 0)) {
                throw new IllegalArgumentException("chunks do not fit the size");
            }
        }

        private static void hex(String hash) {
            if (hash.length() != 64
                    || !hash.chars()
                            .allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
                throw new IllegalArgumentException("no SHA-256 in hex");
            }
        }
    }

    /**
     * @param kind such as {@code Ingress}
     * @param resourceVersion the highest one seen
     */
    public record Watermark(String kind, String resourceVersion) {}
}

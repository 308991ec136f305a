package dev.fairway.contract.codec;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/**
 * Any bytes as each of the four documents ({@code hack/fuzz snapshot}): no exception; what is accepted
 * comes back equal and as the same bytes when written again; reasons are bounded; memory is in
 * proportion to the input.
 */
public final class SnapshotTarget {
    /** Allocated, not kept: the parser's buffers, then small multiples of the input. */
    private static final long ALLOCATED_FIXED = 64 << 10;

    /** Four readings, one or two of them written and read again. */
    private static final long ALLOCATED_EACH_BYTE = 150;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private SnapshotTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        long bound = ALLOCATED_FIXED + ALLOCATED_EACH_BYTE * input.length;
        long allocated = allocated(input);
        // The first to come a way loads its classes; a hundred times over is no class any more.
        for (int again = 0; again < 100 && allocated > bound; again++) {
            allocated = allocated(input);
        }
        if (allocated > bound) {
            throw new AssertionError(allocated + " bytes allocated for " + input.length);
        }
    }

    private static long allocated(byte[] input) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        check(input, SnapshotCodec::decodeSnapshot, SnapshotCodec::encode);
        check(input, SnapshotCodec::decodeEndpoints, SnapshotCodec::encode);
        check(input, SnapshotCodec::decodeKeys, SnapshotCodec::encode);
        check(input, ManifestCodec::decode, ManifestCodec::encode);
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    private static <T> void check(
            byte[] input, Function<byte[], Decoded<T>> decode, Function<T, byte[]> encode) {
        switch (decode.apply(input)) {
            case Decoded.Refused<T>(String reason) -> {
                if (reason.isEmpty() || reason.length() > 500) {
                    throw new AssertionError("reason of " + reason.length() + " characters");
                }
            }
            case Decoded.Accepted<T>(T value) -> {
                byte[] written = encode.apply(value);
                if (!(decode.apply(written) instanceof Decoded.Accepted<T>(T again))
                        || !again.equals(value)) {
                    throw new AssertionError("not the same again: " + value);
                }
                if (!java.util.Arrays.equals(written, encode.apply(again))) {
                    throw new AssertionError(
                            "other bytes: " + new String(written, StandardCharsets.UTF_8));
                }
            }
        }
    }
}

package dev.fairway.dataplane.fuzz;

import dev.fairway.dataplane.message.CanonicalPath;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * The path canonicaliser: agrees with the reference, is idempotent, stays within its bound, and the
 * form with repeated slashes means the same path unless it says otherwise.
 */
public final class PathTarget {
    private static final Pattern CLEAN = Pattern.compile("/[!-\"$->@-\\[\\]-~]*");

    private PathTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        String canonical = canonical(input, true);
        String expected = ReferencePath.canonical(new String(input, StandardCharsets.ISO_8859_1));
        require(java.util.Objects.equals(expected, canonical), input, expected, " but ", canonical);
        if (canonical == null) {
            return;
        }
        byte[] once = canonical.getBytes(StandardCharsets.US_ASCII);
        require(canonical.equals(canonical(once, true)), input, "not idempotent: ", canonical);
        require(CLEAN.matcher(canonical).matches(), input, "not clean: ", canonical);
        String kept = canonical(input, false);
        require(kept == null || !kept.contains("/../"), input, "dots left: ", kept);
        require(kept == null || !kept.endsWith("/.."), input, "dots left: ", kept);
        // What every consumer may rely on: a rewritten path is checked through the same door.
        require(canonical.equals(CanonicalPath.canonical(canonical)), input, "text form differs");
    }

    private static String canonical(byte[] in, boolean merge) {
        byte[] padded = new byte[in.length + 2];
        System.arraycopy(in, 0, padded, 1, in.length);
        byte[] out = new byte[CanonicalPath.bound(padded, 1, in.length + 1)];
        int length = CanonicalPath.canonical(padded, 1, in.length + 1, out, merge);
        return length < 0
                ? null
                : new String(Arrays.copyOf(out, length), StandardCharsets.ISO_8859_1);
    }

    private static void require(boolean holds, byte[] input, String... what) {
        if (!holds) {
            throw new AssertionError(
                    String.join("", what) + "\ninput: " + Agreement.printable(input));
        }
    }
}

package dev.fairway.dataplane.proxy;

import java.util.HexFormat;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** The identity of a request in logs, error pages and towards the backend. */
final class RequestId {
    private static final int MAX = 128;

    private RequestId() {}

    /** The client's, where it can stand in a log line as it is; else a new one. */
    static String of(@Nullable String client, SplittableRandom random) {
        return client != null && isKept(client) ? client : fresh(random);
    }

    private static boolean isKept(String id) {
        if (id.isEmpty() || id.length() > MAX) {
            return false;
        }
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            boolean kept =
                    (c >= 'a' && c <= 'z')
                            || (c >= 'A' && c <= 'Z')
                            || (c >= '0' && c <= '9')
                            || "-_.:+/=@~".indexOf(c) >= 0;
            if (!kept) {
                return false;
            }
        }
        return true;
    }

    private static String fresh(SplittableRandom random) {
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(random.nextLong()).concat(hex.toHexDigits(random.nextLong()));
    }
}

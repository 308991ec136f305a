package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.http1.CanonicalRequest;
import dev.fairway.dataplane.http1.FieldName;
import dev.fairway.dataplane.http1.RequestHead;
import java.util.SplittableRandom;

/** The identity of a request in logs, error pages and towards the backend. */
final class RequestId {
    private static final int MAX = 128;

    private RequestId() {}

    /** Gives the request the client's, where it can stand in a log line as it is; else a new one. */
    static void give(CanonicalRequest request, SplittableRandom random) {
        RequestHead head = request.head();
        int field = head.find(FieldName.X_REQUEST_ID);
        String said = field < 0 ? "" : head.value(field);
        if (isKept(said)) {
            request.id(said);
        } else {
            request.id(random.nextLong(), random.nextLong());
        }
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
}

package dev.fairway.dataplane.message;

import java.util.Locale;

/** gRPC's content type, as its "gRPC over HTTP2" specification has it; gRPC-Web's is another. */
public final class GrpcContent {
    private static final String TYPE = "application/grpc";

    private GrpcContent() {}

    public static boolean is(String type) {
        if (!type.toLowerCase(Locale.ROOT).startsWith(TYPE)) {
            return false;
        }
        if (type.length() == TYPE.length()) {
            return true;
        }
        char next = type.charAt(TYPE.length());
        return next == '+' || next == ';' || next == ' ';
    }
}

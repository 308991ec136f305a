package dev.fairway.dataplane.observe;

import dev.fairway.dataplane.message.Request;
import dev.fairway.dataplane.policy.RoutePlan;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an exchange when it ends; implemented by the exchange itself and valid only
 * during the call. Times in nanoseconds, sizes in bytes.
 */
public interface FinishedExchange {

    /** The reason of almost all. */
    String OK = "ok";

    /** Null when no request head could be read (then {@link #status} is the 4xx we answered). */
    @Nullable Request request();

    /** Null when no route matched. */
    @Nullable RoutePlan plan();

    /** The final status sent to the client; 499 when it left first; 101 for a tunnel. */
    int status();

    /** The {@code grpc-status} that ended a gRPC call; -1: it is no call, or ended without. */
    default int grpcStatus() {
        return -1;
    }

    /** A fixed word: {@code ok}, or the reason of an answer of ours or a failure. */
    String reason();

    String remoteUser();

    /** Head and body. */
    long requestBytes();

    /** Head and body. */
    long responseBytes();

    long responseBodyBytes();

    /** From the first byte of the head to the last of the response. */
    long durationNanos();

    /** Wall clock at the end, milliseconds. */
    long endedAtMillis();

    int attempts();

    /** Address of the attempt's endpoint. */
    String attemptAddress(int attempt);

    /**
     * Status of the attempt's response; 504 or 502 when it timed out or failed without one; 0 when
     * it was given up.
     */
    int attemptStatus(int attempt);

    /** From the attempt's begin to the end of its response. */
    long attemptNanos(int attempt);

    /** Body bytes of the attempt's response. */
    long attemptBytes(int attempt);

    /** To the response head of the last attempt; -1 when there was none. */
    long headNanos();

    /** To the last attempt's connection; 0 for a pooled one, -1 when there was none. */
    long connectNanos();
}

package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.balance.Endpoint;

/** One try at one endpoint: pairs {@link Endpoint#begin} with one {@link Endpoint#end}. */
final class Attempt {
    private Endpoint endpoint;
    private long began;
    private long head;
    private long ended;
    private long connectNanos;
    private int status;
    private long bytes;
    private boolean tunnel;
    private boolean upload;
    private boolean stalled;

    Attempt(Endpoint endpoint, long now) {
        this.endpoint = endpoint;
        begin(endpoint, now);
    }

    /** Begins as new; the last one's end was told. */
    void begin(Endpoint at, long now) {
        endpoint = at;
        began = now;
        head = -1;
        ended = -1;
        connectNanos = -1;
        status = 0;
        bytes = 0;
        tunnel = false;
        upload = false;
        stalled = false;
        at.begin();
    }

    Endpoint endpoint() {
        return endpoint;
    }

    void connected(long now, boolean pooled) {
        connectNanos = pooled ? 0 : now - began;
    }

    void head(int headStatus, long now) {
        status = headStatus;
        head = now;
    }

    /** No response came; what stands for it in the log, as nginx has it. */
    void failed(int gatewayStatus) {
        if (head < 0) {
            status = gatewayStatus;
        }
    }

    /** It is no request any more, and may last for days. */
    void tunnel() {
        if (ended < 0 && !tunnel) {
            goesOn();
            tunnel = true;
            endpoint.tunnelBegins();
        }
    }

    /** The request's body is still on its way. */
    void uploads() {
        if (ended < 0 && !upload) {
            upload = true;
            endpoint.uploadBegins();
        }
    }

    void uploaded() {
        if (upload) {
            upload = false;
            endpoint.uploadEnds();
        }
    }

    /** The client takes no more of the response. */
    void stalls() {
        if (ended < 0 && !tunnel && !upload && !stalled) {
            stalled = true;
            endpoint.stallBegins();
        }
    }

    void goesOn() {
        if (stalled) {
            stalled = false;
            endpoint.stallEnds();
        }
    }

    void data(int size) {
        bytes += size;
    }

    /** Only the first call counts. */
    void end(Endpoint.Result result, long now) {
        if (ended < 0) {
            ended = now;
            if (tunnel) {
                endpoint.tunnelEnds();
            }
            uploaded();
            goesOn();
            endpoint.end(result, (head < 0 ? now : head) - began);
        }
    }

    /** Ends well, as far as the status says. */
    void end(long now) {
        boolean gateway = status == 502 || status == 503 || status == 504;
        end(gateway ? Endpoint.Result.GATEWAY_STATUS : Endpoint.Result.SUCCESS, now);
    }

    int status() {
        return status;
    }

    long bytes() {
        return bytes;
    }

    long nanos(long now) {
        return (ended < 0 ? now : ended) - began;
    }

    long headNanos() {
        return head < 0 ? -1 : head - began;
    }

    long connectNanos() {
        return connectNanos;
    }
}

package dev.fairway.echo;

/** What the probes are told; switched by a POST, and by leaving. Any thread. */
final class Health {
    private volatile boolean ready = true;
    private volatile boolean live = true;
    private volatile boolean leaving;

    boolean ready() {
        return ready && !leaving;
    }

    boolean live() {
        return live;
    }

    boolean leaving() {
        return leaving;
    }

    void ready(boolean value) {
        ready = value;
    }

    void live(boolean value) {
        live = value;
    }

    void leave() {
        leaving = true;
    }
}

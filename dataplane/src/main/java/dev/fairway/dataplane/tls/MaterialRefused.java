package dev.fairway.dataplane.tls;

/** Key material that can't be used. The text names no part of it. */
public final class MaterialRefused extends Exception {
    private static final long serialVersionUID = 1L;

    MaterialRefused(String text) {
        super(text);
    }

    MaterialRefused(String text, Throwable cause) {
        super(text, cause);
    }

    String text() {
        return String.valueOf(getMessage());
    }
}

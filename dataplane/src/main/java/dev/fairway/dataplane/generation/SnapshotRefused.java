package dev.fairway.dataplane.generation;

/** A snapshot that is not taken; the active one stays. Names no secret. */
public final class SnapshotRefused extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;

    /**
     * @param reason a fixed word, the label of {@code fairway_snapshot_refused_total}
     * @param text what is wrong and where, for log and status page
     */
    public SnapshotRefused(String reason, String text) {
        super(text);
        this.reason = reason;
    }

    public String reason() {
        return reason;
    }

    public String text() {
        return String.valueOf(getMessage());
    }
}

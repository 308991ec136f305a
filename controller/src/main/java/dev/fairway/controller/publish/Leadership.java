package dev.fairway.controller.publish;

/** Whether this replica leads right now. Thread-safe. */
public interface Leadership extends AutoCloseable {

    /**
     * @param changed called, on any thread, when {@link #leading} may have changed
     */
    void start(Runnable changed);

    boolean leading();

    @Override
    void close();

    /** A replica without rivals. */
    static Leadership always() {
        return new Leadership() {
            @Override
            public void start(Runnable changed) {
                changed.run();
            }

            @Override
            public boolean leading() {
                return true;
            }

            @Override
            public void close() {}
        };
    }
}

package dev.fairway.dataplane.observe;

import dev.fairway.contract.Settings;

/** One line for each exchange, without its line feed. On the exchange's loop. */
interface AccessLogFormat {
    void line(FinishedExchange exchange, StringBuilder out);

    /**
     * @param process what the process was told, for snapshots that leave it open
     */
    static AccessLogFormat of(Settings.AccessLog wanted, Settings.AccessLog process) {
        return switch (wanted) {
            case DEFAULT ->
                    process == Settings.AccessLog.DEFAULT
                            ? new NginxLine()
                            : of(process, Settings.AccessLog.NGINX);
            case OFF -> OFF;
            case NGINX -> new NginxLine();
            case JSON -> new JsonLine();
        };
    }

    AccessLogFormat OFF = (exchange, out) -> {};
}

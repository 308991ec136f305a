/** What can be measured of a proxy. */
enum Metric {
    CPU("CPU µs/request", 2),
    RATE("requests/s", 0),
    P50("p50 µs", 0),
    P99("p99 µs", 0),
    P999("p99.9 µs", 0),
    P99_SETTLED("p99 µs, settled", 0),
    SWAPS("swaps", 0),
    PER_CONNECTION("KiB/connection", 2),
    BASE("base RSS MiB", 1),
    START("ms to the first 200", 0),
    START_CPU("CPU ms", 0);

    final String title;
    private final int digits;

    Metric(String title, int digits) {
        this.title = title;
        this.digits = digits;
    }

    String format(double value) {
        return Double.isNaN(value) ? "–" : String.format("%." + digits + "f", value);
    }
}

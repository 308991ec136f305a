/**
 * What every proxy is asked to do, in its own words.
 *
 * @param routes ten: prefixes {@code /svc0/} to {@code /svc9/} of one host; more: the same prefixes of as many hosts as that takes
 * @param policies a rate limit that never fires, a sticky cookie and CORS on every route
 */
record Setup(int routes, boolean accessLog, boolean policies) {
    static final String HOST = "bench.example.com";
    static final Setup PLAIN = new Setup(10, false, false);
    static final Setup LOGGED = new Setup(10, true, false);
    static final Setup POLICIES = new Setup(10, false, true);

    static Setup of(int routes) {
        return new Setup(routes, false, false);
    }

    int hosts() {
        return routes / 10;
    }

    String host(int index) {
        return routes == 10 ? HOST : "h" + index + ".example.com";
    }

    /** How figures name it: nothing for the ordinary one. */
    String suffix() {
        return routes == 10 ? "" : " " + routes + " routes";
    }
}

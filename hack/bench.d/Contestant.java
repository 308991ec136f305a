/** A proxy with what it was asked to do: what a scenario compares. */
record Contestant(Peer peer, Setup setup) {
    /** As figures name it within a scenario of {@code usual} setup. */
    String label(Setup usual) {
        return setup.equals(usual) ? peer.name() : peer.name() + ", " + setup.routes() + " routes";
    }
}

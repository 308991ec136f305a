import java.util.List;
import java.util.Optional;

/** The floor: native/forward.c, which reads nothing of what it carries. No proxy on sockets does with less for plain HTTP/1.1. */
final class Forwarder implements Peer {
    private static final String PROGRAM = Peer.tool("NATIVE") + "/forward";

    @Override
    public String name() {
        return "forwarder";
    }

    @Override
    public String version() {
        return "hack/bench.d/native/forward.c";
    }

    @Override
    public Optional<String> missing() {
        return Peer.present(PROGRAM, "needs gcc");
    }

    @Override
    public Optional<String> excused(Scenario scenario) {
        return scenario.forwarded() ? Optional.empty() : Optional.of("forwards TCP alone");
    }

    @Override
    public List<String> command(Site site) {
        return List.of(PROGRAM, "" + site.http(), "" + site.backends()[0], "" + site.backends()[1]);
    }
}

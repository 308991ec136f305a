import java.util.ArrayList;
import java.util.List;

/**
 * What a run is asked for.
 *
 * @param name of its files: a full run, a quick one, or another
 * @param peers Fairway first
 */
record Options(String name, List<Scenario> scenarios, List<Peer> peers, int rounds, int seconds) {
    private static final List<Peer> PEERS = List.of(new Nginx(), new Haproxy(), new Envoy(), new Traefik(), new Forwarder());

    static Options parse(String[] arguments) {
        List<Scenario> scenarios = new ArrayList<>();
        List<String> names = new ArrayList<>();
        boolean quick = false;
        int rounds = 5;
        int seconds = 0;
        for (int i = 0; i < arguments.length; i++) {
            String argument = arguments[i];
            switch (argument) {
                case "quick" -> quick = true;
                case "--peers" -> names = List.of(value(arguments, ++i).split(","));
                case "--rounds" -> rounds = number(argument, value(arguments, ++i));
                case "--seconds" -> seconds = number(argument, value(arguments, ++i));
                default -> scenarios.add(Scenarios.ALL.stream().filter(scenario -> scenario.name().equals(argument)).findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("no such scenario or option: " + argument + " (see --list and --help)")));
            }
        }
        boolean ordinary = scenarios.isEmpty() && names.isEmpty() && rounds == 5 && seconds == 0;
        if (quick) {
            names = names.isEmpty() ? List.of("nginx", "haproxy") : names;
            scenarios.addAll(Scenarios.ALL.stream().filter(scenario -> Scenarios.QUICK.contains(scenario.name())).toList());
        }
        List<Peer> peers = new ArrayList<>(List.of(new Fairway()));
        for (String name : names) {
            if (PEERS.stream().noneMatch(peer -> peer.name().equals(name))) {
                throw new IllegalArgumentException("--peers: no such peer: " + name);
            }
        }
        for (Peer peer : PEERS) {
            if (names.isEmpty() || names.contains(peer.name())) {
                peers.add(peer);
            }
        }
        return new Options(!ordinary ? "some" : quick ? "quick" : "full", scenarios.isEmpty() ? Scenarios.ALL : scenarios, peers, rounds,
                seconds != 0 ? seconds : quick ? 1 : 2);
    }

    private static String value(String[] arguments, int at) {
        if (at >= arguments.length) {
            throw new IllegalArgumentException(arguments[at - 1] + " needs a value");
        }
        return arguments[at];
    }

    private static int number(String option, String text) {
        try {
            int number = Integer.parseInt(text);
            if (number > 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new IllegalArgumentException(option + ": not a positive number: " + text);
    }
}

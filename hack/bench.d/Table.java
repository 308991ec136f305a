import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedSet;

/** The figures as Markdown: our ratios to every peer first, then everybody's figures. */
final class Table {
    private static final String US = "fairway";
    private final Results results;
    private final Options options;
    private final StringBuilder text = new StringBuilder();

    Table(Results results, Options options) {
        this.results = results;
        this.options = options;
    }

    String render(String header) {
        text.append("# Fairway beside its peers\n\n").append(header).append("\n## Ratios\n\n")
                .append("Ours ÷ theirs, median of the rounds' ratios [least–most]; below 1 is better than the peer. **Bold**: a bar of the project is set")
                .append(" and reached; ✗: set and not reached. Of CPU time per request unless the row says otherwise.\n\n");
        ratios();
        absolutes();
        text.append("\n## Figures\n\nMedians of the rounds; the first with its spread. They drift with the machine: compare within a row's scenario alone.\n\n");
        figures();
        reasons();
        return text.toString();
    }

    private List<Scenario> rows() {
        return options.scenarios().stream().filter(results::touched).toList();
    }

    private void ratios() {
        List<String> peers = options.peers().stream().skip(1).map(Peer::name).toList();
        row("scenario", "", peers.toArray(String[]::new));
        row("---", "---", peers.stream().map(peer -> "---").toArray(String[]::new));
        for (Scenario scenario : rows()) {
            row(scenario.name(), scenario.title(), peers.stream().map(peer -> cell(scenario, peer)).toArray(String[]::new));
        }
        List<String> lines = new ArrayList<>();
        for (Scenario scenario : rows()) {
            if (scenario.setup().routes() > 10) {
                lines.add("- " + scenario.name() + " ÷ our own ten routes: " + cell(scenario, US + ", 10 routes"));
            }
        }
        text.append('\n').append(lines.isEmpty() ? "" : String.join("\n", lines) + "\n");
    }

    private String cell(Scenario scenario, String peer) {
        Results.Spread ratio = results.ratio(scenario, US, peer);
        if (ratio.empty()) {
            return "–";
        }
        OptionalDouble bar = Bars.of(scenario, peer);
        String figure = String.format("%.2f", ratio.median());
        String spread = ratio.count() == 1 ? "" : String.format(" [%.2f–%.2f]", ratio.least(), ratio.most());
        if (bar.isEmpty()) {
            return figure + spread;
        }
        boolean reached = ratio.median() <= bar.getAsDouble();
        return (reached ? "**" + figure + "**" : figure + " ✗") + spread + String.format(" (≤ %.2f)", bar.getAsDouble());
    }

    private void absolutes() {
        for (Bars.Absolute bar : Bars.ABSOLUTE) {
            rows().stream().filter(scenario -> scenario.name().equals(bar.scenario())).findFirst().ifPresent(scenario -> {
                Results.Spread ours = results.of(scenario, US, bar.metric());
                if (!ours.empty()) {
                    text.append(String.format("- %s, %s: %s (bar ≤ %s)%s%n", scenario.name(), bar.metric().title, bar.metric().format(ours.median()),
                            bar.metric().format(bar.most()), ours.median() <= bar.most() ? "" : " ✗"));
                }
            });
        }
    }

    private void figures() {
        List<Metric> before = List.of();
        for (Scenario scenario : rows()) {
            SequencedSet<String> contestants = results.contestants(scenario);
            if (!scenario.metrics().equals(before)) {
                before = scenario.metrics();
                text.append('\n');
                row("scenario", "proxy", before.stream().map(metric -> metric.title).toArray(String[]::new));
                row("---", "---", before.stream().map(metric -> "---").toArray(String[]::new));
            }
            for (String contestant : contestants) {
                if (results.of(scenario, contestant, before.getFirst()).empty()) {
                    continue;
                }
                List<String> cells = new ArrayList<>();
                for (Metric metric : before) {
                    Results.Spread spread = results.of(scenario, contestant, metric);
                    boolean first = metric == before.getFirst() && spread.count() > 1;
                    cells.add(metric.format(spread.median()) + (first ? " [" + metric.format(spread.least()) + "–" + metric.format(spread.most()) + "]" : ""));
                }
                long noisy = results.noisy(scenario, contestant);
                row(scenario.name(), contestant + (noisy > 0 ? " (" + noisy + " noisy)" : ""), cells.toArray(String[]::new));
            }
        }
    }

    private void reasons() {
        Map<String, String> scenarios = new LinkedHashMap<>();
        for (Scenario scenario : rows()) {
            for (String contestant : results.contestants(scenario)) {
                results.reason(scenario, contestant).ifPresent(reason -> scenarios.merge(contestant + ": " + reason.replace('\n', ' '), scenario.name(), (a, b) -> a + ", " + b));
            }
        }
        List<String> lines = scenarios.entrySet().stream().map(entry -> "- " + entry.getKey() + " (" + entry.getValue() + ")").toList();
        if (!lines.isEmpty()) {
            text.append("\n## Left out\n\n").append(String.join("\n", lines)).append('\n');
        }
    }

    private void row(String first, String second, String... more) {
        text.append("| ").append(first).append(" | ").append(second).append(" | ").append(String.join(" | ", more)).append(" |\n");
    }
}

import java.util.List;
import java.util.OptionalDouble;

/** The ratios as bars: a row of bars for each scenario, one for each peer, a whisker from the least to the most, a black mark where the bar is. */
final class Plot {
    private static final String US = "fairway";
    private static final List<String> COLOURS = List.of("#2f7d32", "#1f5fa8", "#a8521f", "#7a3fa0", "#6b6b6b");
    private static final double MOST = 2.0;
    private static final int LEFT = 250;
    private static final int WIDTH = 620;
    private static final int BAR = 12;
    private static final int GAP = 16;
    private final Results results;
    private final Options options;
    private final StringBuilder svg = new StringBuilder();

    Plot(Results results, Options options) {
        this.results = results;
        this.options = options;
    }

    String render(String title) {
        List<String> peers = options.peers().stream().skip(1).map(Peer::name).toList();
        int y = 112;
        for (Scenario scenario : options.scenarios()) {
            List<String> shown = peers.stream().filter(peer -> !results.ratio(scenario, US, peer).empty()).toList();
            if (shown.isEmpty()) {
                continue;
            }
            int height = shown.size() * (BAR + 2);
            text(LEFT - 12, y + height / 2.0 - 2, "end", 13, "#111", "bold", scenario.name());
            text(LEFT - 12, y + height / 2.0 + 12, "end", 10, "#555", "normal", scenario.title());
            for (String peer : shown) {
                bar(scenario, peer, y, COLOURS.get(peers.indexOf(peer) % COLOURS.size()));
                y += BAR + 2;
            }
            y += Math.max(GAP, 30 - height);
        }
        int bottom = y;
        StringBuilder grid = new StringBuilder();
        for (double at = 0; at <= MOST + 0.01; at += 0.25) {
            grid.append(String.format("<line x1='%.1f' y1='104' x2='%.1f' y2='%d' stroke='%s' stroke-width='%s'/>", x(at), x(at), bottom,
                    Math.abs(at - 1) < 0.01 ? "#c00" : "#ddd", Math.abs(at - 1) < 0.01 ? "1.5" : "1"));
            grid.append(String.format("<text x='%.1f' y='98' text-anchor='middle' font-size='11' fill='#555'>%.2f</text>", x(at), at));
        }
        StringBuilder head = new StringBuilder();
        head.append(String.format("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' width='%d' height='%d' font-family='sans-serif'>",
                LEFT + WIDTH + 90, bottom + 24, LEFT + WIDTH + 90, bottom + 24));
        head.append("<rect width='100%' height='100%' fill='white'/>");
        head.append("<text x='14' y='24' font-size='16' font-weight='bold'>Fairway ÷ peer: CPU per request, or what the row says; left of the red line is better</text>");
        head.append("<text x='14' y='42' font-size='11' fill='#555'>").append(escape(title))
                .append("</text><text x='14' y='57' font-size='11' fill='#555'>median of per-round ratios; whisker: least to most; ")
                .append("black mark: the bar that was set</text>");
        int at = LEFT;
        for (String peer : peers) {
            head.append(String.format("<rect x='%d' y='66' width='12' height='12' fill='%s'/><text x='%d' y='76' font-size='12'>%s</text>", at,
                    COLOURS.get(peers.indexOf(peer) % COLOURS.size()), at + 17, peer));
            at += 105;
        }
        return head.append(grid).append(svg).append("</svg>\n").toString();
    }

    private void bar(Scenario scenario, String peer, int y, String colour) {
        Results.Spread ratio = results.ratio(scenario, US, peer);
        double end = x(ratio.median());
        svg.append(String.format("<rect x='%d' y='%d' width='%.1f' height='%d' fill='%s' fill-opacity='0.75'/>", LEFT, y, end - LEFT, BAR, colour));
        double middle = y + BAR / 2.0;
        if (ratio.count() > 1) {
            svg.append(String.format("<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' stroke='#222'/>", x(ratio.least()), middle, x(ratio.most()), middle));
            for (double edge : new double[] {ratio.least(), ratio.most()}) {
                svg.append(String.format("<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' stroke='#222'/>", x(edge), middle - 3, x(edge), middle + 3));
            }
        }
        OptionalDouble bar = Bars.of(scenario, peer);
        String verdict = "";
        if (bar.isPresent()) {
            svg.append(String.format("<line x1='%.1f' y1='%d' x2='%.1f' y2='%d' stroke='black' stroke-width='3'/>", x(bar.getAsDouble()), y - 1,
                    x(bar.getAsDouble()), y + BAR + 1));
            verdict = ratio.median() <= bar.getAsDouble() ? " ✓" : " ✗";
        }
        text(x(Math.max(ratio.most(), bar.orElse(0))) + 6, y + BAR - 2, "start", 10, "#111", "normal", String.format("%.2f%s%s", ratio.median(), ratio.median() > MOST ? " →" : "", verdict));
    }

    private static double x(double ratio) {
        return LEFT + Math.min(ratio, MOST) / MOST * WIDTH;
    }

    private void text(double x, double y, String anchor, int size, String colour, String weight, String what) {
        svg.append(String.format("<text x='%.1f' y='%.1f' text-anchor='%s' font-size='%d' fill='%s' font-weight='%s'>%s</text>", x, y, anchor, size, colour, weight,
                escape(what)));
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }
}

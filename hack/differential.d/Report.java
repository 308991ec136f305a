import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one server saw of one request.
 *
 * @param fields by lower-case name, lines of one name joined
 */
record Report(String method, String target, Map<String, String> fields, String body) {

    /** From lines of hex: m(ethod), t(arget), h(eader) name and value, b(ody). */
    static Report parse(String lines) {
        String method = "";
        String target = "";
        String body = "";
        Map<String, String> fields = new TreeMap<>();
        for (String line : lines.split("\n")) {
            String[] words = line.split(" ", -1);
            switch (words[0]) {
                case "m" -> method = text(words[1]);
                case "t" -> target = text(words[1]);
                case "h" -> put(fields, text(words[1]), text(words[2]));
                case "b" -> body = text(words[1]);
                default -> throw new IllegalArgumentException("not a report: " + line);
            }
        }
        return new Report(method, target, fields, body);
    }

    static void put(Map<String, String> fields, String name, String value) {
        fields.merge(name.toLowerCase(java.util.Locale.ROOT), value, (a, b) -> a + "," + b);
    }

    String lines() {
        StringBuilder lines = new StringBuilder("m " + hex(method) + "\nt " + hex(target) + "\n");
        fields.forEach((name, value) -> lines.append("h ").append(hex(name)).append(' ').append(hex(value)).append('\n'));
        return lines.append("b ").append(hex(body)).append('\n').toString();
    }

    private static String text(String hex) {
        return new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1);
    }

    static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}

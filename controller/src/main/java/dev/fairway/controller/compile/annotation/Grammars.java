package dev.fairway.controller.compile.annotation;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.fairway.contract.Cidr;
import dev.fairway.contract.Template;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The grammars that several settings share: ingress-nginx's (reference 2.1), and stricter ones with
 * units for {@code fairway.dev/} names.
 */
public final class Grammars {
    private Grammars() {}

    /** The patterns of this package's own sources: few, and compiled once. */
    private static final Map<String, Pattern> OWN = new ConcurrentHashMap<>();

    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}";

    /** A pattern's text; real ones have a few dozen characters. */
    static final int MAX_REGEX_CHARS = 512;

    /** RE2 instructions: bounds memory and time per request character. */
    static final int MAX_REGEX_PROGRAM = 4096;

    /** A list in one annotation; thousands of ranges belong into a firewall. */
    private static final int MAX_LIST = 1000;

    /** Go's ParseBool. */
    public static final Grammar<Boolean> BOOL =
            new Grammar<>(
                    "true or false",
                    text ->
                            switch (text) {
                                case "1", "t", "T", "true", "TRUE", "True" -> Optional.of(true);
                                case "0", "f", "F", "false", "FALSE", "False" -> Optional.of(false);
                                default -> Optional.empty();
                            });

    public static final Grammar<Boolean> STRICT_BOOL = oneOf(Map.of("true", true, "false", false));

    public static final Grammar<Boolean> ON_OFF = oneOf(Map.of("on", true, "off", false));

    /** {@code 1m}, {@code 512k}, {@code 0}: digits with an optional unit, case-insensitive. */
    public static final Grammar<Long> SIZE =
            new Grammar<>(
                    "a size such as 8m (digits, then b, k, m or g)", text -> size(text, "bkmg"));

    /** As nginx's: so many buffers of this size. */
    public record Buffers(int number, long size) {}

    /** {@code 4 8k}. */
    public static final Grammar<Buffers> BUFFERS =
            new Grammar<>(
                    "a number and a size such as 4 8k",
                    text -> {
                        String[] parts = text.strip().split(" +");
                        if (parts.length != 2) {
                            return Optional.empty();
                        }
                        Optional<Long> size = SIZE.read(parts[1]).filter(bytes -> bytes > 0);
                        return integer(parts[0], 1, 1_000)
                                .flatMap(n -> size.map(s -> new Buffers(n.intValue(), s)));
                    });

    /** {@code 10MiB}. */
    public static final Grammar<Long> STRICT_SIZE =
            new Grammar<>("a size such as 10MiB (B, KiB, MiB or GiB)", Grammars::strictSize);

    /** {@code 1500ms}, {@code 60s}, {@code 5m}, {@code 1h}. */
    public static final Grammar<Duration> STRICT_DURATION =
            new Grammar<>("a duration such as 60s (ms, s, m or h)", Grammars::duration);

    /** Go's ParseDuration, above zero: {@code 5s}, {@code 1m30s}. */
    public static final Grammar<Duration> GO_DURATION =
            new Grammar<>("a duration such as 5s or 1m30s (h, m, s, ms)", Grammars::goDuration);

    public static final Grammar<String> HEADER_NAME =
            new Grammar<>("a header name", text -> matching(text, TOKEN));

    public static final Grammar<List<String>> HEADER_NAMES =
            list("a comma-separated list of header names", HEADER_NAME);

    public static final Grammar<List<Cidr>> CIDRS =
            list(
                    "a comma-separated list of IP addresses or CIDR ranges",
                    new Grammar<>("", Grammars::cidr));

    public static final Grammar<String> REGEX =
            new Grammar<>(
                    "a regular expression in RE2 syntax",
                    text -> regex(text, false).map(Pattern::pattern));

    public static final Grammar<List<String>> PATHS =
            list(
                    "a comma-separated list of path prefixes",
                    new Grammar<>("", text -> matching(text, "/[!-\"$->@-~]{0,255}")));

    public static final Grammar<Template> TEMPLATE =
            new Grammar<>("text with known variables", text -> Templates.parse(text, false));

    /** A Secret in the Ingress's namespace, or {@code namespace/name}. */
    public static final Grammar<String> OBJECT_NAME =
            new Grammar<>(
                    "a Secret's name",
                    text ->
                            matching(
                                    text,
                                    "([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/)?[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?"));

    public static final Grammar<String> DNS_NAME =
            new Grammar<>(
                    "a DNS name",
                    text -> matching(text, "[a-zA-Z0-9]([-.a-zA-Z0-9]{0,251}[a-zA-Z0-9])?"));

    private static Optional<Duration> goDuration(String text) {
        return matching(text, "([0-9]{1,4}h)?([0-9]{1,5}m)?([0-9]{1,6}s)?([0-9]{1,7}ms)?")
                .filter(duration -> !duration.isEmpty())
                .map(duration -> Duration.parse(iso(duration)))
                .filter(duration -> duration.isPositive());
    }

    /** {@code 1m30s500ms} as {@code PT1M30.5S}. */
    private static String iso(String duration) {
        String rest = duration;
        long millis = 0;
        int at = rest.indexOf("ms");
        if (at >= 0) {
            int from = at;
            while (from > 0 && Character.isDigit(rest.charAt(from - 1))) {
                from--;
            }
            millis = Long.parseLong(rest.substring(from, at));
            rest = rest.substring(0, from);
        }
        Duration whole =
                rest.isEmpty()
                        ? Duration.ZERO
                        : Duration.parse("PT" + rest.toUpperCase(Locale.ROOT));
        return whole.plusMillis(millis).toString();
    }

    public static Grammar<Integer> number(int min, int max) {
        return new Grammar<>(
                "a whole number from " + min + " to " + max,
                text -> integer(text, min, max).map(Long::intValue));
    }

    public static Grammar<Long> wide(long min, long max) {
        return new Grammar<>(
                "a whole number from " + min + " to " + max, text -> integer(text, min, max));
    }

    /** A bare integer: ingress-nginx knows no units here, {@code 60s} is malformed. */
    public static Grammar<Duration> seconds(int min) {
        int year = 366 * 24 * 3600;
        return new Grammar<>(
                "a whole number of seconds from " + min + " to " + year + ", without a unit",
                text -> integer(text, min, year).map(Duration::ofSeconds));
    }

    public static <T> Grammar<T> oneOf(Map<String, T> words) {
        Map<String, T> sorted = new TreeMap<>(words);
        return new Grammar<>(
                "one of " + String.join(", ", sorted.keySet()),
                text -> Optional.ofNullable(sorted.get(text)));
    }

    /** Comma-separated; empty elements are skipped, but at least one must be there. */
    public static <T> Grammar<List<T>> list(String expects, Grammar<T> element) {
        return new Grammar<>(
                expects,
                text -> {
                    List<T> all = new ArrayList<>();
                    for (String part : text.split(",", -1)) {
                        if (part.isBlank()) {
                            continue;
                        }
                        Optional<T> one = element.read(part);
                        if (one.isEmpty() || all.size() == MAX_LIST) {
                            return Optional.empty();
                        }
                        all.add(one.get());
                    }
                    return all.isEmpty() ? Optional.empty() : Optional.of(List.copyOf(all));
                });
    }

    /** Sorted, each once. */
    public static Grammar<List<Integer>> statuses(int min, int max) {
        Grammar<List<Integer>> list =
                list(
                        "a comma-separated list of statuses from " + min + " to " + max,
                        number(min, max));
        return new Grammar<>(
                list.expects(),
                text -> list.read(text).map(all -> List.copyOf(new TreeSet<>(all))));
    }

    /** Compiled only to be checked: the size of what RE2 makes of it is bounded, too. */
    public static Optional<Pattern> regex(String text, boolean caseInsensitive) {
        boolean bounded =
                text.length() <= MAX_REGEX_CHARS
                        // quoting hides what the estimate looks for
                        && !text.contains("\\Q")
                        && PatternSize.estimate(text) <= 2 * MAX_REGEX_PROGRAM;
        if (text.isEmpty() || !bounded) {
            return Optional.empty();
        }
        try {
            Pattern pattern = Pattern.compile(text, caseInsensitive ? Pattern.CASE_INSENSITIVE : 0);
            return pattern.programSize() <= MAX_REGEX_PROGRAM
                    ? Optional.of(pattern)
                    : Optional.empty();
        } catch (PatternSyntaxException | StackOverflowError e) {
            return Optional.empty();
        }
    }

    /**
     * The whole text, or nothing. RE2 here too: values are up to 256 KiB of a tenant's text, and a
     * backtracking engine would let one stall the controller.
     *
     * @param wholePattern a constant of ours
     */
    static Optional<String> matching(String text, String wholePattern) {
        return OWN.computeIfAbsent(wholePattern, Pattern::compile).matches(text)
                ? Optional.of(text)
                : Optional.empty();
    }

    private static Optional<Long> integer(String text, long min, long max) {
        if (matching(text, "[-+]?[0-9]{1,18}").isEmpty()) {
            return Optional.empty();
        }
        long value = Long.parseLong(text);
        return value >= min && value <= max ? Optional.of(value) : Optional.empty();
    }

    private static Optional<Long> size(String text, String units) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (matching(lower, "[0-9]{1,12}[" + units + "]?").isEmpty()) {
            return Optional.empty();
        }
        char unit = lower.charAt(lower.length() - 1);
        int shift =
                switch (unit) {
                    case 'k' -> 10;
                    case 'm' -> 20;
                    case 'g' -> 30;
                    default -> 0;
                };
        String digits = unit >= '0' && unit <= '9' ? lower : lower.substring(0, lower.length() - 1);
        long count = Long.parseLong(digits);
        return count > Long.MAX_VALUE >> shift ? Optional.empty() : Optional.of(count << shift);
    }

    private static Optional<Long> strictSize(String text) {
        if (matching(text, "[0-9]{1,12}(B|KiB|MiB|GiB)").isEmpty()) {
            return Optional.empty();
        }
        String compact = text.replace("iB", "");
        return size(compact, "bkmg");
    }

    private static Optional<Duration> duration(String text) {
        if (matching(text, "[0-9]{1,9}(ms|s|m|h)").isEmpty()) {
            return Optional.empty();
        }
        int end = 0;
        while (Character.isDigit(text.charAt(end))) {
            end++;
        }
        long count = Long.parseLong(text.substring(0, end));
        Duration value =
                switch (text.substring(end)) {
                    case "ms" -> Duration.ofMillis(count);
                    case "s" -> Duration.ofSeconds(count);
                    case "m" -> Duration.ofMinutes(count);
                    default -> Duration.ofHours(count);
                };
        return value.isPositive() && value.compareTo(Duration.ofDays(366)) <= 0
                ? Optional.of(value)
                : Optional.empty();
    }

    private static Optional<Cidr> cidr(String text) {
        try {
            return Optional.of(Cidr.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}

package dev.fairway.dataplane;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A command line's {@code --name=value} and {@code --name value}, read one by one; every mistake is
 * kept, so that all are told at once.
 */
final class Flags {
    private final Map<String, List<String>> given = new LinkedHashMap<>();
    private final List<String> errors = new ArrayList<>();

    /**
     * @param known names without dashes; others are errors
     */
    Flags(String[] arguments, Set<String> known) {
        for (int i = 0; i < arguments.length; i++) {
            String argument = arguments[i];
            if (!argument.startsWith("--")) {
                errors.add("not a flag: " + argument);
                continue;
            }
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument.substring(2) : argument.substring(2, equals);
            if (!known.contains(name)) {
                errors.add("unknown flag: --" + name);
                // Its value, if it stands apart, is no second mistake.
                if (equals < 0 && i + 1 < arguments.length && !arguments[i + 1].startsWith("--")) {
                    i++;
                }
            } else if (equals >= 0) {
                add(name, argument.substring(equals + 1));
            } else if (i + 1 < arguments.length && !arguments[i + 1].startsWith("--")) {
                add(name, arguments[++i]);
            } else {
                errors.add("--" + name + " needs a value");
            }
        }
    }

    private void add(String name, String value) {
        given.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
    }

    void error(String text) {
        errors.add(text);
    }

    List<String> errors() {
        return List.copyOf(errors);
    }

    /** For flags that may be repeated. */
    List<String> all(String name) {
        return given.getOrDefault(name, List.of());
    }

    @Nullable String text(String name) {
        List<String> values = all(name);
        if (values.size() > 1) {
            errors.add("--" + name + " is given " + values.size() + " times");
        }
        return values.isEmpty() ? null : values.getFirst();
    }

    @Nullable Path path(String name) {
        String text = text(name);
        if (text == null) {
            return null;
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            errors.add("--" + name + ": not a path: " + text);
            return null;
        }
    }

    int number(String name, int absent, int least, int most) {
        String text = text(name);
        if (text == null) {
            return absent;
        }
        try {
            int value = Integer.parseInt(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Told below, as a number out of range is.
        }
        errors.add("--" + name + ": a number from " + least + " to " + most + ", not " + text);
        return absent;
    }

    /** {@code 250ms}, {@code 15s}, {@code 2m}. */
    Duration duration(String name, Duration absent) {
        String text = text(name);
        if (text == null) {
            return absent;
        }
        Duration value = parseDuration(text);
        if (value == null) {
            errors.add("--" + name + ": a time such as 250ms, 15s or 2m, not " + text);
            return absent;
        }
        return value;
    }

    private static @Nullable Duration parseDuration(String text) {
        String digits = text.replaceAll("(ms|s|m)$", "");
        if (!digits.matches("[0-9]{1,7}")) {
            return null;
        }
        long count = Long.parseLong(digits);
        return switch (text.substring(digits.length())) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            default -> null;
        };
    }

    @Nullable InetSocketAddress address(String name) {
        String text = text(name);
        return text == null ? null : parseAddress("--" + name, text);
    }

    /** {@code NAME=ADDR:PORT}, each name once. */
    Map<String, InetSocketAddress> addresses(String name) {
        Map<String, InetSocketAddress> parsed = new LinkedHashMap<>();
        for (String text : all(name)) {
            int equals = text.indexOf('=');
            if (equals <= 0) {
                errors.add("--" + name + ": NAME=ADDRESS:PORT, not " + text);
                continue;
            }
            String key = text.substring(0, equals);
            InetSocketAddress address =
                    parseAddress("--" + name + "=" + key, text.substring(equals + 1));
            if (address != null && parsed.putIfAbsent(key, address) != null) {
                errors.add("--" + name + ": two addresses for " + key);
            }
        }
        return parsed;
    }

    private @Nullable InetSocketAddress parseAddress(String flag, String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon).replaceAll("^\\[|\\]$", "");
        String port = text.substring(colon + 1);
        try {
            if (colon >= 0 && port.matches("[0-9]{1,5}") && Integer.parseInt(port) < 65_536) {
                return host.isEmpty()
                        ? new InetSocketAddress(Integer.parseInt(port))
                        : new InetSocketAddress(literal(host), Integer.parseInt(port));
            }
        } catch (IllegalArgumentException e) {
            // Told below.
        }
        errors.add(flag + ": an IP address and a port such as 127.0.0.1:8080, not " + text);
        return null;
    }

    private static InetAddress literal(String host) {
        return host.equals("localhost")
                ? InetAddress.getLoopbackAddress()
                : InetAddress.ofLiteral(host);
    }

    /** One of an enum's names, lower case. */
    <E extends Enum<E>> E choice(String name, E absent, Map<String, E> choices) {
        String text = text(name);
        if (text == null) {
            return absent;
        }
        E chosen = choices.get(text);
        if (chosen == null) {
            errors.add("--" + name + ": " + String.join(", ", choices.keySet()) + "; not " + text);
            return absent;
        }
        return chosen;
    }
}

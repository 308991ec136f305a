package dev.fairway.controller;

import dev.fairway.controller.ControllerSettings.ObjectName;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Typed reading of flag values. A wrong one adds a sentence to the errors and yields something
 * harmless, so that reading goes on and all errors come out together.
 */
final class FlagValues {

    /** RFC 1123 label, the form of namespaces and most names. */
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    /** RFC 1123 subdomain, the form of object names. */
    private static final Pattern NAME =
            Pattern.compile(
                    "(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

    private static final Pattern SELECTOR =
            Pattern.compile(
                    "[-A-Za-z0-9_./]+(=|==|!=)[-A-Za-z0-9_.]*(,[-A-Za-z0-9_./]+(=|==|!=)[-A-Za-z0-9_.]*)*");

    private static final Pattern ADDRESS =
            Pattern.compile("[0-9A-Fa-f:.]+|(?=.{1,253}$)[-A-Za-z0-9.]+");

    private final Map<Flag, String> values;
    private final List<String> errors;

    FlagValues(Map<Flag, String> values, List<String> errors) {
        this.values = values;
        this.errors = errors;
    }

    boolean given(Flag flag) {
        return !raw(flag).isEmpty() && values.containsKey(flag);
    }

    boolean isOn(Flag flag) {
        return switch (raw(flag)) {
            // what Go's strconv.ParseBool takes
            case "true", "1", "t", "T", "TRUE", "True" -> true;
            case "false", "0", "f", "F", "FALSE", "False" -> false;
            default -> {
                wrong(flag, "true or false");
                yield false;
            }
        };
    }

    String text(Flag flag) {
        String value = raw(flag);
        if (value.isEmpty() || value.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            wrong(flag, "a name without spaces");
        }
        return value;
    }

    String label(Flag flag) {
        if (!NAME.matcher(raw(flag)).matches()) {
            wrong(flag, "a Kubernetes name");
        }
        return raw(flag);
    }

    Optional<ObjectName> object(Flag flag) {
        return objectOf(flag, raw(flag));
    }

    /** {@code namespace/name[:port]}, as it was written. */
    Optional<String> service(Flag flag) {
        String value = raw(flag);
        int colon = value.lastIndexOf(':');
        if (colon >= 0) {
            number(flag, value.substring(colon + 1));
            return objectOf(flag, value.substring(0, colon)).map(n -> value);
        }
        return objectOf(flag, value).map(n -> value);
    }

    int port(Flag flag) {
        return number(flag, raw(flag));
    }

    SortedSet<String> namespaces(Flag flag) {
        SortedSet<String> names = new TreeSet<>(words(flag));
        if (!names.stream().allMatch(LABEL.asMatchPredicate())) {
            wrong(flag, "namespaces with commas between");
        }
        return Collections.unmodifiableSortedSet(names);
    }

    List<String> addresses(Flag flag) {
        List<String> addresses = words(flag);
        if (!addresses.stream().allMatch(ADDRESS.asMatchPredicate())) {
            wrong(flag, "addresses or host names with commas between");
        }
        return addresses;
    }

    Optional<String> selector(Flag flag) {
        String value = raw(flag);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (!SELECTOR.matcher(value).matches()) {
            wrong(flag, "label=value pairs with commas between");
        }
        return Optional.of(value);
    }

    Optional<Path> path(Flag flag) {
        return raw(flag).isEmpty() ? Optional.empty() : Optional.of(Path.of(raw(flag)));
    }

    Optional<Path> folder(Flag flag) {
        Optional<Path> path = path(flag);
        path.filter(p -> !Files.isDirectory(p)).ifPresent(p -> wrong(flag, "a folder that exists"));
        return path;
    }

    Optional<Path> file(Flag flag) {
        Optional<Path> path = path(flag);
        path.filter(p -> !Files.isReadable(p)).ifPresent(p -> wrong(flag, "a file we may read"));
        return path;
    }

    InetSocketAddress socket(Flag flag) {
        String value = raw(flag);
        int colon = value.lastIndexOf(':');
        if (colon < 0) {
            wrong(flag, "HOST:PORT");
            return new InetSocketAddress(0);
        }
        String host = value.substring(0, colon).replaceAll("^\\[|]$", "");
        // port 0 is for tests: any free one
        int port = value.endsWith(":0") ? 0 : number(flag, value.substring(colon + 1));
        InetSocketAddress address =
                host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            wrong(flag, "an address of this machine");
        }
        return address;
    }

    void excluded(String why, Flag... flags) {
        for (Flag flag : flags) {
            if (given(flag)) {
                errors.add(flag + ": " + why);
            }
        }
    }

    private Optional<ObjectName> objectOf(Flag flag, String value) {
        if (value.isEmpty()) {
            return Optional.empty();
        }
        int slash = value.indexOf('/');
        if (slash < 0
                || !LABEL.matcher(value.substring(0, slash)).matches()
                || !NAME.matcher(value.substring(slash + 1)).matches()) {
            wrong(flag, "NAMESPACE/NAME");
            return Optional.empty();
        }
        return Optional.of(new ObjectName(value.substring(0, slash), value.substring(slash + 1)));
    }

    private int number(Flag flag, String digits) {
        if (digits.matches("[0-9]{1,5}")) {
            int port = Integer.parseInt(digits);
            if (port >= 1 && port <= 65535) {
                return port;
            }
        }
        wrong(flag, "a port between 1 and 65535");
        return 1;
    }

    private List<String> words(Flag flag) {
        List<String> words = new ArrayList<>();
        for (String word : raw(flag).split(",", -1)) {
            if (!word.isBlank()) {
                words.add(word.strip());
            }
        }
        return List.copyOf(words);
    }

    private String raw(Flag flag) {
        return values.getOrDefault(flag, flag.fallback);
    }

    private void wrong(Flag flag, String expected) {
        errors.add(flag + "=" + CommandLine.shown(raw(flag)) + ": expected " + expected);
    }
}

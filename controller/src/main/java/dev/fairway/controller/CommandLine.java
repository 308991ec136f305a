package dev.fairway.controller;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Flags as they were written: {@code --flag=value}, {@code --flag value}, and switches that stand
 * alone. Ends with every error there is, not with the first.
 */
record CommandLine(Map<Flag, String> values, List<String> errors) {

    static CommandLine of(String... args) {
        Map<Flag, String> values = new EnumMap<>(Flag.class);
        List<String> errors = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            String arg = args[i];
            // Go's flag packages take one dash or two
            String body = arg.startsWith("--") ? arg.substring(2) : arg.substring(dash(arg));
            if (dash(arg) == 0) {
                errors.add("\"" + shown(arg) + "\": not a flag; flags start with --");
                continue;
            }
            int equals = body.indexOf('=');
            String word = equals < 0 ? body : body.substring(0, equals);
            Flag flag = Flag.named(word).orElse(null);
            if (flag == null) {
                errors.add(unknown(word));
                // its value, if it is the next word, is not a second mistake
                if (equals < 0 && i + 1 < args.length && dash(args[i + 1]) == 0) {
                    i++;
                }
                continue;
            }
            String value;
            if (equals >= 0) {
                value = body.substring(equals + 1);
            } else if (flag.isSwitch()) {
                value = "true";
            } else if (i + 1 < args.length && dash(args[i + 1]) == 0) {
                value = args[++i];
            } else {
                errors.add(flag + ": value missing; write " + flag + "=" + flag.form);
                continue;
            }
            if (values.put(flag, value) != null) {
                errors.add(flag + ": given twice");
            }
        }
        return new CommandLine(values, errors);
    }

    private static int dash(String arg) {
        return arg.startsWith("-") && arg.length() > 1 ? 1 : 0;
    }

    private static String unknown(String word) {
        String near =
                Flag.near(word)
                        .map(flag -> "; did you mean " + flag + "?")
                        .orElse("; --help lists them");
        return "--" + shown(word) + ": unknown flag" + near;
    }

    /** Short and printable, whatever was typed. */
    static String shown(String text) {
        String printable = text.replaceAll("[^\\x20-\\x7e]", "?");
        return printable.length() <= 80 ? printable : printable.substring(0, 80) + "…";
    }
}

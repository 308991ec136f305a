import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** kubectl, helm and hack/cluster, as a person would type them. */
final class Shell {
    private Shell() {}

    record Result(int status, String out) {
        boolean ok() {
            return status == 0;
        }
    }

    static Result run(String input, List<String> command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            try (var in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            }
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor(5, TimeUnit.MINUTES);
            return new Result(process.exitValue(), out);
        } catch (java.io.IOException | InterruptedException e) {
            throw new IllegalStateException(String.join(" ", command), e);
        }
    }

    /** Fails loudly. */
    static String kubectl(String... arguments) {
        Result result = tryKubectl(arguments);
        if (!result.ok()) {
            throw new IllegalStateException("kubectl " + String.join(" ", arguments) + "\n" + result.out());
        }
        return result.out();
    }

    static Result tryKubectl(String... arguments) {
        List<String> command = new ArrayList<>(List.of("kubectl"));
        command.addAll(List.of(arguments));
        return run("", command);
    }

    static String apply(String yaml) {
        Result result = run(yaml, List.of("kubectl", "apply", "-f", "-"));
        if (!result.ok()) {
            throw new IllegalStateException(result.out() + "\n" + yaml);
        }
        return result.out();
    }

    static String helm(String... arguments) {
        List<String> command = new ArrayList<>(List.of("helm"));
        command.addAll(List.of(arguments));
        Result result = run("", command);
        if (!result.ok()) {
            throw new IllegalStateException("helm " + String.join(" ", arguments) + "\n" + result.out());
        }
        return result.out();
    }

    static String cluster(String... arguments) {
        List<String> command = new ArrayList<>(List.of(System.getenv("HACK") + "/cluster"));
        command.addAll(List.of(arguments));
        Result result = run("", command);
        if (!result.ok()) {
            throw new IllegalStateException("hack/cluster " + String.join(" ", arguments) + "\n" + result.out());
        }
        return result.out().strip();
    }
}

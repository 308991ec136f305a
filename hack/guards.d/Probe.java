import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs tests in a process of their own, and says of each target one line: {@code passed}, {@code failed} or
 * {@code broken}, and of what. With {@code --first} it ends at the first failure, which is all a trial asks.
 */
final class Probe {
    private static volatile String only = "";

    private Probe() {}

    public static void main(String[] arguments) throws Exception {
        boolean first = arguments[0].equals("--first");
        for (String target : List.of(arguments).subList(first ? 1 : 0, arguments.length)) {
            try {
                run(target, first);
            } catch (ReflectiveOperationException | RuntimeException e) {
                say("broken", target, String.valueOf(e));
            }
        }
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    private static void run(String target, boolean first) throws ReflectiveOperationException {
        int at = target.indexOf('@');
        only = at < 0 ? "" : target.substring(at + 1);
        Watch watch = new Watch(target, first);
        Launcher launcher = LauncherFactory.create();
        launcher.execute(request(at < 0 ? target : target.substring(0, at)), watch);
        if (watch.failure != null) {
            return;
        }
        say(watch.passed == 0 ? "broken" : "passed", target, watch.passed == 0 ? "no test ran" : watch.passed + " tests");
    }

    private static LauncherDiscoveryRequest request(String target) throws ClassNotFoundException {
        return LauncherDiscoveryRequestBuilder.request()
                .selectors(selector(target))
                .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "true")
                .configurationParameter("junit.jupiter.execution.timeout.testable.method.default", "60s")
                .build();
    }

    private static DiscoverySelector selector(String target) throws ClassNotFoundException {
        int hash = target.indexOf('#');
        Class<?> type = Class.forName(hash < 0 ? target : target.substring(0, hash), false, Probe.class.getClassLoader());
        if (hash < 0) {
            return selectClass(type);
        }
        String name = target.substring(hash + 1);
        Method method =
                Arrays.stream(type.getDeclaredMethods())
                        // a table's method, not the source of its rows
                        .filter(each -> each.getName().equals(name) && each.getAnnotations().length > 0)
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("no test " + target));
        return selectMethod(type, method);
    }

    private static synchronized void say(String verdict, String target, String what) {
        System.out.println("\u0001" + verdict + "\t" + target + "\t" + what.replaceAll("[\\x00-\\x08\\x0a-\\x1f]+", " "));
    }

    private static final class Watch implements TestExecutionListener {
        private final String target;
        private final boolean first;
        private volatile int passed;
        private volatile String failure;

        Watch(String target, boolean first) {
            this.target = target;
            this.first = first;
        }

        @Override
        public synchronized void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (result.getStatus() == TestExecutionResult.Status.SUCCESSFUL) {
                passed += test.isTest() ? 1 : 0;
            } else if (failure == null) {
                failure = test.getDisplayName();
                Throwable cause = result.getThrowable().orElse(null);
                say(linkage(cause) ? "broken" : "failed", target, failure + "\t" + cause);
                if (first) {
                    System.out.flush();
                    Runtime.getRuntime().halt(0);
                }
            }
        }

        /** The program without its guard does not fit the classes around it: that proves nothing. */
        private static boolean linkage(Throwable thrown) {
            for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
                if (cause instanceof LinkageError && !(cause instanceof ExceptionInInitializerError)) {
                    return true;
                }
            }
            return false;
        }
    }

    /** Leaves out the rows of a table that a target does not name. */
    public static final class OnlyCase implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            String name = " " + context.getDisplayName() + " ";
            boolean other = !only.isEmpty() && name.startsWith(" [") && !name.contains(" " + only + " ");
            return other ? ConditionEvaluationResult.disabled("another case") : ConditionEvaluationResult.enabled("");
        }
    }
}

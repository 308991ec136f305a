package dev.fairway.controller.compile.annotation;

import dev.fairway.controller.compile.Printable;
import dev.fairway.controller.compile.Problem;
import dev.fairway.controller.compile.Problem.Subject;
import dev.fairway.controller.compile.ProblemCode;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One Ingress's annotations, read through {@link Setting}s. Names are compared as they are: no case
 * folding, no aliases but the declared ones. Owned by one compile.
 */
public final class Annotations {
    public static final String NATIVE_PREFIX = "fairway.dev/";

    /** What problems with ConfigMap values are reported on. */
    public static final Subject CONFIG = new Subject("ConfigMap", "", "controller configuration");

    private final Subject ingress;
    private final TreeMap<String, String> values = new TreeMap<>();

    /** The same by what follows ingress-nginx's prefix, and ours. */
    private final Map<String, String> nginx = new HashMap<>();

    private final Map<String, String> twins = new HashMap<>();

    /** What has been read: an Ingress is asked the same for each of its paths. */
    private final Map<Setting<?>, Optional<?>> read = new IdentityHashMap<>();

    private final Surroundings around;
    private boolean refused;
    private boolean canary;

    public Annotations(Subject ingress, Map<String, String> values, Surroundings around) {
        this.ingress = ingress;
        String prefix = around.annotationsPrefix() + "/";
        values.forEach((key, written) -> {
            // a YAML key without a value
            String value = written == null ? "" : written;
            this.values.put(key, value);
            if (key.startsWith(prefix)) {
                nginx.put(key.substring(prefix.length()), value);
            }
            if (key.startsWith(NATIVE_PREFIX)) {
                twins.put(key.substring(NATIVE_PREFIX.length()), value);
            }
        });
        this.around = around;
    }

    public Surroundings around() {
        return around;
    }

    public Subject ingress() {
        return ingress;
    }

    /** These belong to a canary Ingress. */
    public void markCanary() {
        canary = true;
    }

    boolean canary() {
        return canary;
    }

    /** All of them, sorted by name. */
    Map<String, String> all() {
        return values;
    }

    /** Whether a security setting can't be honoured: every route of this Ingress answers 503. */
    public boolean refused() {
        return refused;
    }

    /** Whether an annotation (not the ConfigMap) says something about this. */
    public boolean says(Setting<?> setting) {
        return key(setting).isPresent();
    }

    /** What the annotation says, else the ConfigMap. */
    public <T> Optional<T> read(Setting<T> setting) {
        Optional<T> own = readOwn(setting);
        return own.isPresent() || (setting.guard() && says(setting)) ? own : readConfig(setting);
    }

    /** What the annotation says. */
    @SuppressWarnings("unchecked") // what was read through a setting has the setting's type
    public <T> Optional<T> readOwn(Setting<T> setting) {
        if (nginx.isEmpty() && twins.isEmpty()) {
            return Optional.empty();
        }
        Optional<?> known = read.get(setting);
        if (known == null) {
            known = parse(setting);
            read.put(setting, known);
        }
        return (Optional<T>) known;
    }

    private <T> Optional<T> parse(Setting<T> setting) {
        Optional<String> key = key(setting);
        if (key.isEmpty()) {
            return Optional.empty();
        }
        String value = values.getOrDefault(key.get(), "");
        Grammar<T> grammar =
                setting.twin()
                        .filter(twin -> key.get().equals(NATIVE_PREFIX + twin.name()))
                        .map(Setting.Twin::grammar)
                        .orElse(setting.grammar());
        Optional<T> read = grammar.read(value);
        if (read.isEmpty()) {
            String wrong = "is " + Printable.quoted(value) + ", expected " + grammar.expects();
            if (setting.guard()) {
                refuse(setting, wrong);
            } else {
                report(ProblemCode.BAD_ANNOTATION, setting, wrong + "; the default applies");
            }
        }
        return read;
    }

    /** What the ConfigMap says. */
    public <T> Optional<T> readConfig(Setting<T> setting) {
        for (String key : setting.configKeys()) {
            Optional<String> value = around.config(key);
            if (value.isEmpty()) {
                continue;
            }
            Optional<T> read = setting.grammar().read(value.get());
            if (read.isEmpty()) {
                badConfig(around, key, value.get(), setting);
                refused |= setting.guard();
            }
            return read;
        }
        return Optional.empty();
    }

    static void badConfig(Surroundings around, String key, String value, Setting<?> setting) {
        around.report(
                new Problem(
                        ProblemCode.BAD_SETTING.word(),
                        CONFIG,
                        "data[" + Printable.plain(key) + "]",
                        Printable.plain(key)
                                + " is "
                                + Printable.quoted(value)
                                + ", expected "
                                + setting.grammar().expects()
                                + (setting.guard()
                                        ? "; routes that rely on it answer 503"
                                        : "; the built-in default applies")));
    }

    /** Closes every route of this Ingress. */
    public void refuse(Setting<?> setting, String what) {
        refused = true;
        report(
                ProblemCode.SECURITY_SETTING_REFUSED,
                setting,
                what + "; the routes of this Ingress answer 503");
    }

    /** Closes every route of this Ingress because of an annotation no setting stands for. */
    void refuse(String key, String what) {
        refused = true;
        report(
                ProblemCode.SECURITY_SETTING_REFUSED,
                key,
                what + "; the routes of this Ingress answer 503");
    }

    /** @param what goes on after the annotation's name */
    public void report(ProblemCode code, Setting<?> setting, String what) {
        report(code, key(setting).orElseGet(() -> fullName(setting)), what);
    }

    void report(ProblemCode code, String key, String what) {
        String name = Printable.plain(key);
        around.report(
                new Problem(
                        code.word(),
                        ingress,
                        "metadata.annotations[" + name + "]",
                        name + " " + what));
    }

    /** The key of the annotation that counts for this setting, when there is one. */
    Optional<String> key(Setting<?> setting) {
        if (nginx.isEmpty() && twins.isEmpty()) {
            return Optional.empty();
        }
        Optional<String> twin = setting.twin().map(Setting.Twin::name).filter(twins::containsKey);
        if (twin.isPresent()) {
            return Optional.of(NATIVE_PREFIX + twin.get());
        }
        for (String name : setting.names()) {
            if (nginx.containsKey(name)) {
                return Optional.of(around.annotationsPrefix() + "/" + name);
            }
        }
        return Optional.empty();
    }

    private String fullName(Setting<?> setting) {
        if (!setting.names().isEmpty()) {
            return around.annotationsPrefix() + "/" + setting.names().getFirst();
        }
        return setting.twin()
                .map(t -> NATIVE_PREFIX + t.name())
                .orElseGet(() -> setting.configKeys().getFirst());
    }
}

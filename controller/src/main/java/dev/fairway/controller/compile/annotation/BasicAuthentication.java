package dev.fairway.controller.compile.annotation;

import dev.fairway.contract.KeyId;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Policy;
import dev.fairway.controller.compile.ProblemCode;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** {@code auth-type: basic} with {@code auth-secret}, {@code auth-secret-type}, {@code auth-realm}. */
final class BasicAuthentication implements Feature {
    private static final String REALM = "Authentication Required";
    private static final String FILE_KEY = "auth";

    /** Beyond it, users belong into a directory behind auth-url. */
    private static final int MAX_USERS = 10_000;

    private enum Type {
        BASIC,
        DIGEST
    }

    private static final Setting<Type> TYPE =
            Setting.of(
                            "auth-type",
                            Grammars.oneOf(Map.of("basic", Type.BASIC, "digest", Type.DIGEST)))
                    .guarding();
    private static final Setting<String> SECRET =
            Setting.of("auth-secret", Grammars.OBJECT_NAME).guarding();
    private static final Setting<Boolean> SECRET_IS_FILE =
            Setting.of(
                            "auth-secret-type",
                            Grammars.oneOf(Map.of("auth-file", true, "auth-map", false)))
                    .guarding();
    private static final Setting<String> AUTH_REALM =
            Setting.of(
                            "auth-realm",
                            new Grammar<>(
                                    "text without quotes, at most 256 characters",
                                    text -> Grammars.matching(text, "[ !#-\\[\\]-~]{1,256}")))
                    .guarding();

    @Override
    public List<Setting<?>> settings() {
        return List.of(TYPE, SECRET, SECRET_IS_FILE, AUTH_REALM);
    }

    @Override
    public void compile(Location location) {
        Annotations annotations = location.annotations();
        Optional<Type> type = annotations.read(TYPE);
        Optional<String> reference = annotations.read(SECRET);
        boolean file = annotations.read(SECRET_IS_FILE).orElse(true);
        String realm = annotations.read(AUTH_REALM).orElse(REALM);
        if (type.isEmpty()) {
            if (annotations.says(SECRET) && !annotations.says(TYPE)) {
                annotations.report(
                        ProblemCode.IGNORED_ANNOTATION,
                        SECRET,
                        "has no effect without auth-type; nobody is asked for a password");
            }
            return;
        }
        if (type.get() == Type.DIGEST) {
            annotations.refuse(TYPE, "is digest, which is not served");
            return;
        }
        if (reference.isEmpty()) {
            if (!annotations.says(SECRET)) {
                annotations.refuse(TYPE, "needs auth-secret");
            }
            return;
        }
        SecretValues.named(location, SECRET, reference.get())
                .flatMap(secret -> publish(annotations, secret, file))
                .ifPresent(users -> location.add(new Policy.BasicAuth(realm, users)));
    }

    private static Optional<KeyId> publish(Annotations annotations, Secret secret, boolean file) {
        SecretValues values = new SecretValues(secret);
        TreeMap<String, String> hashes = new TreeMap<>();
        boolean complete = true;
        if (file) {
            complete = readFile(values.text(FILE_KEY).orElse(""), hashes);
        } else {
            for (String user : values.keys()) {
                Optional<String> hash = values.text(user).map(String::strip);
                hash.ifPresent(h -> hashes.put(user, h));
                complete &= hash.isPresent();
            }
        }
        if (hashes.isEmpty() || hashes.size() > MAX_USERS) {
            annotations.refuse(
                    SECRET,
                    file
                            ? "names a Secret without usable lines user:hash under the key auth"
                            : "names a Secret without users");
            return Optional.empty();
        }
        if (!complete) {
            annotations.report(
                    ProblemCode.BAD_ANNOTATION,
                    SECRET,
                    "names a Secret with lines that are not user:hash; these users can't log in");
        }
        // the same Secret may be read both ways, by two Ingresses
        KeyId id =
                new KeyId(
                        "users/"
                                + secret.getMetadata().getNamespace()
                                + "/"
                                + secret.getMetadata().getName()
                                + (file ? "" : "/map"));
        annotations
                .around()
                .publish(
                        id,
                        new Keys.Key.Users(
                                hashes.entrySet().stream()
                                        .map(e -> new Keys.User(e.getKey(), e.getValue()))
                                        .toList()));
        return Optional.of(id);
    }

    /** htpasswd: the first line of a user counts, as in nginx. */
    private static boolean readFile(String text, Map<String, String> hashes) {
        boolean complete = true;
        for (String line : text.lines().map(String::strip).toList()) {
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            int colon = line.indexOf(':');
            boolean usable =
                    colon > 0
                            && colon + 1 < line.length()
                            && line.chars().noneMatch(c -> c < ' ' || c == 0x7f);
            complete &= usable;
            if (usable) {
                String rest = line.substring(colon + 1);
                int comment = rest.indexOf(':');
                hashes.putIfAbsent(
                        line.substring(0, colon), comment < 0 ? rest : rest.substring(0, comment));
            }
        }
        return complete;
    }
}

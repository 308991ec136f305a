package dev.fairway.dataplane.policy;

import dev.fairway.contract.Keys;
import dev.fairway.dataplane.message.Answer;
import dev.fairway.dataplane.message.Header;
import dev.fairway.dataplane.message.PolicyContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;

/**
 * RFC 7617. An unknown user costs as much as a known one: the password is checked against somebody's
 * hash all the same, and the verdict thrown away.
 */
final class BasicAuthGate implements Gate {
    private static final Verdict BUSY =
            new Verdict.Broken(Answer.of(503, "Authentication is busy, try again.", "auth-busy"));

    private final Map<String, String> hashes;
    private final String somebodysHash;
    private final Verdict unauthorized;
    private final PasswordChecks checks;

    BasicAuthGate(String realm, Keys.Key.Users users, PasswordChecks checks) {
        this.hashes = HashMap.newHashMap(users.users().size());
        users.users().forEach(user -> hashes.putIfAbsent(user.name(), user.hash()));
        this.somebodysHash = users.users().isEmpty() ? "*" : users.users().getFirst().hash();
        this.checks = checks;
        String quoted = realm.replace("\\", "\\\\").replace("\"", "\\\"");
        this.unauthorized =
                new Verdict.Deny(
                        new Answer(
                                401,
                                List.of(
                                        new Header(
                                                "WWW-Authenticate",
                                                "Basic realm=\"" + quoted + "\"")),
                                "Authentication is required.",
                                "auth-required"));
    }

    /** The password is ours to check and nobody's to see, as ingress-nginx has it. */
    @Override
    public void prepare(PolicyContext context) {
        context.dropUpstreamHeader("authorization");
    }

    @Override
    public Verdict check(PolicyContext context) {
        BasicCredentials given = BasicCredentials.of(context.request().header("authorization"));
        if (given == null) {
            return unauthorized;
        }
        String own = hashes.get(given.user());
        String hash = own == null ? somebodysHash : own;
        String question = checks.question(given.password(), hash);
        Boolean known = checks.known(question);
        if (known != null) {
            return verdict(known && own != null, given.user(), context);
        }
        try {
            return new Verdict.Later(
                    checks.ask(question, given.password(), hash)
                            .thenApplyAsync(
                                    matches ->
                                            verdict(matches && own != null, given.user(), context),
                                    context.loop()));
        } catch (RejectedExecutionException _) {
            return BUSY;
        }
    }

    private Verdict verdict(boolean matches, String user, PolicyContext context) {
        if (!matches) {
            return unauthorized;
        }
        context.remoteUser(user);
        return Verdict.ALLOW;
    }
}

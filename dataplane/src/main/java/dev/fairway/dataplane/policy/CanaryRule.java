package dev.fairway.dataplane.policy;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.fairway.contract.Policy;
import dev.fairway.dataplane.balance.Chance;
import dev.fairway.dataplane.message.Request;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Header, then cookie, then weight; each decides or passes on, as in ingress-nginx's balancer. */
final class CanaryRule {
    private final Policy.Canary policy;
    private final @Nullable String header;
    private final @Nullable Pattern headerPattern;
    private final Chance chance;

    CanaryRule(Policy.Canary policy, Chance chance) {
        this.policy = policy;
        this.header = policy.header().map(name -> name.toLowerCase(Locale.ROOT)).orElse(null);
        this.headerPattern = policy.headerPattern().map(CanaryRule::pattern).orElse(null);
        this.chance = chance;
    }

    /** A pattern that is none matches nothing. */
    private static @Nullable Pattern pattern(String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException _) {
            return null;
        }
    }

    boolean chooses(Request request) {
        Boolean decided = byHeader(request);
        if (decided == null) {
            decided = byCookie(request);
        }
        if (decided != null) {
            return decided;
        }
        return policy.weight() > 0 && chance.below(policy.total()) < policy.weight();
    }

    private @Nullable Boolean byHeader(Request request) {
        String value = header == null ? null : request.header(header);
        if (value == null) {
            return null;
        }
        if (policy.headerValue().isPresent()) {
            return value.equals(policy.headerValue().get()) ? true : null;
        }
        if (policy.headerPattern().isPresent()) {
            return headerPattern != null && headerPattern.matcher(value).find() ? true : null;
        }
        return alwaysOrNever(value);
    }

    private @Nullable Boolean byCookie(Request request) {
        String value = policy.cookie().isEmpty() ? null : request.cookie(policy.cookie().get());
        return value == null ? null : alwaysOrNever(value);
    }

    private static @Nullable Boolean alwaysOrNever(String value) {
        return switch (value) {
            case "always" -> true;
            case "never" -> false;
            default -> null;
        };
    }
}

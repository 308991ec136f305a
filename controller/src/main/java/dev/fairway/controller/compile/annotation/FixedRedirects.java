package dev.fairway.controller.compile.annotation;

import dev.fairway.contract.Policy;
import java.util.List;
import java.util.Optional;

/**
 * {@code permanent-redirect} and {@code temporal-redirect}: every request is answered with one URL, to
 * which nothing is appended. The temporal one wins.
 */
final class FixedRedirects implements Feature {
    private static final int LONGEST = 2048;
    private static final String FORM =
            "https?://[a-zA-Z0-9.:\\[\\]-]+([/?#][-._~a-zA-Z0-9:/?#@!&'()*+,;=%]*)?";
    private static final Grammar<String> URL =
            new Grammar<>(
                    "an absolute http or https URL without variables",
                    text ->
                            text.length() > LONGEST
                                    ? Optional.empty()
                                    : Grammars.matching(text, FORM));

    private static final Setting<String> PERMANENT = Setting.of("permanent-redirect", URL);
    private static final Setting<Integer> PERMANENT_CODE =
            Setting.of("permanent-redirect-code", Grammars.number(300, 308));
    private static final Setting<String> TEMPORAL = Setting.of("temporal-redirect", URL);
    private static final Setting<Integer> TEMPORAL_CODE =
            Setting.of("temporal-redirect-code", Grammars.number(300, 307));

    @Override
    public List<Setting<?>> settings() {
        return List.of(PERMANENT, PERMANENT_CODE, TEMPORAL, TEMPORAL_CODE);
    }

    @Override
    public void compile(Location location) {
        Annotations annotations = location.annotations();
        Optional<String> permanent = annotations.read(PERMANENT);
        int permanentCode = annotations.read(PERMANENT_CODE).orElse(301);
        Optional<String> temporal = annotations.read(TEMPORAL);
        int temporalCode = annotations.read(TEMPORAL_CODE).orElse(302);
        if (temporal.isPresent()) {
            location.add(new Policy.Redirect(temporalCode, temporal.get()));
        } else if (permanent.isPresent()) {
            location.add(new Policy.Redirect(permanentCode, permanent.get()));
        }
    }
}

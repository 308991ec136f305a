package dev.fairway.dataplane.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fairway.contract.Policy.Retry;
import dev.fairway.contract.Policy.Retry.On;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NextUpstreamTest {
    private final Plans plans = new Plans();

    private RetryRule rule(int tries, long timeoutSeconds, boolean nonIdempotent, On... on) {
        return plans.plan(
                        new Retry(
                                List.of(on),
                                tries,
                                Duration.ofSeconds(timeoutSeconds),
                                nonIdempotent))
                .retry();
    }

    private static boolean again(RetryRule rule, On failure, int attempts) {
        return rule.again(failure, 0, attempts, 0, true, false, "GET", true);
    }

    @Test
    void by_default_errors_and_timeouts_are_tried_three_times() {
        RetryRule rule = plans.plan().retry();
        assertEquals(true, again(rule, On.ERROR, 1));
        assertEquals(true, again(rule, On.TIMEOUT, 2));
        assertEquals(false, again(rule, On.ERROR, 3));
        assertEquals(false, again(rule, On.HTTP_502, 1));
    }

    @Test
    void off_is_never() {
        assertEquals(false, again(rule(3, 0, true), On.ERROR, 1));
    }

    @Test
    void without_a_limit_the_endpoints_number_is_one() {
        RetryRule rule = rule(0, 0, false, On.ERROR);
        assertEquals(true, again(rule, On.ERROR, 2));
        assertEquals(false, again(rule, On.ERROR, 3));
        plans.endpoints(Plans.PRIMARY, 5);
        assertEquals(true, again(rule, On.ERROR, 4));
    }

    @Test
    void no_attempt_begins_after_the_timeout() {
        RetryRule rule = rule(3, 2, false, On.ERROR);
        assertEquals(true, rule.again(On.ERROR, 0, 1, 1_999_999_999L, true, false, "GET", true));
        assertEquals(false, rule.again(On.ERROR, 0, 1, 2_000_000_000L, true, false, "GET", true));
    }

    @ParameterizedTest
    @CsvSource({
        // method, sent, response began, replayable, non-idempotent allowed; again
        "GET, true, false, true, false, true",
        "POST, true, false, true, false, false",
        "LOCK, true, false, true, false, false",
        "PATCH, true, false, true, false, false",
        "POST, true, false, true, true, true",
        "POST, false, false, true, false, true",
        "PUT, true, false, true, false, true",
        "PUT, true, false, false, false, false",
        "PUT, false, false, false, false, true",
        "GET, true, true, true, true, false",
    })
    void what_was_sent_and_what_came_back_decide(
            String method,
            boolean sent,
            boolean began,
            boolean replayable,
            boolean nonIdempotent,
            boolean expected) {
        RetryRule rule = rule(3, 0, nonIdempotent, On.ERROR);
        assertEquals(expected, rule.again(On.ERROR, 0, 1, 0, sent, began, method, replayable));
    }

    @Test
    void a_status_is_a_whole_response_and_may_be_tried_again() {
        RetryRule rule = rule(3, 0, false, On.HTTP_503, On.INVALID_HEADER);
        assertEquals(true, rule.again(On.HTTP_503, 503, 1, 0, true, true, "GET", true));
        assertEquals(true, rule.again(On.INVALID_HEADER, 0, 1, 0, true, true, "GET", true));
        assertEquals(false, rule.again(On.HTTP_503, 503, 1, 0, true, true, "POST", true));
    }
}

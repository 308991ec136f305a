package dev.fairway.dataplane.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fairway.contract.Cidr;
import dev.fairway.contract.KeyId;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Policy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Every gate refuses; who answers first tells the order, however the policies are listed. */
class OrderTest {
    private static final List<Cidr> EVERYBODY = List.of(Cidr.parse("0.0.0.0/0"));

    private final Plans plans =
            new Plans()
                    .key("users/ns/u", new Keys.Key.Users(List.of(new Keys.User("a", "{PLAIN}b"))));

    private final Policy redirect = new Policy.HttpsRedirect(308, List.of(), false);
    private final Policy cors =
            new Policy.Cors(
                    List.of(new Policy.Cors.Origin.Any()),
                    List.of(),
                    List.of(),
                    List.of(),
                    false,
                    Duration.ZERO,
                    false);
    private final Policy connections = new Policy.ConnectionLimit("c", 1, List.of(), 421);
    private final Policy rate =
            new Policy.RateLimit("r", 1, Policy.RateLimit.Unit.MINUTE, 0, List.of(), 429);
    private final Policy addresses = new Policy.AddressRules(List.of(), EVERYBODY);
    private final Policy basic = new Policy.BasicAuth("realm", new KeyId("users/ns/u"));
    private final Policy external =
            new Policy.ExternalAuth(
                    Plans.template("http://auth/"),
                    Optional.empty(),
                    Optional.empty(),
                    "rd",
                    List.of(),
                    Optional.empty());

    @Test
    void the_order_is_the_data_planes_and_not_the_lists() {
        List<Policy> inOrder =
                List.of(redirect, cors, connections, rate, addresses, basic, external);
        List<Integer> answers = List.of(308, 204, 421, 429, 403, 401, 0);
        Random random = new Random(5);
        for (int first = 0; first < inOrder.size(); first++) {
            List<Policy> listed = new ArrayList<>(inOrder.subList(first, inOrder.size()));
            Collections.shuffle(listed, random);
            RoutePlan plan = plans.plan(listed.toArray(Policy[]::new));
            int status = 0;
            // Limits admit one: the second request meets them.
            for (int i = 0; i < 2; i++) {
                FakeRequest request =
                        FakeRequest.get("/").from("203.0.113." + first).method("OPTIONS");
                status = Plans.status(plan.admit(new FakeContext(request)));
            }
            assertEquals(answers.get(first), status, listed::toString);
        }
        assertEquals(2, plans.calls.size());
    }
}

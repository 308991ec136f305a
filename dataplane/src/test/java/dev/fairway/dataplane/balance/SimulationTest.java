package dev.fairway.dataplane.balance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Policy.LoadBalance;
import dev.fairway.contract.Policy.LoadBalance.Algorithm;
import dev.fairway.dataplane.balance.Simulation.Behaviour;
import dev.fairway.dataplane.balance.Simulation.Member;
import dev.fairway.dataplane.balance.Simulation.Result;
import dev.fairway.dataplane.balance.Simulation.Story;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the algorithms do with endpoints that misbehave; the figures are kept in simulation.txt. */
class SimulationTest {
    private static final Path REPORT =
            Path.of("src/test/resources/dev/fairway/dataplane/balance/simulation.txt");

    private static final Member GOOD = new Member(0, Behaviour.mean(20));
    private static final Story EVEN =
            new Story("three alike, 20 ms", 300, 120, 60, List.of(GOOD, GOOD, GOOD));
    private static final Story SLOW =
            new Story(
                    "the first takes 200 ms",
                    300,
                    120,
                    60,
                    List.of(new Member(0, Behaviour.mean(200)), GOOD, GOOD));
    private static final Story HEALING =
            new Story(
                    "the first takes 400 ms for 60 s, then 20 ms",
                    300,
                    180,
                    60,
                    List.of(
                            new Member(0, Behaviour.mean(400).until(60, Behaviour.mean(20))),
                            GOOD,
                            GOOD));
    private static final Story HANGING =
            new Story(
                    "the first answers for 30 s, then nothing (timeout 10 s)",
                    300,
                    120,
                    10,
                    List.of(
                            new Member(0, Behaviour.mean(20).until(30, Behaviour.hanging())),
                            GOOD,
                            GOOD));
    private static final Story MUTE =
            new Story(
                    "the first never answers (timeout 10 s)",
                    300,
                    120,
                    10,
                    List.of(new Member(0, Behaviour.hanging()), GOOD, GOOD));
    private static final Story REFUSING =
            new Story(
                    "the first answers 503 after 1 ms",
                    300,
                    120,
                    60,
                    List.of(new Member(0, (second, random) -> -1), GOOD, GOOD));
    private static final Story JOINING =
            new Story(
                    "the last joins at 30 s and takes 300 ms until 45 s",
                    300,
                    60,
                    60,
                    List.of(
                            GOOD,
                            GOOD,
                            new Member(30, Behaviour.mean(300).until(45, Behaviour.mean(20)))));

    private static Result run(Story story, Algorithm algorithm) {
        return Simulation.run(story, new LoadBalance(algorithm));
    }

    private static Result ramped(Story story, Algorithm algorithm) {
        return Simulation.run(
                story, new LoadBalance(algorithm, Optional.of(Duration.ofSeconds(30))));
    }

    @Test
    void the_report_in_the_repository_is_what_the_pickers_do() throws IOException {
        StringBuilder report =
                new StringBuilder(
                        """
                        What each algorithm does with endpoints that misbehave: one process, requests at random moments,
                        no retries, each endpoint serves 16 at once; simulated time (SimulationTest; -Dsimulation.update=true writes this file).

                          algorithm                  p50 ms   p99 ms p99.9 ms   failed   share of each endpoint, %
                        """);
        for (Story story : List.of(EVEN, SLOW, HEALING, HANGING, MUTE, REFUSING, JOINING)) {
            report.append('\n').append(story.name()).append('\n');
            for (Algorithm algorithm : Algorithm.values()) {
                report.append(run(story, algorithm).row(name(algorithm)));
            }
            if (story == JOINING) {
                for (Algorithm algorithm : Algorithm.values()) {
                    report.append(ramped(story, algorithm).row(name(algorithm) + ", ramp 30s"));
                }
            }
        }
        if (Boolean.getBoolean("simulation.update")) {
            Files.createDirectories(REPORT.getParent());
            Files.writeString(REPORT, report);
        }
        assertEquals(Files.readString(REPORT), report.toString());
    }

    private static String name(Algorithm algorithm) {
        return switch (algorithm) {
            case ROUND_ROBIN -> "round robin";
            case LEAST_REQUESTS -> "least requests";
            case EWMA -> "ewma";
        };
    }

    @Test
    void ewma_among_equals_is_fair() {
        Result result = run(EVEN, Algorithm.EWMA);
        for (int i = 0; i < 3; i++) {
            assertEquals(1.0 / 3, result.share(i), 0.04);
        }
    }

    @Test
    void ewma_spares_clients_a_slow_endpoint_and_never_forgets_it() {
        Result ewma = run(SLOW, Algorithm.EWMA);
        assertTrue(ewma.at(0.99) < 0.6 * run(SLOW, Algorithm.ROUND_ROBIN).at(0.99));
        assertTrue(ewma.share(0) > 0.001 && ewma.share(0) < 0.1, "share " + ewma.share(0));
    }

    @Test
    void ewma_comes_back_to_an_endpoint_that_is_well_again() {
        Result result = run(HEALING, Algorithm.EWMA); // well for two thirds of the time
        assertTrue(result.share(0) > 0.15, "share " + result.share(0));
    }

    @Test
    void ewma_gives_an_endpoint_that_hangs_no_more_than_least_requests_does() {
        for (Story story : List.of(HANGING, MUTE)) {
            Result ewma = run(story, Algorithm.EWMA);
            assertTrue(
                    ewma.failed() <= run(story, Algorithm.LEAST_REQUESTS).failed(),
                    story.name() + ": " + ewma.failed());
        }
    }

    @Test
    void a_fast_refusal_attracts_nobody() {
        Result result = run(REFUSING, Algorithm.EWMA);
        assertTrue(result.share(0) < 0.02, "share " + result.share(0));
    }

    @Test
    void slow_start_spares_clients_a_cold_endpoint() {
        for (Algorithm algorithm : Algorithm.values()) {
            double cold = run(JOINING, algorithm).at(0.99);
            double spared = ramped(JOINING, algorithm).at(0.99);
            assertTrue(spared <= cold, algorithm + ": " + spared + " instead of " + cold);
        }
    }
}

package dev.fairway.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.dataplane.balance.Chance;
import dev.fairway.dataplane.balance.EndpointRegistry;
import dev.fairway.dataplane.policy.LimiterRegistry;
import dev.fairway.dataplane.policy.LiveState;
import dev.fairway.dataplane.policy.PasswordChecks;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RehearsalTest {
    private static final ProcessSettings SETTINGS =
            ((ProcessSettings.Parsed.Ready)
                            ProcessSettings.parse(
                                    new String[] {
                                        "--config-folder=/tmp", "--bind=http=127.0.0.1:0"
                                    },
                                    Map.of(),
                                    new Machine(1, 10_000, 1L << 30)))
                    .settings();

    private final LiveState live =
            new LiveState(
                    new EndpointRegistry(System::nanoTime),
                    new LimiterRegistry(System::nanoTime),
                    call -> {
                        throw new IllegalStateException("nobody is asked");
                    },
                    new PasswordChecks(Runnable::run, System::nanoTime, new byte[32]),
                    Chance.THREAD_LOCAL,
                    System::currentTimeMillis,
                    "here");

    @Test
    void all_of_it_is_answered_when_there_is_time() {
        int answered = new Rehearsal(SETTINGS, live, Duration.ofSeconds(60)).play();
        assertEquals(Rehearsal.REQUESTS, answered);
    }

    @Test
    void it_ends_when_its_time_is_over_and_leaves_no_thread_behind() throws Exception {
        long began = System.nanoTime();
        int answered = new Rehearsal(SETTINGS, live, Duration.ofMillis(50)).play();
        assertTrue(answered < Rehearsal.REQUESTS, "answered " + answered);
        assertTrue(System.nanoTime() - began < 5_000_000_000L);
        for (int i = 0; i < 100 && !ours().isEmpty(); i++) {
            Thread.sleep(20);
        }
        assertEquals(List.of(), ours());
    }

    private static List<String> ours() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("rehearsal") || name.startsWith("fairway-loop"))
                .toList();
    }
}

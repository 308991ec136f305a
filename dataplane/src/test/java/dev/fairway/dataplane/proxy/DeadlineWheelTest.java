package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DeadlineWheelTest {
    private static final long MS = 1_000_000;

    private static final class Timer extends Deadline {
        long expiredAt = -1;
        long clock;

        @Override
        void expired() {
            expiredAt = clock;
        }
    }

    @Test
    void each_deadline_expires_once_within_two_ticks_of_its_time_however_often_it_moved() {
        Random random = new Random(3);
        DeadlineWheel wheel = new DeadlineWheel(0);
        List<Timer> timers = new ArrayList<>();
        List<Long> due = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            timers.add(new Timer());
            due.add(0L);
        }
        for (int i = 0; i < timers.size(); i++) {
            for (int move = random.nextInt(4); move >= 0; move--) {
                long nanos = random.nextLong(100_000 * MS);
                wheel.set(timers.get(i), 0, nanos);
                due.set(i, nanos);
            }
            if (i % 7 == 0) {
                wheel.clear(timers.get(i));
                due.set(i, -1L);
            } else if (i % 11 == 0) {
                wheel.remove(timers.get(i));
                due.set(i, -1L);
            }
        }
        for (long now = 0; now < 110_000 * MS; now += 50 * MS) {
            for (Timer timer : timers) {
                timer.clock = now;
            }
            wheel.sweep(now);
        }
        for (int i = 0; i < timers.size(); i++) {
            long expired = timers.get(i).expiredAt;
            if (due.get(i) < 0) {
                assertEquals(-1, expired);
            } else {
                assertTrue(
                        expired >= due.get(i) && expired <= due.get(i) + 100 * MS,
                        i + ": " + due.get(i) + " " + expired);
            }
        }
    }
}

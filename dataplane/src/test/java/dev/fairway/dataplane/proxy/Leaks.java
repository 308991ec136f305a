package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Buffers that nobody released, as Netty's paranoid detector finds them. */
final class Leaks {
    private static final List<String> FOUND = new CopyOnWriteArrayList<>();

    static {
        ByteBufUtil.setLeakListener((type, records) -> FOUND.add(type + "\n" + records));
    }

    private Leaks() {}

    static void watch() {
        FOUND.clear();
    }

    /** Lets the detector look: it does when a buffer is allocated after a collection. */
    static void assertNone() {
        for (int i = 0; i < 3; i++) {
            System.gc();
            ByteBufAllocator.DEFAULT.directBuffer(16).release();
        }
        assertEquals(List.of(), FOUND);
    }
}

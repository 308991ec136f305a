package dev.fairway.dataplane.proxy;

import io.netty.util.internal.PlatformDependent;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.List;

/**
 * The fuller of the two: direct buffers, and what of the heap was alive at the last collection. Called
 * on one loop.
 */
public final class ProcessMemory implements MemoryGauge {
    private static final long COLLECTION_NANOS = 10_000_000_000L;

    /** From here on garbage that nobody makes any more would keep a stage up. */
    private static final double HEAP_SUSPECT = 0.80;

    private final List<MemoryPoolMXBean> heap =
            ManagementFactory.getMemoryPoolMXBeans().stream()
                    .filter(pool -> pool.getType() == MemoryType.HEAP)
                    .filter(pool -> pool.getCollectionUsage() != null)
                    .toList();
    private final List<BufferPoolMXBean> buffers =
            ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                    .filter(pool -> pool.getName().equals("direct"))
                    .toList();
    private final long heapMax = Runtime.getRuntime().maxMemory();
    private final long directMax = PlatformDependent.maxDirectMemory();
    private long collected = System.nanoTime();

    @Override
    public double share() {
        double alive = (double) alive() / heapMax;
        if (alive >= HEAP_SUSPECT && System.nanoTime() - collected > COLLECTION_NANOS) {
            // Refusing work ends the garbage that would bring the next collection, and with it the
            // news that there is room again.
            System.gc();
            collected = System.nanoTime();
        }
        return Math.max(alive, (double) direct() / directMax);
    }

    private long alive() {
        long bytes = 0;
        for (MemoryPoolMXBean pool : heap) {
            MemoryUsage usage = pool.getCollectionUsage();
            bytes += usage == null ? 0 : usage.getUsed();
        }
        return bytes;
    }

    /** Netty counts what it allocates past the JDK; where it can't, the JDK counts. */
    private long direct() {
        long counted = PlatformDependent.usedDirectMemory();
        if (counted >= 0) {
            return counted;
        }
        long bytes = 0;
        for (BufferPoolMXBean pool : buffers) {
            bytes += pool.getMemoryUsed();
        }
        return bytes;
    }
}

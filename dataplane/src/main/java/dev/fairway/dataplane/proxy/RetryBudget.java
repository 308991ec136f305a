package dev.fairway.dataplane.proxy;

/**
 * One exchange's claim on its loop's retry budget: retries must not multiply the load of a backend in
 * trouble. What was never sent costs it nothing and is not counted. Owned by its loop.
 */
final class RetryBudget {
    private final Engine engine;
    private final Loop loop;
    private boolean claimed;

    RetryBudget(Engine engine, Loop loop) {
        this.engine = engine;
        this.loop = loop;
    }

    boolean allows(boolean sent) {
        if (!sent || claimed) {
            return true;
        }
        ProxyLimits.Upstream limits = engine.limits().upstream();
        int allowed = limits.retryFloor() + loop.exchanges * limits.retryShare() / 100;
        if (loop.retrying >= allowed) {
            engine.fire(Limit.RETRY_BUDGET);
            return false;
        }
        claimed = true;
        loop.retrying++;
        return true;
    }

    void release() {
        if (claimed) {
            claimed = false;
            loop.retrying--;
        }
    }
}

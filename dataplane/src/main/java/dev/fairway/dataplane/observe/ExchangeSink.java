package dev.fairway.dataplane.observe;

/** Where finished exchanges are told. Called on the exchange's event loop; must not block. */
@FunctionalInterface
public interface ExchangeSink {
    void finished(FinishedExchange exchange);
}

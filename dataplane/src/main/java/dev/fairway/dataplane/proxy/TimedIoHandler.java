package dev.fairway.dataplane.proxy;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;

/** Tells a loop's clock when each of its turns begins and ends; else the transport's own. */
final class TimedIoHandler implements IoHandler {
    private final IoHandler transport;
    private final LoopClock clock;

    TimedIoHandler(IoHandler transport, LoopClock clock) {
        this.transport = transport;
        this.clock = clock;
    }

    @Override
    public int run(IoHandlerContext context) {
        clock.turn();
        try {
            return transport.run(context);
        } finally {
            clock.turned();
        }
    }

    @Override
    public void initialize() {
        transport.initialize();
    }

    @Override
    public void prepareToDestroy() {
        transport.prepareToDestroy();
    }

    @Override
    public void destroy() {
        transport.destroy();
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
        return transport.register(handle);
    }

    @Override
    public void wakeup() {
        transport.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> handleType) {
        return transport.isCompatible(handleType);
    }
}

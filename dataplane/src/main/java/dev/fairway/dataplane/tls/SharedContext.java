package dev.fairway.dataplane.tls;

import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One SslContext, made when it is first asked for. Native contexts are counted: this holds one
 * count until it is retired, each caller one while it makes an engine, each engine one of its own.
 * So a connection that is open when its certificate is replaced goes on. Thread-safe.
 */
final class SharedContext {

    interface Maker {
        SslContext make() throws SSLException;
    }

    private final Maker maker;
    private @Nullable SslContext context;
    private boolean retired;

    SharedContext(Maker maker) {
        this.maker = maker;
    }

    /**
     * The context, counted once for the caller, who releases it.
     *
     * @return null: retired meanwhile; look again where this was found
     */
    synchronized @Nullable SslContext retain() throws SSLException {
        if (retired) {
            return null;
        }
        SslContext made = context;
        if (made == null) {
            made = maker.make();
            context = made;
        }
        return ReferenceCountUtil.retain(made);
    }

    synchronized void retire() {
        if (!retired) {
            retired = true;
            ReferenceCountUtil.release(context);
            context = null;
        }
    }

    synchronized boolean isMade() {
        return context != null;
    }

    /** Runs on the context if it is there already. */
    synchronized void ifMade(Consumer<SslContext> action) {
        if (context != null) {
            action.accept(context);
        }
    }
}

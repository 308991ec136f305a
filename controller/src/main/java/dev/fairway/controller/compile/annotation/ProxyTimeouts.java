package dev.fairway.controller.compile.annotation;

import dev.fairway.contract.Policy;
import java.time.Duration;
import java.util.List;

/**
 * {@code proxy-connect-timeout}, {@code proxy-read-timeout}, {@code proxy-send-timeout}: bare
 * seconds; read and send are idle times between two operations.
 */
final class ProxyTimeouts implements Feature {
    private static final Duration NATIVE_CONNECT = Duration.ofSeconds(1);
    private static final Duration COMPATIBLE_CONNECT = Duration.ofSeconds(5);
    private static final Duration IDLE = Duration.ofSeconds(60);

    private static final Setting<Duration> CONNECT = timeout("connect-timeout");
    private static final Setting<Duration> READ = timeout("read-timeout");
    private static final Setting<Duration> SEND = timeout("send-timeout");

    private static Setting<Duration> timeout(String name) {
        return Setting.of("proxy-" + name, Grammars.seconds(1))
                .withConfig("proxy-" + name)
                .withTwin(name, Grammars.STRICT_DURATION);
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(CONNECT, READ, SEND);
    }

    @Override
    public void compile(Location location) {
        Annotations annotations = location.annotations();
        Duration connect = location.around().compatible() ? COMPATIBLE_CONNECT : NATIVE_CONNECT;
        location.add(
                new Policy.Timeouts(
                        annotations.read(CONNECT).orElse(connect),
                        annotations.read(READ).orElse(IDLE),
                        annotations.read(SEND).orElse(IDLE)));
    }
}

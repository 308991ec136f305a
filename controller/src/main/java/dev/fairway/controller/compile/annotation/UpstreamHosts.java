package dev.fairway.controller.compile.annotation;

import dev.fairway.contract.Policy;
import dev.fairway.contract.Template;
import java.util.List;

/** {@code upstream-vhost}: the Host that the backend is told. */
final class UpstreamHosts implements Feature {
    private static final Setting<Template> HOST =
            Setting.of(
                    "upstream-vhost",
                    new Grammar<>(
                            "a host name, with or without a port, its variables all known",
                            text ->
                                    Grammars.matching(text, "[-._~:a-zA-Z0-9$\\[\\]{}]{1,253}")
                                            .flatMap(host -> Templates.parse(host, false))));

    @Override
    public List<Setting<?>> settings() {
        return List.of(HOST);
    }

    @Override
    public void compile(Location location) {
        location.annotations()
                .read(HOST)
                .ifPresent(host -> location.add(new Policy.UpstreamHost(host)));
    }
}

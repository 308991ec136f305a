package dev.fairway.controller.compile;

import dev.fairway.contract.BackendId;
import dev.fairway.contract.KeyId;
import dev.fairway.contract.Policy;
import dev.fairway.contract.Route;
import dev.fairway.contract.Snapshot;
import dev.fairway.contract.VirtualHost;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a snapshot refers to: only these backends' endpoints and only this key material ever leave
 * the controller.
 */
record References(SortedSet<BackendId> backends, SortedSet<KeyId> keys) {

    static References of(Snapshot snapshot) {
        References found = new References(new TreeSet<>(), new TreeSet<>());
        snapshot.settings().defaultCertificate().ifPresent(found.keys::add);
        snapshot.certificates().forEach(binding -> binding.key().ifPresent(found.keys::add));
        for (VirtualHost host : snapshot.hosts()) {
            host.clientCertificates().ifPresent(asked -> found.keys.add(asked.authorities()));
            for (Route route : host.routes()) {
                if (route.action() instanceof Route.Action.Forward forward) {
                    found.backends.add(forward.backend());
                }
                route.policies().forEach(found::add);
            }
        }
        return found;
    }

    private void add(Policy policy) {
        switch (policy) {
            case Policy.Canary canary -> backends.add(canary.backend());
            case Policy.ErrorPages pages -> backends.add(pages.backend());
            case Policy.FallbackBackend fallback -> backends.add(fallback.backend());
            case Policy.BasicAuth basic -> keys.add(basic.users());
            case Policy.Affinity affinity -> keys.add(affinity.seed());
            case Policy.UpstreamTls tls -> tls.identity().ifPresent(keys::add);
            case Policy.HttpsRedirect _,
                    Policy.Cors _,
                    Policy.RateLimit _,
                    Policy.ConnectionLimit _,
                    Policy.AddressRules _,
                    Policy.ExternalAuth _,
                    Policy.SatisfyAny _,
                    Policy.UpstreamHttp2 _,
                    Policy.UpstreamSchemeAsRequested _,
                    Policy.BodyLimit _,
                    Policy.Redirect _,
                    Policy.Rewrite _,
                    Policy.UpstreamHost _,
                    Policy.LoadBalance _,
                    Policy.HashBy _,
                    Policy.Retry _,
                    Policy.Timeouts _,
                    Policy.Hsts _,
                    Policy.KeepRepeatedSlashes _ -> {}
        }
    }
}

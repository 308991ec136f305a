package dev.fairway.controller.compile;

import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import java.util.Optional;

/**
 * Which Ingresses are ours. {@code spec.ingressClassName} decides alone when it is there; then the
 * legacy annotation; class-less ones only on request. A class that doesn't exist yet serves nothing.
 */
final class ClassSelection {
    private static final String LEGACY = "kubernetes.io/ingress.class";

    private final Catalogue catalogue;
    private final CompileOptions options;

    ClassSelection(Catalogue catalogue, CompileOptions options) {
        this.catalogue = catalogue;
        this.options = options;
    }

    boolean ours(Ingress ingress) {
        Optional<String> named =
                Optional.ofNullable(ingress.getSpec()).map(spec -> spec.getIngressClassName());
        if (named.isPresent()) {
            return catalogue.ingressClass(named.get()).filter(this::ours).isPresent();
        }
        Optional<String> legacy =
                Optional.ofNullable(ingress.getMetadata().getAnnotations())
                        .map(annotations -> annotations.get(LEGACY));
        return legacy.map(options.ingressClass()::equals).orElse(options.watchWithoutClass());
    }

    private boolean ours(IngressClass ingressClass) {
        boolean byName =
                options.classByName()
                        && Catalogue.name(ingressClass).equals(options.ingressClass());
        return byName
                || Optional.ofNullable(ingressClass.getSpec())
                        .map(spec -> spec.getController())
                        .filter(options.controllerClass()::equals)
                        .isPresent();
    }
}

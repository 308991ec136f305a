package dev.fairway.dataplane.source;

import dev.fairway.contract.codec.Manifest;

/** The three documents of a snapshot. */
public enum Part {
    ROUTES,
    ENDPOINTS,
    /** Key material: carried and kept apart from the other two. */
    KEYS;

    Manifest.Document of(Manifest manifest) {
        return switch (this) {
            case ROUTES -> manifest.routes();
            case ENDPOINTS -> manifest.endpoints();
            case KEYS -> manifest.keys();
        };
    }
}

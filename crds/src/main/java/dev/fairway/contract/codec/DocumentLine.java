package dev.fairway.contract.codec;

import dev.fairway.contract.CertificateBinding;
import dev.fairway.contract.Endpoints.EndpointSet;
import dev.fairway.contract.Keys.Entry;
import dev.fairway.contract.Listener;
import dev.fairway.contract.Settings;
import dev.fairway.contract.VirtualHost;

/** What a line of a document may hold. */
sealed interface DocumentLine {

    /** Always the first line. */
    record Head(int format, Kind document) implements DocumentLine {}

    enum Kind {
        ROUTES,
        ENDPOINTS,
        KEYS
    }

    record Global(Settings settings) implements DocumentLine {}

    record Entrance(Listener listener) implements DocumentLine {}

    record Binding(CertificateBinding certificate) implements DocumentLine {}

    record Host(VirtualHost host) implements DocumentLine {}

    record Backend(EndpointSet set) implements DocumentLine {}

    record Material(Entry entry) implements DocumentLine {}
}

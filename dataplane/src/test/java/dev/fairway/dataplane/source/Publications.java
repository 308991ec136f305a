package dev.fairway.dataplane.source;

import dev.fairway.contract.BackendId;
import dev.fairway.contract.Endpoints;
import dev.fairway.contract.HostMatch;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Listener;
import dev.fairway.contract.PathMatch;
import dev.fairway.contract.Route;
import dev.fairway.contract.Settings;
import dev.fairway.contract.Snapshot;
import dev.fairway.contract.VirtualHost;
import dev.fairway.contract.codec.Chunks;
import dev.fairway.contract.codec.Manifest;
import dev.fairway.contract.codec.ManifestCodec;
import dev.fairway.contract.codec.SharedConfig;
import dev.fairway.contract.codec.SnapshotCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** Snapshots as a controller would publish them. */
public record Publications(
        Manifest manifest,
        List<Chunks.Chunk> routes,
        List<Chunks.Chunk> endpoints,
        List<Chunks.Chunk> keys) {

    public static Publications of(
            long epoch, long sequence, Snapshot snapshot, Endpoints endpoints, Keys keys) {
        Chunks.Cut r = Chunks.cut(SnapshotCodec.encode(snapshot));
        Chunks.Cut e = Chunks.cut(SnapshotCodec.encode(endpoints));
        Chunks.Cut k = Chunks.cut(SnapshotCodec.encode(keys));
        Manifest manifest =
                new Manifest(
                        SnapshotCodec.FORMAT,
                        epoch,
                        sequence,
                        r.document(),
                        e.document(),
                        k.document(),
                        List.of());
        return new Publications(manifest, r.chunks(), e.chunks(), k.chunks());
    }

    /** One host with one route, to tell snapshots apart by. */
    public static Snapshot host(String name) {
        return new Snapshot(
                Settings.DEFAULTS, Listener.DEFAULTS, List.of(), List.of(virtualHost(name)));
    }

    public static VirtualHost virtualHost(String name) {
        return new VirtualHost(
                new HostMatch.Exact(name),
                List.of(
                        new Route(
                                "shop/web/" + name,
                                new Route.Origin("shop", "web", "web", "http"),
                                new PathMatch.Any(),
                                new Route.Action.Forward(new BackendId("shop", "web", 80)),
                                List.of())));
    }

    public static Endpoints endpoint(String address, int port) {
        return new Endpoints(
                List.of(
                        new Endpoints.EndpointSet(
                                new BackendId("shop", "web", 80),
                                List.of(
                                        new Endpoints.Endpoint(
                                                address, port, Endpoints.Condition.READY)))));
    }

    public byte[] manifestBytes() {
        return ManifestCodec.encode(manifest);
    }

    public List<Chunks.Chunk> open() {
        List<Chunks.Chunk> all = new ArrayList<>(routes);
        all.addAll(endpoints);
        return all;
    }

    /** As the folder carrier does: chunks first, the manifest renamed last. */
    public void writeTo(Path folder) throws IOException {
        Path chunkFolder = Files.createDirectories(folder.resolve(SharedConfig.CHUNK_FOLDER));
        Path keyFolder = Files.createDirectories(folder.resolve(SharedConfig.KEY_FOLDER));
        for (Chunks.Chunk chunk : open()) {
            Files.write(chunkFolder.resolve(chunk.hash()), chunk.bytes());
        }
        for (Chunks.Chunk chunk : keys) {
            Files.write(keyFolder.resolve(chunk.hash()), chunk.bytes());
        }
        Path unfinished = folder.resolve("manifest.unfinished");
        Files.write(unfinished, manifestBytes());
        Files.move(
                unfinished,
                folder.resolve(SharedConfig.MANIFEST_FILE),
                StandardCopyOption.ATOMIC_MOVE);
    }
}

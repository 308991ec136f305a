package dev.fairway.controller.watch;

import dev.fairway.contract.resource.DataPlane;
import dev.fairway.controller.compile.ClusterState;
import dev.fairway.controller.compile.Problem;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A folder of manifests as a view. What a document said when it was last good holds while it is
 * broken. Used by one thread.
 */
final class ManifestFolder {

    /** A file with more is not read: YAML of this size is a mistake. */
    static final long FILE_BYTES = 8 << 20;

    private final Path root;

    /** By {@code file#document}. */
    private Map<String, List<HasMetadata>> lastGood = new HashMap<>();

    ManifestFolder(Path root) {
        this.root = root;
    }

    /** The files of the folder, sorted, with what tells one state of a file from another. */
    Map<Path, String> stamps() throws IOException {
        Map<Path, String> stamps = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(ManifestFolder::isManifest).toList()) {
                try {
                    stamps.put(
                            file,
                            Files.getLastModifiedTime(file).toMillis() + " " + Files.size(file));
                } catch (IOException e) {
                    // gone between the listing and the look at it: the next round tells
                    continue;
                }
            }
        } catch (java.io.UncheckedIOException e) {
            throw e.getCause();
        }
        return stamps;
    }

    private static boolean isManifest(Path file) {
        String name = file.getFileName().toString();
        return (name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json"))
                // editors' lock and backup files
                && !name.startsWith(".")
                && Files.isRegularFile(file);
    }

    View read(Iterable<Path> files) {
        Map<String, List<HasMetadata>> good = new HashMap<>();
        Map<String, HasMetadata> objects = new LinkedHashMap<>();
        Map<String, String> origin = new HashMap<>();
        List<Problem> problems = new ArrayList<>();
        for (Path file : files) {
            String name = root.relativize(file).toString();
            for (YamlDocument document : documents(file, name, good, problems)) {
                String key = name + "#" + document.number();
                List<HasMetadata> found;
                try {
                    found = document.objects();
                } catch (YamlDocument.BrokenException e) {
                    found = lastGood.getOrDefault(key, List.of());
                    problems.add(broken(name, document, e, !found.isEmpty()));
                }
                good.put(key, found);
                for (HasMetadata object : found) {
                    add(object, name, document, objects, origin, problems);
                }
            }
        }
        lastGood = good;
        return view(List.copyOf(objects.values()), problems);
    }

    private List<YamlDocument> documents(
            Path file, String name, Map<String, List<HasMetadata>> good, List<Problem> problems) {
        try {
            if (Files.size(file) > FILE_BYTES) {
                throw new IOException("larger than " + FILE_BYTES + " bytes");
            }
            return YamlDocument.cut(Files.readString(file));
        } catch (IOException e) {
            lastGood.forEach((key, objects) -> {
                if (key.startsWith(name + "#")) {
                    good.put(key, objects);
                }
            });
            String why =
                    e instanceof CharacterCodingException
                            ? "not UTF-8 text"
                            : String.valueOf(e.getMessage());
            problems.add(
                    problem("UnreadableFile", name, "", "The file can't be read: " + why + "."));
            return List.of();
        }
    }

    private static void add(
            HasMetadata object,
            String file,
            YamlDocument document,
            Map<String, HasMetadata> objects,
            Map<String, String> origin,
            List<Problem> problems) {
        String id =
                object.getKind()
                        + " "
                        + (object.getMetadata().getNamespace() == null
                                ? ""
                                : object.getMetadata().getNamespace() + "/")
                        + object.getMetadata().getName();
        if (objects.putIfAbsent(id, object) == null) {
            origin.put(id, file + ", document " + document.number());
        } else {
            problems.add(
                    problem(
                            "DuplicateObject",
                            file,
                            "document " + document.number() + ", line " + document.firstLine(),
                            id + " is already in " + origin.get(id) + "; that one is used."));
        }
    }

    private static Problem broken(
            String file, YamlDocument document, YamlDocument.BrokenException e, boolean kept) {
        String after =
                kept ? " What it said when it was last good stays in use." : " It is left out.";
        return problem(
                "BrokenDocument",
                file,
                "document " + document.number() + ", line " + e.line,
                shortened(String.valueOf(e.getMessage())) + "." + after);
    }

    private static Problem problem(String code, String file, String field, String text) {
        return new Problem(code, new Problem.Subject("File", "", file), field, text);
    }

    private static String shortened(String text) {
        return text.length() <= 256 ? text : text.substring(0, 256) + "…";
    }

    private static View view(List<HasMetadata> objects, List<Problem> problems) {
        return new View(
                new ClusterState(
                        only(objects, Ingress.class),
                        only(objects, IngressClass.class),
                        only(objects, Service.class),
                        only(objects, EndpointSlice.class),
                        only(objects, Secret.class),
                        only(objects, ConfigMap.class)),
                objects.stream()
                        .filter(DataPlane.class::isInstance)
                        .map(DataPlane.class::cast)
                        .findFirst(),
                List.of(),
                List.of(),
                new TreeMap<>(),
                problems);
    }

    private static <T> List<T> only(List<HasMetadata> objects, Class<T> type) {
        return objects.stream().filter(type::isInstance).map(type::cast).toList();
    }
}

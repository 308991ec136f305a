package dev.fairway.controller.watch;

import com.fasterxml.jackson.databind.JsonMappingException;
import dev.fairway.contract.resource.DataPlane;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * One document of a manifest file. A file is cut at its {@code ---} lines before anything is
 * parsed, so that a broken document can't take its neighbours with it.
 *
 * @param number counts from 1
 * @param firstLine of the file, counts from 1
 */
record YamlDocument(int number, int firstLine, String text) {

    private static final KubernetesSerialization JSON = strict();
    private static final LoadSettings YAML = LoadSettings.builder().setLabel("document").build();

    private static final Map<String, Class<? extends HasMetadata>> KINDS =
            Map.of(
                    "networking.k8s.io/v1 Ingress", Ingress.class,
                    "networking.k8s.io/v1 IngressClass", IngressClass.class,
                    "v1 Service", Service.class,
                    "discovery.k8s.io/v1 EndpointSlice", EndpointSlice.class,
                    "v1 Secret", Secret.class,
                    "v1 ConfigMap", ConfigMap.class,
                    "fairway.dev/v1alpha1 DataPlane", DataPlane.class);

    /** Kinds beside ours in the same API groups. */
    private static final Set<String> NOT_READ = Set.of("NetworkPolicy", "IPAddress", "ServiceCIDR");

    /** By default fabric8 puts a value of the wrong type aside in silence. */
    private static KubernetesSerialization strict() {
        KubernetesSerialization strict = new KubernetesSerialization();
        strict.getUnmatchedFieldTypeModule().setRestrictToTemplates(true);
        return strict;
    }

    /** What is wrong, and the line of the file. */
    static final class BrokenException extends Exception {
        private static final long serialVersionUID = 1L;
        final int line;

        BrokenException(int line, String text) {
            super(text);
            this.line = line;
        }
    }

    /** Cuts a file; documents with nothing in them count, but are left out. */
    static List<YamlDocument> cut(String file) {
        List<YamlDocument> documents = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        int number = 1;
        int first = 1;
        int line = 0;
        for (String next : file.split("\n", -1)) {
            line++;
            if (next.startsWith("---") && (next.length() == 3 || next.charAt(3) <= ' ')) {
                boolean any = add(documents, number, first, text);
                number += any ? 1 : 0;
                text.setLength(0);
                text.append(next.substring(3)).append('\n');
                first = line;
            } else {
                text.append(next).append('\n');
            }
        }
        add(documents, number, first, text);
        return documents;
    }

    private static boolean add(
            List<YamlDocument> documents, int number, int first, StringBuilder text) {
        boolean any =
                text.toString()
                        .lines()
                        .map(String::strip)
                        .anyMatch(l -> !l.isEmpty() && !l.startsWith("#"));
        if (any) {
            documents.add(new YamlDocument(number, first, text.toString()));
        }
        return any;
    }

    /**
     * The objects we read; objects of other kinds are passed over.
     *
     * @throws BrokenException when any of the document can't be understood
     */
    List<HasMetadata> objects() throws BrokenException {
        Object tree;
        Node node;
        try {
            tree = new Load(YAML).loadFromString(text);
            node = new Compose(YAML).composeString(text).orElse(null);
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine()).orElse(0);
            throw new BrokenException(firstLine + Math.min(line, lastLine()), e.getProblem());
        } catch (YamlEngineException e) {
            throw new BrokenException(firstLine, String.valueOf(e.getMessage()));
        }
        List<HasMetadata> objects = new ArrayList<>();
        collect(tree, node, objects);
        return objects;
    }

    private void collect(@Nullable Object tree, @Nullable Node node, List<HasMetadata> objects)
            throws BrokenException {
        if (!(tree instanceof Map<?, ?> map)) {
            throw new BrokenException(line(node), "not a Kubernetes object: expected a mapping");
        }
        String apiVersion = string(map, "apiVersion", node);
        String kind = string(map, "kind", node);
        if (kind.equals("List") && apiVersion.equals("v1")) {
            if (map.get("items") instanceof List<?> items) {
                for (int i = 0; i < items.size(); i++) {
                    collect(items.get(i), child(child(node, "items"), i), objects);
                }
            }
            return;
        }
        Class<? extends HasMetadata> type = KINDS.get(apiVersion + " " + kind);
        if (type == null) {
            refuseNearMiss(apiVersion, kind, node);
            return;
        }
        objects.add(named(convert(map, type, node), node));
    }

    private HasMetadata convert(
            Map<?, ?> map, Class<? extends HasMetadata> type, @Nullable Node node)
            throws BrokenException {
        try {
            return asStored(JSON.convertValue(map, type));
        } catch (IllegalArgumentException e) {
            if (e.getCause() instanceof JsonMappingException mapping) {
                Node at = node;
                StringBuilder path = new StringBuilder();
                for (JsonMappingException.Reference step : mapping.getPath()) {
                    boolean index = step.getFieldName() == null;
                    path.append(
                            index
                                    ? "[" + step.getIndex() + "]"
                                    : (path.isEmpty() ? "" : ".") + step.getFieldName());
                    Node next = index ? child(at, step.getIndex()) : child(at, step.getFieldName());
                    at = next == null ? at : next;
                }
                // no word of the value: it may be a Secret's
                throw new BrokenException(line(at), path + ": a value of another type is expected");
            }
            throw new BrokenException(line(node), "not a valid " + type.getSimpleName());
        }
    }

    /** What the API server does at the door: stringData becomes data, namespace gets a default. */
    private static HasMetadata asStored(HasMetadata object) {
        if (object instanceof Secret secret && secret.getStringData() != null) {
            Map<String, String> data =
                    new LinkedHashMap<>(secret.getData() == null ? Map.of() : secret.getData());
            secret.getStringData()
                    .forEach((key, value) ->
                            data.put(
                                    key,
                                    Base64.getEncoder()
                                            .encodeToString(
                                                    value.getBytes(StandardCharsets.UTF_8))));
            secret.setData(data);
            secret.setStringData(null);
        }
        ObjectMeta meta = object.getMetadata();
        if (meta != null && meta.getNamespace() == null && !(object instanceof IngressClass)) {
            meta.setNamespace("default");
        }
        return object;
    }

    private HasMetadata named(HasMetadata object, @Nullable Node node) throws BrokenException {
        ObjectMeta meta = object.getMetadata();
        if (meta == null || meta.getName() == null || meta.getName().isEmpty()) {
            throw new BrokenException(line(node), object.getKind() + ": metadata.name is missing");
        }
        return object;
    }

    /** Other kinds may lie in the folder; a mistyped one of ours must not vanish in silence. */
    private void refuseNearMiss(String apiVersion, String kind, @Nullable Node node)
            throws BrokenException {
        for (String known : KINDS.keySet()) {
            String ours = known.substring(known.indexOf(' ') + 1);
            String oursIn = known.substring(0, known.indexOf(' '));
            boolean otherVersion = ours.equalsIgnoreCase(kind);
            boolean otherKind =
                    oursIn.contains("/") && oursIn.equals(apiVersion) && !NOT_READ.contains(kind);
            if (otherVersion || (otherKind && nearest(kind, apiVersion).equals(known))) {
                throw new BrokenException(
                        line(child(node, otherVersion ? "apiVersion" : "kind")),
                        "\""
                                + apiVersion
                                + "\" \""
                                + kind
                                + "\" is not read; did you mean "
                                + known
                                + "?");
            }
        }
    }

    /** The kind of that API group which shares most of its beginning. */
    private static String nearest(String kind, String apiVersion) {
        return KINDS.keySet().stream()
                .filter(known -> known.startsWith(apiVersion + " "))
                .sorted()
                .max(
                        Comparator.comparingInt(
                                known -> shared(known.substring(known.indexOf(' ') + 1), kind)))
                .orElseThrow();
    }

    private static int shared(String a, String b) {
        int mismatch = Arrays.mismatch(a.toCharArray(), b.toCharArray());
        return mismatch < 0 ? a.length() : mismatch;
    }

    /** Of the document, counted from 0, without empty ones at the end. */
    private int lastLine() {
        return (int) text.stripTrailing().lines().count() - 1;
    }

    private String string(Map<?, ?> map, String key, @Nullable Node node) throws BrokenException {
        if (map.get(key) instanceof String value) {
            return value;
        }
        throw new BrokenException(line(node), key + " is missing");
    }

    private int line(@Nullable Node node) {
        return firstLine
                + Optional.ofNullable(node)
                        .flatMap(Node::getStartMark)
                        .map(m -> m.getLine())
                        .orElse(0);
    }

    private static @Nullable Node child(@Nullable Node node, String key) {
        if (node instanceof MappingNode mapping) {
            return mapping.getValue().stream()
                    .filter(tuple ->
                            tuple.getKeyNode() instanceof ScalarNode scalar
                                    && scalar.getValue().equals(key))
                    .map(tuple -> tuple.getValueNode())
                    .findFirst()
                    .orElse(null);
        }
        return null;
    }

    private static @Nullable Node child(@Nullable Node node, int index) {
        return node instanceof SequenceNode sequence && index < sequence.getValue().size()
                ? sequence.getValue().get(index)
                : null;
    }
}

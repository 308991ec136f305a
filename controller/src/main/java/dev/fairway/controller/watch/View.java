package dev.fairway.controller.watch;

import dev.fairway.contract.resource.DataPlane;
import dev.fairway.controller.compile.ClusterState;
import dev.fairway.controller.compile.Problem;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One copy of all caches. The objects are shared with the caches and must not be changed.
 *
 * @param dataPlane the object we serve, if it exists
 * @param nodes and {@code pods}: only where Ingress status is made from them
 * @param watermarks how far each cache has come, by kind
 * @param problems of reading, such as a broken file
 */
public record View(
        ClusterState state,
        Optional<DataPlane> dataPlane,
        List<Node> nodes,
        List<Pod> pods,
        SortedMap<String, String> watermarks,
        List<Problem> problems) {

    public View {
        nodes = List.copyOf(nodes);
        pods = List.copyOf(pods);
        watermarks = new TreeMap<>(watermarks);
        problems = List.copyOf(problems);
    }
}

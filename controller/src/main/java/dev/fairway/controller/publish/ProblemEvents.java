package dev.fairway.controller.publish;

import dev.fairway.contract.codec.Chunks;
import dev.fairway.controller.compile.Problem;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Problems as Kubernetes Events on the object they are about. Each is told once, until it changes
 * or goes away. The Event's name is made of problem and hour, so that a restart, or a problem that
 * comes and goes, tells it again at most hourly. Used by one thread.
 */
final class ProblemEvents {

    private static final Logger log = LoggerFactory.getLogger(ProblemEvents.class);

    /** The API's own limit on {@code Event.message}. */
    private static final int MESSAGE_CHARS = 1_024;

    private static final long HOUR = Duration.ofHours(1).toSeconds();

    private static final Map<String, String> API_VERSIONS =
            Map.of(
                    "Ingress", "networking.k8s.io/v1",
                    "IngressClass", "networking.k8s.io/v1",
                    "Service", "v1",
                    "Secret", "v1",
                    "ConfigMap", "v1",
                    "EndpointSlice", "discovery.k8s.io/v1",
                    "DataPlane", "fairway.dev/v1alpha1");

    private final KubernetesClient client;
    private final String instance;
    private final TokenBuckets budget;
    private final InstantSource clock;
    private final Runnable dropped;

    /** What has been told and still holds. */
    private final Set<Problem> told = new HashSet<>();

    /**
     * @param instance which of our replicas speaks
     * @param dropped called for each Event that must wait
     */
    ProblemEvents(
            KubernetesClient client,
            String instance,
            TokenBuckets budget,
            InstantSource clock,
            Runnable dropped) {
        this.client = client;
        this.instance = instance;
        this.budget = budget;
        this.clock = clock;
        this.dropped = dropped;
    }

    /**
     * Tells what is new.
     *
     * @return whether all is told; if not, call again later
     */
    boolean update(Report report) {
        told.retainAll(new HashSet<>(report.problems()));
        boolean complete = true;
        for (Problem problem : new TreeSet<>(report.problems())) {
            HasMetadata subject = report.subjects().get(problem.object());
            if (told.contains(problem) || subject == null) {
                continue;
            }
            if (!budget.take(problem.object().namespace())) {
                dropped.run();
                complete = false;
                continue;
            }
            if (tell(problem, subject)) {
                told.add(problem);
            } else {
                complete = false;
            }
        }
        return complete;
    }

    private boolean tell(Problem problem, HasMetadata subject) {
        // Events of objects without a namespace live in default
        String namespace =
                problem.object().namespace().isEmpty() ? "default" : problem.object().namespace();
        String now = clock.instant().toString();
        try {
            client.v1()
                    .events()
                    .inNamespace(namespace)
                    .resource(
                            new EventBuilder()
                                    .withNewMetadata()
                                    .withNamespace(namespace)
                                    .withName(name(problem, subject))
                                    .endMetadata()
                                    .withNewInvolvedObject()
                                    .withKind(problem.object().kind())
                                    .withApiVersion(
                                            API_VERSIONS.getOrDefault(
                                                    problem.object().kind(), "v1"))
                                    .withNamespace(
                                            problem.object().namespace().isEmpty()
                                                    ? null
                                                    : problem.object().namespace())
                                    .withName(problem.object().name())
                                    .withUid(subject.getMetadata().getUid())
                                    .withResourceVersion(subject.getMetadata().getResourceVersion())
                                    .withFieldPath(printable(problem.field(), 256))
                                    .endInvolvedObject()
                                    .withType("Warning")
                                    .withReason(problem.code())
                                    .withMessage(message(problem))
                                    .withNewSource("fairway-controller", null)
                                    .withReportingComponent("fairway.dev/controller")
                                    .withReportingInstance(instance)
                                    .withFirstTimestamp(now)
                                    .withLastTimestamp(now)
                                    .withCount(1)
                                    .build())
                    .create();
            return true;
        } catch (KubernetesClientException e) {
            return switch (e.getCode()) {
                // told within this hour already
                case 409 -> true;
                // the namespace is going or gone, or the server will never take it
                case 403, 404, 422 -> {
                    log.warn("Event on {}: HTTP {}", problem.object(), e.getCode());
                    yield true;
                }
                default -> {
                    log.warn("Event on {}: HTTP {}; trying again", problem.object(), e.getCode());
                    yield false;
                }
            };
        }
    }

    private String name(Problem problem, HasMetadata subject) {
        long hour = clock.instant().getEpochSecond() / HOUR;
        String text =
                subject.getMetadata().getUid()
                        + '\n'
                        + problem.code()
                        + '\n'
                        + problem.field()
                        + '\n'
                        + problem.text();
        String hash = Chunks.hash(text.getBytes(StandardCharsets.UTF_8)).substring(0, 16);
        String object = problem.object().name();
        // RFC 1123 subdomain of at most 253
        return object.substring(0, Math.min(object.length(), 200)).replaceAll("[.-]+$", "")
                + "."
                + hash
                + "."
                + Long.toString(hour, 36);
    }

    private static String message(Problem problem) {
        String where = problem.field().isEmpty() ? "" : problem.field() + ": ";
        return printable(where + problem.text(), MESSAGE_CHARS);
    }

    /** Cut to length, and no control character: attack A17. */
    private static String printable(String text, int length) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        if (out.length() > length) {
            out.setLength(length - 1);
            out.append('…');
        }
        return out.toString();
    }
}

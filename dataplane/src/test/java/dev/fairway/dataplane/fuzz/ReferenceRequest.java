package dev.fairway.dataplane.fuzz;

import dev.fairway.dataplane.http1.HeadLimits;
import dev.fairway.dataplane.message.Header;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A request, read as RFC 9112 and the attack ledger's section 3.2 say it must be. */
public final class ReferenceRequest {
    private static final int MAX_METHOD = 32;
    private static final Pattern START =
            Pattern.compile("(" + ReferenceHead.TOKEN + ") ([^ ]+) HTTP/([0-9])\\.([0-9])");
    private static final Pattern LONG_METHOD =
            Pattern.compile("(" + ReferenceHead.TOKEN + ") .*", Pattern.DOTALL);
    private static final Pattern ABSOLUTE =
            Pattern.compile("https?://([^/?]+)(.*)", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final Pattern A_TOKEN =
            Pattern.compile("(" + ReferenceHead.TOKEN + ")", Pattern.CASE_INSENSITIVE);
    static final Pattern DIGITS = Pattern.compile("[0-9]{1,19}");

    private final Set<Integer> faults = new TreeSet<>();

    private ReferenceRequest() {}

    public static Reading<RequestMeaning> read(String in, HeadLimits limits) {
        return new ReferenceRequest().message(in, limits);
    }

    private Reading<RequestMeaning> message(String in, HeadLimits limits) {
        ReferenceHead head = ReferenceHead.read(in, limits, 2, 414);
        faults.addAll(head.faults());
        Matcher start = startLine(head.startLine());
        if (!faults.isEmpty()) {
            return new Reading.Refused<>(faults);
        }
        if (head.end() < 0 || start == null) {
            return new Reading.Partial<>();
        }
        int minor = Integer.parseInt(start.group(4));
        RequestMeaning meaning = meaning(head, start.group(1), start.group(2), minor);
        if (meaning == null) {
            return new Reading.Refused<>(faults);
        }
        ReferenceBody body = ReferenceBody.read(in, head.end(), meaning.length());
        if (body.faulty()) {
            return new Reading.Refused<>(ReferenceBody.STATUSES);
        }
        if (body.end() < 0) {
            return new Reading.Partial<>();
        }
        return new Reading.Whole<>(
                new RequestMeaning(
                        meaning.method(),
                        meaning.path(),
                        meaning.query(),
                        meaning.host(),
                        meaning.authority(),
                        minor,
                        meaning.fields(),
                        meaning.length(),
                        meaning.close(),
                        meaning.expectsContinue(),
                        meaning.upgrade(),
                        body.data()),
                body.end());
    }

    private @Nullable Matcher startLine(String line) {
        if (line.isEmpty()) {
            return null;
        }
        Matcher start = START.matcher(line);
        boolean shape = start.matches();
        if (!shape) {
            faults.add(400);
        } else if (!start.group(3).equals("1") || start.group(4).compareTo("1") > 0) {
            faults.add(505);
        }
        Matcher method = LONG_METHOD.matcher(line);
        if (method.matches() && method.group(1).length() > MAX_METHOD) {
            faults.add(501);
        }
        return shape ? start : null;
    }

    private @Nullable RequestMeaning meaning(
            ReferenceHead head, String method, String target, int minor) {
        if (method.equals("TRACE") || method.equals("CONNECT")) {
            faults.add(405);
        }
        List<Header> visible = head.fields().stream().filter(f -> !f.name().contains("_")).toList();
        long length = length(head, minor);
        String authority = null;
        String rest = target;
        Matcher absolute = ABSOLUTE.matcher(target);
        if (absolute.matches()) {
            authority = absolute.group(1);
            rest = absolute.group(2).startsWith("/") ? absolute.group(2) : "/" + absolute.group(2);
        }
        if (target.contains("#")) {
            faults.add(400);
        }
        int question = rest.indexOf('?');
        String raw = question < 0 ? rest : rest.substring(0, question);
        String query = question < 0 ? null : rest.substring(question + 1);
        String path =
                target.equals("*") && method.equals("OPTIONS") ? "*" : ReferencePath.canonical(raw);
        if (path == null) {
            faults.add(400);
        }
        List<String> hosts = head.values("host");
        if (hosts.size() > 1 || (hosts.isEmpty() && minor == 1)) {
            faults.add(400);
        }
        String host = "";
        for (String said : hosts) {
            host = ReferenceAuthority.host(said);
            if (host == null) {
                faults.add(400);
            }
        }
        if (authority == null) {
            authority = hosts.isEmpty() ? "" : hosts.getFirst();
        } else {
            host = ReferenceAuthority.host(authority);
            if (host == null) {
                faults.add(400);
            }
        }
        if (head.values("authorization").size() > 1) {
            faults.add(400);
        }
        ReferenceConnection connection = ReferenceConnection.of(head.values("connection"));
        if (connection.faulty()) {
            faults.add(400);
        }
        List<String> expectations = minor == 0 ? List.of() : head.values("expect");
        if (expectations.size() > 1
                || (expectations.size() == 1 && !expectations.getFirst().equals("100-continue"))) {
            faults.add(417);
        }
        if (!faults.isEmpty()) {
            return null;
        }
        boolean mayUpgrade = minor == 1 && connection.options().contains("upgrade") && length == 0;
        return new RequestMeaning(
                method,
                path,
                query,
                host,
                authority,
                minor,
                connection.leaves(visible),
                length,
                minor == 0 || connection.options().contains("close"),
                !expectations.isEmpty() && length != 0,
                mayUpgrade ? protocol(head.values("upgrade")) : null,
                "");
    }

    private static @Nullable String protocol(List<String> upgrades) {
        if (upgrades.size() != 1) {
            return null;
        }
        String[] parts = upgrades.getFirst().split("/", 2);
        boolean form = true;
        for (String part : parts) {
            form &= A_TOKEN.matcher(part).matches();
        }
        boolean never =
                Set.of("h2c", "h2", "http", "tls").contains(parts[0].toLowerCase(Locale.ROOT));
        return form && !never ? upgrades.getFirst() : null;
    }

    private long length(ReferenceHead head, int minor) {
        List<String> codings = head.values("transfer-encoding");
        List<String> lengths = head.values("content-length");
        if (!codings.isEmpty()) {
            boolean single = codings.size() == 1 && lengths.isEmpty();
            String coding = codings.getFirst();
            if (single && !coding.equalsIgnoreCase("chunked")) {
                faults.add(A_TOKEN.matcher(coding).matches() ? 501 : 400);
            } else if (!single || minor == 0) {
                faults.add(400);
            }
            return -1;
        }
        if (lengths.isEmpty()) {
            return 0;
        }
        if (lengths.size() > 1
                || !DIGITS.matcher(lengths.getFirst()).matches()
                || lengths.getFirst().length() == 19
                        && lengths.getFirst().compareTo(String.valueOf(Long.MAX_VALUE)) > 0) {
            faults.add(400);
            return 0;
        }
        return Long.parseLong(lengths.getFirst());
    }
}

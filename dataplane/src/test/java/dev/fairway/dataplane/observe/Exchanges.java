package dev.fairway.dataplane.observe;

import dev.fairway.contract.Policy;
import dev.fairway.contract.Route;
import dev.fairway.dataplane.message.Header;
import dev.fairway.dataplane.message.PolicyContext;
import dev.fairway.dataplane.message.Request;
import dev.fairway.dataplane.policy.Decision;
import dev.fairway.dataplane.policy.Dispatch;
import dev.fairway.dataplane.policy.RetryRule;
import dev.fairway.dataplane.policy.RoutePlan;
import java.util.List;
import java.util.Map;

/** Finished exchanges, made up. */
record Exchanges(
        Request request, RoutePlan plan, int status, List<Integer> attemptStatuses, int grpcStatus)
        implements FinishedExchange {

    static Exchanges of(Request request, Route route, int status, Integer... attempts) {
        return new Exchanges(
                request, route == null ? null : new Plan(route), status, List.of(attempts), -1);
    }

    Exchanges ended(int withGrpcStatus) {
        return new Exchanges(request, plan, status, attemptStatuses, withGrpcStatus);
    }

    record Sent(String method, String target, String host, Map<String, String> values)
            implements Request {
        @Override
        public boolean secure() {
            return true;
        }

        @Override
        public String authority() {
            return host;
        }

        @Override
        public int listenerPort() {
            return 443;
        }

        @Override
        public String path() {
            return target;
        }

        @Override
        public boolean hasQuery() {
            return false;
        }

        @Override
        public String query() {
            return "";
        }

        @Override
        public String header(String lowerCaseName) {
            return values.get(lowerCaseName);
        }

        @Override
        public List<Header> fields() {
            return List.of();
        }

        @Override
        public List<String> headers(String lowerCaseName) {
            return List.of();
        }

        @Override
        public String cookie(String name) {
            return null;
        }

        @Override
        public byte[] clientAddress() {
            return new byte[] {10, 0, 0, 9};
        }

        @Override
        public String clientAddressText() {
            return "10.0.0.9";
        }

        @Override
        public long contentLength() {
            return 0;
        }

        @Override
        public String id() {
            return values.getOrDefault("x-request-id", "0123456789abcdef0123456789abcdef");
        }

        @Override
        public String protocol() {
            return "HTTP/1.1";
        }
    }

    record Plan(Route route) implements RoutePlan {
        @Override
        public Decision admit(PolicyContext context) {
            return Decision.PROCEED;
        }

        @Override
        public long bodyLimit() {
            return 0;
        }

        @Override
        public Policy.Timeouts timeouts() {
            throw new UnsupportedOperationException();
        }

        @Override
        public RetryRule retry() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Dispatch dispatch(PolicyContext context) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Dispatch withoutEndpoint(PolicyContext context) {
            return null;
        }

        @Override
        public Dispatch interceptStatus(int status, PolicyContext context) {
            return null;
        }

        @Override
        public void respond(int status, PolicyContext context) {}

        @Override
        public boolean keepRepeatedSlashes() {
            return false;
        }
    }

    @Override
    public String reason() {
        return "ok";
    }

    @Override
    public String remoteUser() {
        return request == null ? "" : request.header("user") == null ? "" : request.header("user");
    }

    @Override
    public long requestBytes() {
        return 120;
    }

    @Override
    public long responseBytes() {
        return 700;
    }

    @Override
    public long responseBodyBytes() {
        return 512;
    }

    @Override
    public long durationNanos() {
        return 12_345_678;
    }

    @Override
    public long endedAtMillis() {
        return 1_700_000_000_000L;
    }

    @Override
    public int attempts() {
        return attemptStatuses.size();
    }

    @Override
    public String attemptAddress(int attempt) {
        return "10.1.0." + (attempt + 1) + ":8080";
    }

    @Override
    public int attemptStatus(int attempt) {
        return attemptStatuses.get(attempt);
    }

    @Override
    public long attemptNanos(int attempt) {
        return 4_000_000L * (attempt + 1);
    }

    @Override
    public long attemptBytes(int attempt) {
        return attempt == attempts() - 1 ? 512 : 0;
    }

    @Override
    public long headNanos() {
        return attempts() == 0 ? -1 : 3_000_000;
    }

    @Override
    public long connectNanos() {
        return 0;
    }
}

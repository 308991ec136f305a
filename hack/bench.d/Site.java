import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where one proxy runs: its folder, its ports, the backends behind it and the certificate it shows.
 *
 * @param backends two ports of the HTTP/1.1 backend
 * @param grpc port of the gRPC backend; 0: there is none
 */
record Site(Path folder, Setup setup, int http, int https, int admin, int[] backends, int grpc, Path certificate, Path key) {
    Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    /** Some peers want both in one file. */
    Path bundle() throws IOException {
        return write("bundle.pem", Files.readString(certificate) + Files.readString(key));
    }
}

package dev.fairway.contract;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Key material, sorted by id. No {@code toString} of these types prints a secret: they pass through
 * logs and exception texts of code that does not know what it holds.
 */
public record Keys(List<Entry> entries) {
    public static final Keys NONE = new Keys(List.of());

    public Keys {
        entries = List.copyOf(entries);
        Set<KeyId> seen = new HashSet<>();
        for (Entry entry : entries) {
            Valid.that(seen.add(entry.id()), "two keys with the id %s", entry.id());
        }
    }

    /** One named piece. */
    public record Entry(KeyId id, Key key) {}

    public sealed interface Key {

        /** A server's certificate chain, leaf first, and its PKCS#8 private key; both PEM. */
        record Certificate(String chainPem, String privateKeyPem) implements Key {
            @Override
            public String toString() {
                return "Certificate[…]";
            }
        }

        /** Users and their password hashes in htpasswd form, sorted by user. */
        record Users(List<User> users) implements Key {
            public Users {
                users = List.copyOf(users);
            }

            @Override
            public String toString() {
                return "Users[" + users.size() + "]";
            }
        }

        /** How we show ourselves to a backend and whom we believe there. */
        record UpstreamIdentity(Optional<Certificate> certificate, Optional<String> caPem)
                implements Key {
            @Override
            public String toString() {
                return "UpstreamIdentity[…]";
            }
        }

        /**
         * Who issues clients' certificates, and which of them no longer count.
         *
         * @param caPem one or more certificates
         * @param crlPem one list for each authority, intermediates included; absent: none is asked
         */
        record ClientAuthorities(String caPem, Optional<String> crlPem) implements Key {
            @Override
            public String toString() {
                return "ClientAuthorities[…]";
            }
        }

        /** Random bytes, Base64: signs cookies. */
        record Seed(String base64) implements Key {
            @Override
            public String toString() {
                return "Seed[…]";
            }
        }
    }

    /** A name and a password hash. */
    public record User(String name, String hash) {
        @Override
        public String toString() {
            return "User[" + name + "]";
        }
    }
}

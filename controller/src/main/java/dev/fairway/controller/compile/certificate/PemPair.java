package dev.fairway.controller.compile.certificate;

import dev.fairway.contract.Keys.Key.Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** What a certificate chain and a private key turn out to be. Immutable. */
public sealed interface PemPair {

    /**
     * The key belongs to the leaf.
     *
     * @param certificate normalised: nothing but certificates in the chain, a PKCS#8 key
     * @param names the leaf's DNS names (RFC 6125: the common name doesn't count), lower case
     */
    record Good(Certificate certificate, List<String> names, Instant notBefore, Instant notAfter)
            implements PemPair {
        public Good {
            names = List.copyOf(names);
        }

        /** Whether a name or a one-label wildcard stands for the host, itself maybe a wildcard. */
        public boolean covers(String host) {
            String wanted = host.toLowerCase(Locale.ROOT);
            if (names.contains(wanted)) {
                return true;
            }
            int dot = wanted.indexOf('.');
            return !wanted.startsWith("*.")
                    && dot > 0
                    && names.contains("*" + wanted.substring(dot));
        }

        public boolean validAt(Instant time) {
            return !time.isBefore(notBefore) && time.isBefore(notAfter);
        }
    }

    /** @param reason half a sentence without any byte of the key */
    record Bad(String reason) implements PemPair {}

    /** Never throws, whatever the two texts are. */
    static PemPair read(String chainPem, String keyPem) {
        try {
            return PairReading.read(chainPem, keyPem);
        } catch (PairReading.Unusable e) {
            return new Bad(e.reason());
        } catch (RuntimeException | StackOverflowError e) {
            return new Bad("can't be parsed");
        }
    }
}

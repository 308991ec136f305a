package dev.fairway.dataplane.policy;

import dev.fairway.dataplane.balance.Chance;
import dev.fairway.dataplane.balance.EndpointRegistry;
import java.util.function.LongSupplier;

/**
 * What compiled routes refer to and what outlives them; one for the process.
 *
 * @param subrequests asks external auth servers
 * @param wallMillis wall clock, for cookies' dates
 * @param hostName this machine's name
 */
public record LiveState(
        EndpointRegistry endpoints,
        LimiterRegistry limiters,
        Subrequests subrequests,
        PasswordChecks passwords,
        Chance chance,
        LongSupplier wallMillis,
        String hostName) {}

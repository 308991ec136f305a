package dev.fairway.dataplane.policy;

import dev.fairway.contract.Policy;
import dev.fairway.dataplane.message.Answer;
import dev.fairway.dataplane.message.PolicyContext;

/** Deny list, then allow list; the address is the one trusted forwarding established. */
final class AddressGate implements Gate {
    private static final Verdict REFUSED =
            new Verdict.Deny(Answer.of(403, "This address may not come in.", "address-denied"));

    private final AddressSet allow;
    private final AddressSet deny;

    AddressGate(Policy.AddressRules rules) {
        allow = new AddressSet(rules.allow());
        deny = new AddressSet(rules.deny());
    }

    @Override
    public Verdict check(PolicyContext context) {
        byte[] address = context.request().clientAddress();
        if (deny.contains(address)) {
            return REFUSED;
        }
        if (allow.isEmpty()) {
            return Verdict.NEUTRAL;
        }
        return allow.contains(address) ? Verdict.ALLOW : REFUSED;
    }
}

package dev.fairway.dataplane.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fairway.contract.Cidr;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AddressSetTest {

    @Test
    void the_search_answers_as_each_range_does() throws Exception {
        Random random = new Random(3);
        for (int round = 0; round < 500; round++) {
            List<Cidr> ranges = new ArrayList<>();
            for (int i = random.nextInt(20); i > 0; i--) {
                byte[] address = address(random);
                ranges.add(
                        new Cidr(
                                InetAddress.getByAddress(address).getHostAddress(),
                                random.nextInt(address.length * 8 + 1)));
            }
            AddressSet set = new AddressSet(ranges);
            for (int i = 0; i < 200; i++) {
                byte[] address = address(random);
                boolean expected = ranges.stream().anyMatch(range -> range.contains(address));
                assertEquals(expected, set.contains(address), ranges::toString);
            }
        }
    }

    @Test
    void all_of_ipv6_holds_nothing_of_ipv4() {
        AddressSet set = new AddressSet(List.of(Cidr.parse("::/0")));
        assertEquals(false, set.contains(new byte[] {1, 2, 3, 4}));
        assertEquals(true, set.contains(new byte[16]));
        assertEquals(false, new AddressSet(List.of()).contains(new byte[4]));
    }

    /** Few distinct bytes, so that ranges are hit and nest; never IPv4-mapped. */
    private static byte[] address(Random random) {
        byte[] address = new byte[random.nextBoolean() ? 4 : 16];
        for (int i = 0; i < address.length; i++) {
            address[i] = (byte) (random.nextInt(3) * 127);
        }
        if (address.length == 16) {
            address[0] = 0x20;
        }
        return address;
    }
}

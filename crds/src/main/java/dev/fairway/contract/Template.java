package dev.fairway.contract;

import java.util.List;

/**
 * Text with holes, parsed by the controller: the data plane fills it in and never parses user text.
 * The result is checked again wherever it enters a message.
 */
public record Template(List<TemplatePart> parts) {
    public Template {
        parts = List.copyOf(parts);
    }

    public static Template of(String text) {
        return new Template(text.isEmpty() ? List.of() : List.of(new TemplatePart.Text(text)));
    }
}

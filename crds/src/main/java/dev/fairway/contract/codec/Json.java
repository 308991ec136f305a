package dev.fairway.contract.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;

/** One value ⇄ one line of canonical JSON. */
final class Json {
    private Json() {}

    /** No table of names: each line would copy it to add one, and unknown names are anybody's. */
    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .streamReadConstraints(Limits.READ)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .build();

    static void write(Shape shape, Object value, ByteArrayOutputStream into) {
        try (JsonGenerator out = FACTORY.createGenerator(into)) {
            out.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            shape.write(value, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        into.write('\n');
    }

    /**
     * Reads exactly one value. Its characters are decoded here: of bytes that do not begin an array
     * Jackson's parser without a table of names reads past their end, and it takes what is no UTF-8.
     */
    static Object read(Shape shape, byte[] bytes, int offset, int length) throws Refusal {
        CharBuffer text;
        try {
            text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, offset, length));
        } catch (CharacterCodingException e) {
            throw new Refusal("not UTF-8", e);
        }
        try (JsonParser in = FACTORY.createParser(text.array(), 0, text.length())) {
            if (in.nextToken() == null) {
                throw new Refusal("empty");
            }
            Object value = shape.read(in);
            if (in.nextToken() != null) {
                throw new Refusal("something follows the value");
            }
            return value;
        } catch (Refusal e) {
            throw e;
        } catch (JsonProcessingException e) {
            // Its message may quote the document: not passed on.
            throw new Refusal("not well-formed JSON within the limits", e);
        } catch (IOException e) {
            throw new Refusal("unreadable", e);
        }
    }
}

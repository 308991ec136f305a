package dev.fairway.dataplane.http2;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class FrameWriterTest {

    @Test
    void a_data_frame_s_head_takes_no_more_room_than_it_has_bytes() {
        ByteBuf out = Unpooled.buffer(Http2.FRAME_HEAD, Http2.FRAME_HEAD);
        FrameWriter.data(out, 1, 1000, false);
        assertEquals(Http2.FRAME_HEAD, out.readableBytes());
        out.release();
    }
}

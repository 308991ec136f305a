// The gRPC backend: grpc PORT. HTTP/2 with prior knowledge, every unary call answered with the same 16-byte message and grpc-status 0.
// Request heads are not decoded: the answer is the same for all, and its own heads use no dynamic table.
#include "wire.h"

enum { IN = 256 << 10, DATA = 0, HEADERS = 1, SETTINGS = 4, PING = 6, GOAWAY = 7, WINDOW = 8, END_STREAM = 1, END_HEADERS = 4, ACK = 1 };
enum { MESSAGE = 21, ROOM = 1 << 20 };

struct connection {
  int fd, waiting, greeted;
  size_t have, out, sent;
  int64_t window;          // what the client lets us send on the connection
  size_t owed;             // received and not yet given back as window
  size_t held;             // streams that wait for window
  uint32_t streams[4096];
  unsigned char in[IN], bytes[ROOM];
};

static unsigned char head[256], trailers[64];
static size_t head_length, trailers_length;

static void literal(unsigned char *to, size_t *at, const char *name, const char *value) {
  to[(*at)++] = 0x10; // never indexed, new name (RFC 7541 6.2.3)
  to[(*at)++] = strlen(name);
  memcpy(to + *at, name, strlen(name)), *at += strlen(name);
  to[(*at)++] = strlen(value);
  memcpy(to + *at, value, strlen(value)), *at += strlen(value);
}

static void frame(struct connection *c, size_t length, int type, int flags, uint32_t stream, const void *payload) {
  unsigned char *at = c->bytes + c->out;
  if (c->out + 9 + length > ROOM) die("a client that reads nothing");
  at[0] = length >> 16, at[1] = length >> 8, at[2] = length, at[3] = type, at[4] = flags;
  at[5] = stream >> 24, at[6] = stream >> 16, at[7] = stream >> 8, at[8] = stream;
  if (length) memcpy(at + 9, payload, length);
  c->out += 9 + length;
}

static void answer(struct connection *c) {
  static const unsigned char message[MESSAGE] = {0, 0, 0, 0, 16, 10, 14, 'h', 'e', 'l', 'l', 'o', ' ', 'b', 'e', 'n', 'c', 'h', '!', '!', '!'};
  size_t done = 0;
  for (; done < c->held && c->window >= MESSAGE; done++) {
    c->window -= MESSAGE;
    frame(c, head_length, HEADERS, END_HEADERS, c->streams[done], head);
    frame(c, MESSAGE, DATA, 0, c->streams[done], message);
    frame(c, trailers_length, HEADERS, END_HEADERS | END_STREAM, c->streams[done], trailers);
  }
  memmove(c->streams, c->streams + done, (c->held -= done) * sizeof(uint32_t));
}

static void window(struct connection *c, uint32_t stream, uint32_t more) {
  uint32_t wire = htonl(more);
  frame(c, 4, WINDOW, 0, stream, &wire);
}

// True: a frame was taken from `in` at `from`, whose end is `*to`. False: not all there.
static int take(struct connection *c, size_t from, size_t *to) {
  unsigned char *f = c->in + from;
  if (c->have - from < 9) return 0;
  size_t length = (f[0] << 16) + (f[1] << 8) + f[2];
  if (c->have - from < 9 + length) return 0;
  uint32_t stream = ((f[5] & 127) << 24) + (f[6] << 16) + (f[7] << 8) + f[8];
  *to = from + 9 + length;
  switch (f[3]) {
    case DATA:
      c->owed += length;
      if (c->owed > 32768) window(c, 0, c->owed), c->owed = 0;
      // fall through
    case HEADERS:
      if (f[4] & END_STREAM && c->held < 4096) c->streams[c->held++] = stream;
      break;
    case SETTINGS:
      if (!(f[4] & ACK)) frame(c, 0, SETTINGS, ACK, 0, NULL);
      break;
    case PING:
      if (!(f[4] & ACK)) frame(c, 8, PING, ACK, 0, f + 9);
      break;
    case WINDOW:
      if (stream == 0) c->window += ((f[9] & 127) << 24) + (f[10] << 16) + (f[11] << 8) + f[12];
      break;
  }
  return 1;
}

static int turn(int poll, struct connection *c) {
  ssize_t got = recv(c->fd, c->in + c->have, IN - c->have, 0);
  if (got == 0 || (got < 0 && errno != EAGAIN)) return 0;
  if (got > 0) c->have += got;
  size_t at = 0;
  if (!c->greeted) {
    if (c->have < 24) return 1;
    // MAX_CONCURRENT_STREAMS 1024, after the client's preface
    frame(c, 6, SETTINGS, 0, 0, (unsigned char[]){0, 3, 0, 0, 4, 0});
    c->greeted = 1, at = 24;
  }
  for (size_t next; take(c, at, &next);) at = next;
  memmove(c->in, c->in + at, c->have -= at);
  answer(c);
  while (c->sent < c->out) {
    ssize_t sent = send(c->fd, c->bytes + c->sent, c->out - c->sent, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) {
      if (!c->waiting) watch(poll, EPOLL_CTL_MOD, c->fd, EPOLLIN | EPOLLOUT, c);
      return c->waiting = 1;
    }
    if (sent <= 0) return 0;
    c->sent += sent;
  }
  c->sent = c->out = 0;
  if (c->waiting) watch(poll, EPOLL_CTL_MOD, c->fd, EPOLLIN, c), c->waiting = 0;
  return 1;
}

int main(int count, char **arguments) {
  if (count != 2) return fprintf(stderr, "grpc PORT\n"), 2;
  head[head_length++] = 0x88; // :status 200
  literal(head, &head_length, "content-type", "application/grpc");
  literal(trailers, &trailers_length, "grpc-status", "0");
  int poll = epoll_create1(EPOLL_CLOEXEC), listener = listen_on(atoi(arguments[1]));
  watch(poll, EPOLL_CTL_ADD, listener, EPOLLIN, NULL);
  for (struct epoll_event events[256];;) {
    int ready = epoll_wait(poll, events, 256, -1);
    for (int i = 0; i < ready; i++) {
      struct connection *c = events[i].data.ptr;
      if (!c) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) continue;
        no_delay(fd);
        c = calloc(1, sizeof *c);
        c->fd = fd, c->window = 65535;
        watch(poll, EPOLL_CTL_ADD, fd, EPOLLIN, c);
      } else if (!turn(poll, c)) {
        close(c->fd);
        free(c);
      }
    }
  }
}

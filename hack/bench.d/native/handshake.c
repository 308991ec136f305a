// TLS handshakes: handshake PORT HOST PATH SECONDS CONNECTIONS full|resumed. Each connection makes one request and closes. Resumed: a
// connection offers the newest session a connection before it was given.
#include "wire.h"
#include <openssl/err.h>
#include <openssl/ssl.h>

struct connection {
  int fd, asked;
  int64_t begun;
  SSL *tls;
  size_t have;
  char in[4096];
};

static SSL_CTX *context;
static SSL_SESSION *newest;
static int poll_fd, port;
static const char *host;

static int keep(SSL *tls, SSL_SESSION *session) {
  (void)tls;
  if (newest) SSL_SESSION_free(newest);
  newest = session;
  return 1;
}

static void begin(struct connection *c, int resume) {
  c->begun = nanos(), c->asked = 0, c->have = 0;
  if ((c->fd = dial(port, 0)) < 0) die("connect");
  c->tls = SSL_new(context);
  SSL_set_fd(c->tls, c->fd);
  SSL_set_tlsext_host_name(c->tls, host);
  if (resume && newest) SSL_set_session(c->tls, newest);
  SSL_set_connect_state(c->tls);
  watch(poll_fd, EPOLL_CTL_ADD, c->fd, EPOLLIN | EPOLLOUT | EPOLLET, c);
}

// 1: the whole answer came, 0: not yet, -1: failed.
static int advance(struct connection *c, const char *request, int length) {
  if (!c->asked) {
    int done = SSL_do_handshake(c->tls);
    if (done != 1) {
      int why = SSL_get_error(c->tls, done);
      return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? 0 : -1;
    }
    if (SSL_write(c->tls, request, length) != length) return -1;
    c->asked = 1;
  }
  for (;;) {
    int got = SSL_read(c->tls, c->in + c->have, sizeof c->in - c->have);
    if (got <= 0) return SSL_get_error(c->tls, got) == SSL_ERROR_WANT_READ ? 0 : -1;
    c->have += got;
    long whole = response_length(c->in, c->have);
    if (whole < 0) return -1;
    if (whole && c->have >= (size_t)whole) return 1;
  }
}

int main(int count, char **a) {
  if (count != 7) return fprintf(stderr, "handshake PORT HOST PATH SECONDS CONNECTIONS full|resumed\n"), 2;
  signal(SIGPIPE, SIG_IGN);
  port = atoi(a[1]), host = a[2];
  int resume = !strcmp(a[6], "resumed"), connections = atoi(a[5]);
  char request[1024], more[64];
  int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", a[3], host);
  context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  if (resume) SSL_CTX_sess_set_new_cb(context, keep);
  poll_fd = epoll_create1(0);
  struct connection *all = calloc(connections, sizeof *all);
  struct latencies latencies = {0};
  long failed = 0, reused = 0;
  int64_t start = nanos(), end = start + atoll(a[4]) * 1000000000LL;
  for (int i = 0; i < connections; i++) begin(&all[i], resume);
  while (nanos() < end && failed < 100) {
    struct epoll_event events[64];
    int ready = epoll_wait(poll_fd, events, 64, 100);
    for (int i = 0; i < ready; i++) {
      struct connection *c = events[i].data.ptr;
      int state = advance(c, request, length);
      if (!state) continue;
      if (state > 0) took(&latencies, nanos() - c->begun), reused += SSL_session_reused(c->tls);
      else failed++;
      ERR_clear_error();
      SSL_set_shutdown(c->tls, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); // an aborted one would spoil its session
      SSL_free(c->tls);
      close(c->fd);
      begin(c, resume);
    }
  }
  snprintf(more, sizeof more, " reused=%ld", reused);
  report(&latencies, failed, (nanos() - start) / 1e9, more);
}

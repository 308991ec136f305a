// Idle connections: idle PORT HOST PATH plain|tls. Reads numbers from standard input; for each opens connections until that many are
// open, each having had one answer, and prints "open N". Holds them until standard input ends.
#include "wire.h"
#include <openssl/ssl.h>

int main(int count, char **a) {
  if (count != 5) return fprintf(stderr, "idle PORT HOST PATH plain|tls\n"), 2;
  int tls = !strcmp(a[4], "tls"), open = 0, target;
  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  char request[1024], in[8192];
  int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", a[3], a[2]);
  while (scanf("%d", &target) == 1) {
    for (; open < target; open++) {
      int fd = dial(atoi(a[1]), 1);
      if (fd < 0) die("connect");
      SSL *session = NULL;
      if (tls) {
        session = SSL_new(context);
        SSL_set_fd(session, fd);
        SSL_set_tlsext_host_name(session, a[2]);
        if (SSL_connect(session) != 1 || SSL_write(session, request, length) != length) return fprintf(stderr, "no TLS\n"), 1;
      } else if (send(fd, request, length, MSG_NOSIGNAL) != length) die("send");
      size_t have = 0;
      for (long whole = 0; !whole || have < (size_t)whole;) {
        ssize_t got = tls ? SSL_read(session, in + have, sizeof in - have) : recv(fd, in + have, sizeof in - have, 0);
        if (got <= 0) return fprintf(stderr, "closed after %d connections\n", open), 1;
        have += got;
        if ((whole = response_length(in, have)) < 0) return fprintf(stderr, "answered %.12s\n", in), 1;
      }
    }
    printf("open %d\n", open);
    fflush(stdout);
  }
}

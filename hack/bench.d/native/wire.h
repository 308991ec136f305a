// What the programs of this folder share: sockets on loopback, a clock, and latencies with their percentiles.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static inline void die(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

static inline int64_t nanos(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static inline struct sockaddr_in loopback(int port) {
  return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static inline void no_delay(int fd) { setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)); }

static inline int listen_on(int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_in at = loopback(port);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
  if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 4096)) die("listen");
  return fd;
}

// Non-blocking unless told to wait.
static inline int dial(int port, int wait) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | (wait ? 0 : SOCK_NONBLOCK), 0);
  struct sockaddr_in to = loopback(port);
  if (fd < 0) return -1;
  no_delay(fd);
  if (connect(fd, (struct sockaddr *)&to, sizeof to) && errno != EINPROGRESS) {
    close(fd);
    return -1;
  }
  return fd;
}

static inline void watch(int poll, int how, int fd, uint32_t events, void *owner) {
  struct epoll_event event = {.events = events, .data.ptr = owner};
  epoll_ctl(poll, how, fd, &event);
}

// Length of the whole response that starts here: 0 while its head is incomplete, -1 if it isn't a 200 with a length.
static inline long response_length(char *at, size_t have) {
  char *end = memmem(at, have, "\r\n\r\n", 4);
  if (!end) return 0;
  if (have < 12 || memcmp(at + 9, "200", 3)) return -1;
  *end = 0;
  char *length = strcasestr(at, "\r\ncontent-length:");
  *end = '\r';
  return length ? (end - at) + 4 + atol(length + 17) : -1;
}

struct latencies {
  uint32_t *micros;
  size_t count, room;
};

static inline void took(struct latencies *all, int64_t ns) {
  if (all->count == all->room) all->micros = realloc(all->micros, (all->room = all->room ? all->room * 2 : 65536) * sizeof(uint32_t));
  all->micros[all->count++] = ns / 1000 > UINT32_MAX ? UINT32_MAX : ns / 1000;
}

static int by_size(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

static inline void report(struct latencies *all, long failed, double seconds, const char *more) {
  qsort(all->micros, all->count, sizeof(uint32_t), by_size);
  size_t n = all->count;
  printf("requests=%zu failed=%ld seconds=%.3f", n, failed, seconds);
  if (n) printf(" p50=%u p99=%u p999=%u", all->micros[n / 2], all->micros[(size_t)(n * 0.99)], all->micros[(size_t)(n * 0.999)]);
  printf("%s\n", more);
  fflush(stdout);
}

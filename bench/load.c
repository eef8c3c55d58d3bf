// The client of the benchmarks: it keeps requests in flight on one or more connections and does nothing else with the
// answers than to count their lines and to note how long each took. In C, so that what is measured is the server: the
// same client written for Node takes 30 to 60 microseconds of a processor for each answer, which is more than qmpd does.
//
//   load SOCKET ask SECONDS WINDOW COMMAND[,COMMAND...]...   one connection for each argument, which takes turns
//                                                            with the commands of its list
//   load SOCKET connect SECONDS                              connections made, greeted and closed, one by one
//
// It prints one JSON object. One thread and one epoll set, whatever the number of connections.

#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { WINDOW_MAX = 1024, COMMANDS_MAX = 8, CONNECTIONS_MAX = 256, LATENCIES_MAX = 1 << 22 };

struct connection {
  int fd;
  // The commands as lines, and the one that is next.
  char *lines[COMMANDS_MAX];
  size_t command_count, next;
  // When the requests in flight were sent: a ring, since answers come in order.
  double sent[WINDOW_MAX];
  size_t oldest, in_flight;
  // Of the line that is being received: its length so far, and its third byte.
  size_t line_length;
  char third;
};

static float latencies[LATENCIES_MAX];
static size_t latency_count;
static char buffer[1 << 18];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static double now_us(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static int dial(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) fail("path too long");
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
  return fd;
}

// Answers in what has come: all lines except events ("{\"timestamp" against "{\"return", "{\"id", "{\"error", "{\"QMP").
static size_t count_answers(struct connection *connection, const char *bytes, size_t size) {
  size_t answers = 0;
  const char *end = bytes + size;
  while (bytes < end) {
    const char *feed = memchr(bytes, '\n', (size_t)(end - bytes));
    size_t length = (size_t)((feed == NULL ? end : feed) - bytes);
    if (connection->line_length <= 2 && connection->line_length + length > 2) {
      connection->third = bytes[2 - connection->line_length];
    }
    connection->line_length += length;
    if (feed == NULL) break;
    if (connection->third != 't') answers += 1;
    connection->line_length = 0;
    bytes = feed + 1;
  }
  return answers;
}

static size_t receive(struct connection *connection) {
  ssize_t count = recv(connection->fd, buffer, sizeof buffer, 0);
  if (count == 0) fail("the server closed the connection");
  if (count < 0) fail("recv");
  return count_answers(connection, buffer, (size_t)count);
}

static void send_all(int fd, const char *bytes, size_t size) {
  while (size > 0) {
    ssize_t count = send(fd, bytes, size, MSG_NOSIGNAL);
    if (count < 0) fail("send");
    bytes += count;
    size -= (size_t)count;
  }
}

static void negotiate(struct connection *connection) {
  static const char line[] = "{\"execute\": \"qmp_capabilities\"}\r\n";
  send_all(connection->fd, line, sizeof line - 1);
  for (size_t lines = 0; lines < 2;) lines += receive(connection);
}

static void open_connection(struct connection *connection, const char *path, char *commands) {
  connection->fd = dial(path);
  for (char *name = strtok(commands, ","); name != NULL; name = strtok(NULL, ",")) {
    if (connection->command_count == COMMANDS_MAX) fail("too many commands");
    if (asprintf(&connection->lines[connection->command_count++], "{\"execute\": \"%s\"}\r\n", name) < 0) fail("memory");
  }
  negotiate(connection);
}

// As many requests, in one system call.
static void ask(struct connection *connection, size_t count) {
  char lines[1 << 16];
  size_t size = 0;
  double now = now_us();
  for (size_t i = 0; i < count; i++) {
    const char *line = connection->lines[connection->next++ % connection->command_count];
    size_t length = strlen(line);
    memcpy(lines + size, line, length);
    size += length;
    connection->sent[(connection->oldest + connection->in_flight++) % WINDOW_MAX] = now;
  }
  send_all(connection->fd, lines, size);
}

static void note(struct connection *connection, size_t answers) {
  double now = now_us();
  for (size_t i = 0; i < answers; i++) {
    double taken = now - connection->sent[connection->oldest++ % WINDOW_MAX];
    connection->in_flight -= 1;
    if (latency_count < LATENCIES_MAX) latencies[latency_count++] = (float)taken;
  }
}

static int ascending(const void *first, const void *second) {
  float a = *(const float *)first, b = *(const float *)second;
  return (a > b) - (a < b);
}

static double quantile(double part) {
  return latency_count == 0 ? 0 : latencies[(size_t)((double)latency_count * part)];
}

static double cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void ask_for(const char *path, double seconds, size_t window, char **commands, int count) {
  static struct connection connections[CONNECTIONS_MAX];
  struct epoll_event events[CONNECTIONS_MAX];
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  if (count < 1 || count > CONNECTIONS_MAX || window < 1 || window > WINDOW_MAX) fail("numbers");
  for (int i = 0; i < count; i++) {
    open_connection(&connections[i], path, commands[i]);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &connections[i]};
    epoll_ctl(epoll, EPOLL_CTL_ADD, connections[i].fd, &event);
  }
  double start = now_us(), end = start + seconds * 1e6, cpu = cpu_seconds();
  int busy = count;
  for (int i = 0; i < count; i++) ask(&connections[i], window);
  while (busy > 0) {
    int ready = epoll_wait(epoll, events, CONNECTIONS_MAX, -1);
    if (ready < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < ready; i++) {
      struct connection *connection = events[i].data.ptr;
      size_t answers = receive(connection);
      note(connection, answers);
      if (answers > 0 && now_us() < end) ask(connection, answers);
      else if (connection->in_flight == 0 && answers > 0) busy -= 1;
    }
  }
  double elapsed = now_us() - start;
  cpu = cpu_seconds() - cpu;
  qsort(latencies, latency_count, sizeof latencies[0], ascending);
  printf("{\"perSecond\": %f, \"p50Us\": %f, \"p99Us\": %f, \"clientCpuUs\": %f}\n",
         (double)latency_count / elapsed * 1e6, quantile(0.5), quantile(0.99), cpu * 1e6 / (double)latency_count);
}

static void connect_for(const char *path, double seconds) {
  double start = now_us(), end = start + seconds * 1e6, cpu = cpu_seconds();
  size_t made = 0;
  for (; now_us() < end; made++) {
    struct connection connection = {.fd = dial(path)};
    while (receive(&connection) == 0) continue;
    close(connection.fd);
  }
  double elapsed = now_us() - start;
  cpu = cpu_seconds() - cpu;
  printf("{\"perSecond\": %f, \"clientCpuUs\": %f}\n", (double)made / elapsed * 1e6, cpu * 1e6 / (double)made);
}

int main(int argc, char **argv) {
  if (argc >= 6 && strcmp(argv[2], "ask") == 0) {
    ask_for(argv[1], atof(argv[3]), (size_t)atoi(argv[4]), argv + 5, argc - 5);
  } else if (argc == 4 && strcmp(argv[2], "connect") == 0) {
    connect_for(argv[1], atof(argv[3]));
  } else {
    fprintf(stderr, "usage: load SOCKET ask SECONDS WINDOW COMMAND[,COMMAND...]...\n"
                    "       load SOCKET connect SECONDS\n");
    return 2;
  }
  return 0;
}

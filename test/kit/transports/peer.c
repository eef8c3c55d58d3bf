// A peer that sends messages with descriptors, in pieces of random size, and never reads, until somebody kills it.
// Usage: peer SOCKET SEED. Compiled by the tests that use it.

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void send_piece(int socket, const char *bytes, size_t size, const int *fds, size_t fd_count) {
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(253 * sizeof(int))];
  } control;
  struct iovec part = {.iov_base = (void *)bytes, .iov_len = size};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (fd_count > 0) {
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
    memcpy(CMSG_DATA(header), fds, fd_count * sizeof(int));
  }
  if (sendmsg(socket, &message, MSG_NOSIGNAL) < 0) _exit(1);
}

int main(int argc, char **argv) {
  static char bytes[4000];
  int fds[253];
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (argc != 3) return 2;
  strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
  srand((unsigned)atoi(argv[2]));
  memset(bytes, 'x', sizeof bytes);
  int null = open("/dev/null", O_RDWR);
  for (size_t i = 0; i < 253; i++) fds[i] = null;
  int connection = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(connection, (struct sockaddr *)&address, sizeof address) != 0) return 1;
  for (;;) {
    size_t fd_count = rand() % 3 == 0 ? (size_t)(rand() % 12) : 0;
    if (rand() % 40 == 0) fd_count = 253;
    send_piece(connection, bytes, 1 + (size_t)(rand() % (int)sizeof bytes), fds, fd_count);
  }
}

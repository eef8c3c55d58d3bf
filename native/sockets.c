#define _GNU_SOURCE
#include "sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

// Room for other control messages, should somebody have switched on SO_PASSCRED or SO_PASSSEC on an inherited socket.
enum { OTHER_CONTROL_BYTES = 512 };

// CMSG_DATA need not be aligned for int: copied out. The length decides, not the padded space: CMSG_SPACE of one
// descriptor holds two on 64-bit machines.
static void collect_fds(struct cmsghdr *header, struct received *out) {
  size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  const unsigned char *data = CMSG_DATA(header);
  for (size_t i = 0; i < count; i++) {
    int fd;
    memcpy(&fd, data + i * sizeof fd, sizeof fd);
    if (out->fd_count < FDS_PER_MESSAGE_MAX) {
      out->fds[out->fd_count++] = fd;
    } else {
      close(fd);
    }
  }
}

ssize_t socket_receive(int fd, void *buffer, size_t size, struct received *out) {
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(FDS_PER_MESSAGE_MAX * sizeof(int)) + OTHER_CONTROL_BYTES];
  } control;
  struct iovec part = {.iov_base = buffer, .iov_len = size};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  ssize_t count;
  do {
    count = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (count < 0 && errno == EINTR);
  out->fd_count = 0;
  out->truncated = 0;
  if (count < 0) return -errno;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) collect_fds(header, out);
  }
  if (message.msg_flags & MSG_CTRUNC) {
    out->truncated = 1;
    while (out->fd_count > 0) close(out->fds[--out->fd_count]);
  }
  return count;
}

ssize_t socket_send(int fd, const void *bytes, size_t size, const int *fds, size_t fd_count) {
  ssize_t count;
  if (fd_count == 0) {
    do {
      count = send(fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (count < 0 && errno == EINTR);
    return count < 0 ? -errno : count;
  }
  if (fd_count > FDS_PER_MESSAGE_MAX) return -EINVAL;
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(FDS_PER_MESSAGE_MAX * sizeof(int))];
  } control;
  struct iovec part = {.iov_base = (void *)bytes, .iov_len = size};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes};
  message.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
  memset(control.bytes, 0, message.msg_controllen);
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
  memcpy(CMSG_DATA(header), fds, fd_count * sizeof(int));
  do {
    count = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (count < 0 && errno == EINTR);
  return count < 0 ? -errno : count;
}

// A file system path needs a terminating zero in the structure, an abstract name must not have one.
static int make_address(const char *path, size_t length, struct sockaddr_un *address, socklen_t *address_length) {
  int abstract = length > 0 && path[0] == '@';
  if (length == 0) return -EINVAL;
  if (length + (abstract ? 0 : 1) > sizeof address->sun_path) return -ENAMETOOLONG;
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path, path, length);
  if (abstract) address->sun_path[0] = '\0';
  *address_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (abstract ? 0 : 1));
  return 0;
}

// What bind(2) and connect(2) have in common.
typedef int (*address_call)(int fd, const struct sockaddr *address, socklen_t length);

static int open_at(address_call call, const struct sockaddr *address, socklen_t length) {
  int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  if (call(fd, address, length) == 0 || errno == EINPROGRESS) return fd;
  int error = -errno;
  close(fd);
  return error;
}

static int open_with(address_call call, const char *path, size_t length) {
  struct sockaddr_un address;
  socklen_t address_length;
  int error = make_address(path, length, &address, &address_length);
  return error ? error : open_at(call, (const struct sockaddr *)&address, address_length);
}

static int open_vsock(address_call call, uint32_t cid, uint32_t port) {
  struct sockaddr_vm address = {.svm_family = AF_VSOCK, .svm_cid = cid, .svm_port = port};
  return open_at(call, (const struct sockaddr *)&address, sizeof address);
}

int socket_bind(const char *path, size_t length) { return open_with(bind, path, length); }

int socket_connect(const char *path, size_t length) { return open_with(connect, path, length); }

int socket_bind_vsock(uint32_t cid, uint32_t port) { return open_vsock(bind, cid, port); }

int socket_connect_vsock(uint32_t cid, uint32_t port) { return open_vsock(connect, cid, port); }

int socket_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? -error : -errno;
}

int socket_set_nonblocking(int fd) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return -errno;
  return flags & O_NONBLOCK || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 ? 0 : -errno;
}

int socket_open_reserve(void) { return open("/", O_RDONLY | O_CLOEXEC); }

int socket_accept(int listener, int *reserve_fd) {
  int fd;
  if (*reserve_fd < 0) *reserve_fd = socket_open_reserve();
  do {
    fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  } while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
  if (fd >= 0) return fd;
  int error = errno;
  if ((error != EMFILE && error != ENFILE) || *reserve_fd < 0) return -error;
  close(*reserve_fd);
  // The kernel looks for a free descriptor before it looks for a connection: there may be none to drop.
  fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  if (fd < 0) error = errno;
  if (fd >= 0) close(fd);
  *reserve_fd = socket_open_reserve();
  return fd >= 0 ? ACCEPT_SHED : -error;
}

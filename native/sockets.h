// System calls on stream sockets, unix sockets above all, with descriptors in and out (SCM_RIGHTS). Knows nothing of Node. Functions that
// can fail return a negative errno, as the kernel does. Rules of the kernel that shape this file: unix(7), cmsg(3).

#ifndef QMPD_SOCKETS_H
#define QMPD_SOCKETS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// SCM_MAX_FD of the kernel: no message carries more descriptors. A control buffer of this size is only ever truncated
// because this process (or the system) has no room for the descriptors.
enum { FDS_PER_MESSAGE_MAX = 253 };

struct received {
  int truncated;  // not 0 when the kernel had to drop descriptors; the ones that came have been closed
  int fd_count;
  int32_t fds[FDS_PER_MESSAGE_MAX];
};

// Reads once, without blocking. All received descriptors are close-on-exec. 0 at end of file.
ssize_t socket_receive(int fd, void *buffer, size_t size, struct received *out);

// Writes once, without blocking or raising SIGPIPE. Descriptors leave with the first byte: whenever the result is
// positive they have been sent.
ssize_t socket_send(int fd, const void *bytes, size_t size, const int *fds, size_t fd_count);

// `path` starts with '@' for Linux's abstract namespace. All sockets made here are non-blocking and close-on-exec.
int socket_bind(const char *path, size_t length);
int socket_connect(const char *path, size_t length);

// The same between a host and its guests (vsock(7)). Connecting takes time: the socket becomes writable when it is over,
// and `socket_error` says how it went.
int socket_bind_vsock(uint32_t cid, uint32_t port);
int socket_connect_vsock(uint32_t cid, uint32_t port);

// Takes the error that the kernel keeps of what went on in the background; 0 when there was none.
int socket_error(int fd);

// Accepting must never wait, whatever state an inherited listening socket is in.
int socket_set_nonblocking(int fd);

// Result of socket_accept when a waiting connection had to be dropped because descriptors ran out.
enum { ACCEPT_SHED = -100000 };

// `reserve_fd` is spent and opened again to shed one connection when the process has no descriptor left: a listening
// socket that stays readable would otherwise wake the event loop for ever.
int socket_accept(int listener, int *reserve_fd);
int socket_open_reserve(void);

#endif

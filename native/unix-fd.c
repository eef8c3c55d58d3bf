// The addon's face towards JavaScript (src/transports/native.ts has its types): unix stream sockets that carry
// descriptors. Plain C over Node-API version 8; needs no libuv or V8 headers, and one binary serves every Node from
// version 18. Linux only. Not here: buffering, limits, half-close, what an event means (src/transports/unix*.ts).
//
// Functions return a count or descriptor, or a negative errno; they throw only for wrong arguments. Events go to one
// function, `onEvent(kind, fd, value, fdCount)`, with the bytes in a shared buffer that is valid during the call.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "addon.h"
#include "sockets.h"

enum { PATH_BYTES_MAX = 512 };  // more than any socket path; longer ones are refused by the address check

// Arguments and results

static bool failed(napi_env env, napi_status status) {
  if (status == napi_ok) return false;
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (!pending) napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", "unix-fd: wrong argument");
  return true;
}

napi_value make_number(napi_env env, int32_t value) {
  napi_value result = NULL;
  napi_create_int32(env, value, &result);
  return result;
}

static struct addon *addon_of(napi_env env) {
  void *data = NULL;
  napi_get_instance_data(env, &data);
  return data;
}

// Fetches exactly `count` arguments; missing ones are undefined.
static bool arguments(napi_env env, napi_callback_info info, size_t count, napi_value *values) {
  size_t given = count;
  return !failed(env, napi_get_cb_info(env, info, &given, values, NULL, NULL));
}

static bool integers(napi_env env, napi_callback_info info, size_t count, int32_t *out) {
  napi_value values[4];
  if (!arguments(env, info, count, values)) return false;
  for (size_t i = 0; i < count; i++) {
    if (failed(env, napi_get_value_int32(env, values[i], &out[i]))) return false;
  }
  return true;
}

int own_descriptor(struct addon *addon, int fd) {
  if (fd < 0) return fd;
  int error = watch_set_owned(&addon->watches, fd, 1);
  if (!error) return fd;
  close(fd);
  return error;
}

// Functions for JavaScript

// bind(path), connect(path) -> descriptor
static napi_value with_path(napi_env env, napi_callback_info info, int (*call)(const char *, size_t)) {
  napi_value value;
  char path[PATH_BYTES_MAX];
  size_t length = 0;
  if (!arguments(env, info, 1, &value)) return NULL;
  if (failed(env, napi_get_value_string_utf8(env, value, path, sizeof path, &length))) return NULL;
  // Only names of the abstract namespace may hold zeroes.
  if (path[0] != '@' && memchr(path, '\0', length) != NULL) return make_number(env, -EINVAL);
  return make_number(env, own_descriptor(addon_of(env), call(path, length)));
}

static napi_value js_bind(napi_env env, napi_callback_info info) { return with_path(env, info, socket_bind); }

static napi_value js_connect(napi_env env, napi_callback_info info) { return with_path(env, info, socket_connect); }

// bindVsock(cid, port), connectVsock(cid, port) -> descriptor; numbers beyond 2^31 wrap around to where they belong
static napi_value with_vsock(napi_env env, napi_callback_info info, int (*call)(uint32_t, uint32_t)) {
  int32_t values[2];
  if (!integers(env, info, 2, values)) return NULL;
  return make_number(env, own_descriptor(addon_of(env), call((uint32_t)values[0], (uint32_t)values[1])));
}

static napi_value js_bindVsock(napi_env env, napi_callback_info info) { return with_vsock(env, info, socket_bind_vsock); }

static napi_value js_connectVsock(napi_env env, napi_callback_info info) {
  return with_vsock(env, info, socket_connect_vsock);
}

// error(fd): how a connectVsock went
static napi_value js_error(napi_env env, napi_callback_info info) {
  int32_t fd;
  if (!integers(env, info, 1, &fd)) return NULL;
  return make_number(env, socket_error(fd));
}

// listen(fd, backlog): may be repeated to change the backlog
static napi_value js_listen(napi_env env, napi_callback_info info) {
  int32_t values[2];
  if (!integers(env, info, 2, values)) return NULL;
  return make_number(env, listen(values[0], values[1]) == 0 ? 0 : -errno);
}

// watch(fd, role, interest): adds a socket or changes its interest
static napi_value js_watch(napi_env env, napi_callback_info info) {
  int32_t values[3];
  if (!integers(env, info, 3, values)) return NULL;
  int role = values[1] == ROLE_LISTENER ? ROLE_LISTENER : ROLE_STREAM;
  int error = role == ROLE_LISTENER ? socket_set_nonblocking(values[0]) : 0;
  if (error) return make_number(env, error);
  return make_number(env, watch_socket(&addon_of(env)->watches, values[0], role, values[2]));
}

// close(fd): of any descriptor, watched or not
static napi_value js_close(napi_env env, napi_callback_info info) {
  int32_t fd;
  if (!integers(env, info, 1, &fd)) return NULL;
  struct watch_set *set = &addon_of(env)->watches;
  watch_forget(set, fd);
  watch_set_owned(set, fd, 0);
  return make_number(env, close(fd) == 0 ? 0 : -errno);
}

// own(fd, 1 | 0): whether the descriptor is closed when the environment ends
static napi_value js_own(napi_env env, napi_callback_info info) {
  int32_t values[2];
  if (!integers(env, info, 2, values)) return NULL;
  return make_number(env, watch_set_owned(&addon_of(env)->watches, values[0], values[1] != 0));
}

static napi_value js_dup(napi_env env, napi_callback_info info) {
  int32_t fd;
  if (!integers(env, info, 1, &fd)) return NULL;
  int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  return make_number(env, copy < 0 ? -errno : own_descriptor(addon_of(env), copy));
}

// peer(fd): process, user and group of the other end, as it was when it connected, in the first three shared numbers
static napi_value js_peer(napi_env env, napi_callback_info info) {
  int32_t fd;
  if (!integers(env, info, 1, &fd)) return NULL;
  struct addon *addon = addon_of(env);
  struct ucred peer;
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return make_number(env, -errno);
  addon->fds[0] = peer.pid;
  addon->fds[1] = (int32_t)peer.uid;
  addon->fds[2] = (int32_t)peer.gid;
  return make_number(env, 0);
}

// describe(fd): address family, socket type and whether it listens, in the first three shared numbers
static napi_value js_describe(napi_env env, napi_callback_info info) {
  static const int options[] = {SO_DOMAIN, SO_TYPE, SO_ACCEPTCONN};
  int32_t fd;
  if (!integers(env, info, 1, &fd)) return NULL;
  struct addon *addon = addon_of(env);
  for (int i = 0; i < 3; i++) {
    int value = 0;
    socklen_t size = sizeof value;
    if (getsockopt(fd, SOL_SOCKET, options[i], &value, &size) != 0) return make_number(env, -errno);
    addon->fds[i] = value;
  }
  return make_number(env, 0);
}

// stayAwake(microseconds) -> for how many of them, at a time, somebody else had the processor since the last call
static napi_value js_stayAwake(napi_env env, napi_callback_info info) {
  int32_t duration;
  if (!integers(env, info, 1, &duration)) return NULL;
  uint64_t lost = awake_stay(&addon_of(env)->awake, (uint64_t)duration * 1000) / 1000;
  return make_number(env, lost < INT32_MAX ? (int32_t)lost : INT32_MAX);
}

// The bytes of a typed array, or of a string of ASCII characters that fits into the outgoing buffer.
static bool outgoing_bytes(napi_env env, struct addon *addon, napi_value value, const void **bytes, size_t *size) {
  napi_valuetype type;
  if (failed(env, napi_typeof(env, value, &type))) return false;
  if (type == napi_string) {
    *bytes = addon->outgoing;
    return !failed(env, napi_get_value_string_latin1(env, value, (char *)addon->outgoing, BUFFER_BYTES, size));
  }
  void *data = NULL;
  napi_typedarray_type element;
  if (failed(env, napi_get_typedarray_info(env, value, &element, size, &data, NULL, NULL))) return false;
  *bytes = data;
  if (element == napi_uint8_array) return true;
  failed(env, napi_invalid_arg);
  return false;
}

static bool outgoing_fds(napi_env env, napi_value value, int *fds, uint32_t *count) {
  napi_valuetype type;
  *count = 0;
  if (failed(env, napi_typeof(env, value, &type))) return false;
  if (type == napi_undefined) return true;
  if (failed(env, napi_get_array_length(env, value, count))) return false;
  if (*count > FDS_PER_MESSAGE_MAX) return !failed(env, napi_invalid_arg);
  for (uint32_t i = 0; i < *count; i++) {
    napi_value element;
    if (failed(env, napi_get_element(env, value, i, &element))) return false;
    if (failed(env, napi_get_value_int32(env, element, &fds[i]))) return false;
  }
  return true;
}

// send(fd, Uint8Array | string, fds?: number[]) -> bytes taken by the kernel. A string longer than the buffer is cut.
static napi_value js_send(napi_env env, napi_callback_info info) {
  napi_value values[3];
  int32_t fd;
  int fds[FDS_PER_MESSAGE_MAX];
  uint32_t fd_count;
  const void *bytes;
  size_t size;
  struct addon *addon = addon_of(env);
  if (!arguments(env, info, 3, values)) return NULL;
  if (failed(env, napi_get_value_int32(env, values[0], &fd))) return NULL;
  if (!outgoing_bytes(env, addon, values[1], &bytes, &size)) return NULL;
  if (!outgoing_fds(env, values[2], fds, &fd_count)) return NULL;
  return make_number(env, (int32_t)socket_send(fd, bytes, size, fds, fd_count));
}

// Start and end

static napi_status share_memory(napi_env env, struct addon *addon, napi_value buffer, napi_value fds) {
  napi_typedarray_type type;
  size_t length;
  napi_status status = napi_get_typedarray_info(env, buffer, &type, &length, (void **)&addon->buffer, NULL, NULL);
  if (status != napi_ok) return status;
  if (type != napi_uint8_array || length < BUFFER_BYTES) return napi_invalid_arg;
  status = napi_get_typedarray_info(env, fds, &type, &length, (void **)&addon->fds, NULL, NULL);
  if (status != napi_ok) return status;
  if (type != napi_int32_array || length < FDS_PER_MESSAGE_MAX) return napi_invalid_arg;
  status = napi_create_reference(env, buffer, 1, &addon->buffer_ref);
  return status == napi_ok ? napi_create_reference(env, fds, 1, &addon->fds_ref) : status;
}

// start(onEvent, buffer: Uint8Array of 64 KiB, numbers: Int32Array of 253): once, before anything else. The arrays must
// not be slices of a pool: they are kept alive and written to for as long as the environment lives.
static napi_value js_start(napi_env env, napi_callback_info info) {
  napi_value values[3], receiver, name;
  struct addon *addon = addon_of(env);
  uv_loop_t *loop;
  if (!arguments(env, info, 3, values)) return NULL;
  if (addon->started) return make_number(env, -EALREADY);
  if (failed(env, share_memory(env, addon, values[1], values[2]))) return NULL;
  if (failed(env, napi_create_reference(env, values[0], 1, &addon->on_event))) return NULL;
  if (failed(env, napi_create_object(env, &receiver))) return NULL;
  if (failed(env, napi_create_reference(env, receiver, 1, &addon->receiver))) return NULL;
  if (failed(env, napi_create_string_utf8(env, "UNIXFD", NAPI_AUTO_LENGTH, &name))) return NULL;
  if (failed(env, napi_async_init(env, receiver, name, &addon->async_context))) return NULL;
  if (failed(env, napi_get_uv_event_loop(env, (struct uv_loop_s **)&loop))) return NULL;
  int error = watch_open(&addon->watches, loop);
  if (!error) error = awake_open(&addon->awake, loop, addon->watches.epoll_fd);
  if (error) return make_number(env, error);
  addon->reserve_fd = socket_open_reserve();
  addon->started = true;
  return make_number(env, 0);
}

// The async context is left to the environment: JavaScript, which its release may call, can no longer run here.
static void on_watches_closed(struct watch_set *set) {
  struct addon *addon = set->context;
  napi_async_cleanup_hook_handle hook = addon->cleanup_hook;
  free(addon);
  napi_remove_async_cleanup_hook(hook);
}

static void on_awake_closed(struct awake *awake) {
  struct addon *addon = awake->context;
  watch_close(&addon->watches, on_watches_closed);
}

static void on_environment_end(napi_async_cleanup_hook_handle hook, void *data) {
  struct addon *addon = data;
  addon->closing = true;
  addon->cleanup_hook = hook;
  if (addon->reserve_fd >= 0) close(addon->reserve_fd);
  awake_close(&addon->awake, on_awake_closed);
}

static const napi_property_descriptor functions[] = {
#define FUNCTION(name) {#name, NULL, js_##name, NULL, NULL, NULL, napi_enumerable, NULL}
    FUNCTION(start), FUNCTION(bind), FUNCTION(connect), FUNCTION(listen),   FUNCTION(watch), FUNCTION(send),
    FUNCTION(close), FUNCTION(own),  FUNCTION(dup),     FUNCTION(describe), FUNCTION(peer),
    FUNCTION(stayAwake), FUNCTION(bindVsock), FUNCTION(connectVsock), FUNCTION(error),
#undef FUNCTION
};

NAPI_MODULE_INIT(/* napi_env env, napi_value exports */) {
  struct addon *addon = calloc(1, sizeof *addon);
  if (addon == NULL) {
    napi_throw_error(env, NULL, "unix-fd: out of memory");
    return NULL;
  }
  addon->env = env;
  addon->reserve_fd = -1;
  addon->watches.context = addon;
  addon->watches.batch = deliver_events;
  addon->awake.context = addon;
  if (failed(env, napi_set_instance_data(env, addon, NULL, NULL)) ||
      failed(env, napi_add_async_cleanup_hook(env, on_environment_end, addon, NULL))) {
    free(addon);
    return NULL;
  }
  size_t count = sizeof functions / sizeof functions[0];
  if (failed(env, napi_define_properties(env, exports, count, functions))) return NULL;
  return exports;
}

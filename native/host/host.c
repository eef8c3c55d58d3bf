// System calls for files, locks and processes that Node does not offer. Each returns at once; a negative number is a
// negative errno. What happens without this addon is said in src/host/native.ts, beside each function's type.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <node_api.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NAME_BYTES_MAX = 4096 };

static napi_value number(napi_env env, long value) {
  napi_value result;
  return napi_create_int32(env, (int32_t)(value < 0 ? -errno : value), &result) == napi_ok ? result : NULL;
}

// So many numbers, all of which must be there; false with an exception pending otherwise.
static bool numbers(napi_env env, napi_callback_info info, int32_t *out, size_t count) {
  napi_value values[4];
  size_t given = count;
  bool good = napi_get_cb_info(env, info, &given, values, NULL, NULL) == napi_ok && given >= count;
  for (size_t i = 0; good && i < count; i++) good = napi_get_value_int32(env, values[i], &out[i]) == napi_ok;
  if (!good) napi_throw_type_error(env, NULL, "host: numbers are wanted");
  return good;
}

// lock(fd): for this open file alone, until it is closed; -EWOULDBLOCK when another process has it
static napi_value js_lock(napi_env env, napi_callback_info info) {
  int32_t fd;
  if (!numbers(env, info, &fd, 1)) return NULL;
  return number(env, flock(fd, LOCK_EX | LOCK_NB));
}

// openBelow(directory, name, flags) -> descriptor: never through a symbolic link, never out of the directory
static napi_value js_openBelow(napi_env env, napi_callback_info info) {
  napi_value values[3];
  size_t given = 3, length;
  int32_t directory, flags;
  char name[NAME_BYTES_MAX];
  if (napi_get_cb_info(env, info, &given, values, NULL, NULL) != napi_ok ||
      napi_get_value_int32(env, values[0], &directory) != napi_ok ||
      napi_get_value_string_utf8(env, values[1], name, sizeof name, &length) != napi_ok ||
      napi_get_value_int32(env, values[2], &flags) != napi_ok) {
    napi_throw_type_error(env, NULL, "host: a descriptor, a name and flags are wanted");
    return NULL;
  }
  if (strlen(name) != length) {
    errno = EINVAL;
    return number(env, -1);
  }
  struct open_how how;
  memset(&how, 0, sizeof how);
  how.flags = (uint32_t)(flags | O_CLOEXEC);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  return number(env, syscall(SYS_openat2, directory, name, &how, sizeof how));
}

// openProcess(pid) -> descriptor that means this process even when its number has passed to another
static napi_value js_openProcess(napi_env env, napi_callback_info info) {
  int32_t pid;
  if (!numbers(env, info, &pid, 1)) return NULL;
  return number(env, syscall(SYS_pidfd_open, pid, 0));
}

// signalProcess(descriptor, signal)
static napi_value js_signalProcess(napi_env env, napi_callback_info info) {
  int32_t values[2];
  if (!numbers(env, info, values, 2)) return NULL;
  return number(env, syscall(SYS_pidfd_send_signal, values[0], values[1], NULL, 0));
}

static const napi_property_descriptor functions[] = {
#define FUNCTION(name) {#name, NULL, js_##name, NULL, NULL, NULL, napi_enumerable, NULL}
    FUNCTION(lock), FUNCTION(openBelow), FUNCTION(openProcess), FUNCTION(signalProcess),
#undef FUNCTION
};

NAPI_MODULE_INIT(/* napi_env env, napi_value exports */) {
  size_t count = sizeof functions / sizeof functions[0];
  return napi_define_properties(env, exports, count, functions) == napi_ok ? exports : NULL;
}

// What character devices need of terminals and Node does not offer: making pseudo-terminals, raw modes that leave
// signals on, the settings of a serial line, and whether the other side of a terminal is there. All functions are plain
// system calls that return at once; a negative number is a negative errno.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/ppdev.h>
#include <node_api.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static napi_value number(napi_env env, int value) {
  napi_value result;
  return napi_create_int32(env, value, &result) == napi_ok ? result : NULL;
}

// The first argument, a descriptor; false with an exception pending when it is none.
static bool descriptor(napi_env env, napi_callback_info info, int32_t *fd) {
  size_t count = 1;
  napi_value value;
  if (napi_get_cb_info(env, info, &count, &value, NULL, NULL) == napi_ok &&
      napi_get_value_int32(env, value, fd) == napi_ok) {
    return true;
  }
  napi_throw_type_error(env, NULL, "terminal: a descriptor is wanted");
  return false;
}

// Puts the slave into raw mode; the mode lasts as long as the master is open.
static int make_raw(const char *name) {
  int fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return -errno;
  struct termios mode;
  int error = 0;
  if (tcgetattr(fd, &mode) != 0) {
    error = -errno;
  } else {
    cfmakeraw(&mode);
    if (tcsetattr(fd, TCSAFLUSH, &mode) != 0) error = -errno;
  }
  close(fd);
  return error;
}

// openPty() -> descriptor of a new master, non-blocking, whose slave is in raw mode
static napi_value js_openPty(napi_env env, napi_callback_info info) {
  (void)info;
  char name[128];
  int fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return number(env, -errno);
  int error = 0;
  if (grantpt(fd) != 0 || unlockpt(fd) != 0 || ptsname_r(fd, name, sizeof name) != 0) error = -errno;
  if (error == 0) error = make_raw(name);
  if (error == 0) return number(env, fd);
  close(fd);
  return number(env, error);
}

// slaveName(fd) -> path, or a negative errno
static napi_value js_slaveName(napi_env env, napi_callback_info info) {
  int32_t fd;
  char name[128];
  napi_value result;
  if (!descriptor(env, info, &fd)) return NULL;
  if (ptsname_r(fd, name, sizeof name) != 0) return number(env, -errno);
  return napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &result) == napi_ok ? result : NULL;
}

// hungUp(fd) -> 1 when nobody has the other side open
static napi_value js_hungUp(napi_env env, napi_callback_info info) {
  int32_t fd;
  if (!descriptor(env, info, &fd)) return NULL;
  struct pollfd entry = {.fd = fd, .events = POLLOUT};
  int count = poll(&entry, 1, 0);
  if (count < 0) return number(env, -errno);
  return number(env, (entry.revents & POLLHUP) != 0);
}

// dup(fd) -> descriptor
static napi_value js_dup(napi_env env, napi_callback_info info) {
  int32_t fd;
  if (!descriptor(env, info, &fd)) return NULL;
  int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  return number(env, copy < 0 ? -errno : copy);
}

static const struct {
  int speed;
  speed_t code;
} speeds[] = {
    {50, B50},       {75, B75},       {110, B110},     {134, B134},     {150, B150},       {200, B200},
    {300, B300},     {600, B600},     {1200, B1200},   {1800, B1800},   {2400, B2400},     {4800, B4800},
    {9600, B9600},   {19200, B19200}, {38400, B38400}, {57600, B57600}, {115200, B115200},
};

static speed_t speed_code(int speed) {
  for (size_t i = 0; i < sizeof speeds / sizeof speeds[0]; i++) {
    if (speeds[i].speed == speed) return speeds[i].code;
  }
  return B115200;
}

static void set_line(struct termios *mode, int speed, int data_bits, int parity, int stop_bits) {
  static const tcflag_t sizes[] = {CS5, CS6, CS7, CS8};
  cfmakeraw(mode);
  mode->c_cflag &= ~(tcflag_t)(CSTOPB | PARENB | PARODD | CSIZE | CRTSCTS);
  mode->c_cflag |= CREAD | CLOCAL | sizes[data_bits >= 5 && data_bits <= 8 ? data_bits - 5 : 3];
  if (parity) mode->c_cflag |= parity == 1 ? PARENB | PARODD : PARENB;
  if (stop_bits == 2) mode->c_cflag |= CSTOPB;
  cfsetspeed(mode, speed_code(speed));
}

// setLine(fd, speed, data bits, parity: 0 none, 1 odd, 2 even, stop bits, break: 0 or 1): raw. The break lasts until the
// next call; unlike tcsendbreak(3) nothing waits for it.
static napi_value js_setLine(napi_env env, napi_callback_info info) {
  size_t count = 6;
  napi_value values[6];
  int32_t numbers[6];
  struct termios mode;
  bool good = napi_get_cb_info(env, info, &count, values, NULL, NULL) == napi_ok;
  for (int i = 0; good && i < 6; i++) good = napi_get_value_int32(env, values[i], &numbers[i]) == napi_ok;
  if (!good) {
    napi_throw_type_error(env, NULL, "terminal: six numbers are wanted");
    return NULL;
  }
  int fd = numbers[0];
  if (tcgetattr(fd, &mode) != 0) return number(env, -errno);
  set_line(&mode, numbers[1], numbers[2], numbers[3], numbers[4]);
  if (tcsetattr(fd, TCSANOW, &mode) != 0) return number(env, -errno);
  return number(env, ioctl(fd, numbers[5] ? TIOCSBRK : TIOCCBRK) == 0 ? 0 : -errno);
}

// claimParallel(fd): asks the parallel port driver for the port
static napi_value js_claimParallel(napi_env env, napi_callback_info info) {
  int32_t fd;
  if (!descriptor(env, info, &fd)) return NULL;
  return number(env, ioctl(fd, PPCLAIM) == 0 ? 0 : -errno);
}

// getMode(fd) -> an opaque copy of a terminal's mode, or a negative errno
static napi_value js_getMode(napi_env env, napi_callback_info info) {
  int32_t fd;
  struct termios mode;
  napi_value result;
  void *data;
  if (!descriptor(env, info, &fd)) return NULL;
  if (tcgetattr(fd, &mode) != 0) return number(env, -errno);
  if (napi_create_buffer_copy(env, sizeof mode, &mode, &data, &result) != napi_ok) return NULL;
  return result;
}

// setMode(fd, mode)
static napi_value js_setMode(napi_env env, napi_callback_info info) {
  size_t count = 2, size;
  napi_value values[2];
  int32_t fd;
  void *data;
  struct termios mode;
  if (napi_get_cb_info(env, info, &count, values, NULL, NULL) != napi_ok ||
      napi_get_value_int32(env, values[0], &fd) != napi_ok ||
      napi_get_buffer_info(env, values[1], &data, &size) != napi_ok || size != sizeof mode) {
    napi_throw_type_error(env, NULL, "terminal: a descriptor and a mode are wanted");
    return NULL;
  }
  memcpy(&mode, data, sizeof mode);
  return number(env, tcsetattr(fd, TCSANOW, &mode) == 0 ? 0 : -errno);
}

// setConsole(fd, signals): no echo, no lines, output still processed; the interrupt keys act if `signals` is not 0
static napi_value js_setConsole(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value values[2];
  int32_t fd, signals;
  struct termios mode;
  if (napi_get_cb_info(env, info, &count, values, NULL, NULL) != napi_ok ||
      napi_get_value_int32(env, values[0], &fd) != napi_ok ||
      napi_get_value_int32(env, values[1], &signals) != napi_ok) {
    napi_throw_type_error(env, NULL, "terminal: two numbers are wanted");
    return NULL;
  }
  if (tcgetattr(fd, &mode) != 0) return number(env, -errno);
  tcflag_t output = mode.c_oflag | OPOST;
  tcflag_t signal_keys = signals ? ISIG : 0;
  cfmakeraw(&mode);
  mode.c_oflag = output;
  mode.c_lflag |= signal_keys;
  return number(env, tcsetattr(fd, TCSANOW, &mode) == 0 ? 0 : -errno);
}

static const napi_property_descriptor functions[] = {
#define FUNCTION(name) {#name, NULL, js_##name, NULL, NULL, NULL, napi_enumerable, NULL}
    FUNCTION(openPty),   FUNCTION(slaveName), FUNCTION(hungUp),  FUNCTION(dup),       FUNCTION(setLine),
    FUNCTION(setConsole), FUNCTION(getMode),   FUNCTION(setMode), FUNCTION(claimParallel),
#undef FUNCTION
};

NAPI_MODULE_INIT(/* napi_env env, napi_value exports */) {
  size_t count = sizeof functions / sizeof functions[0];
  return napi_define_properties(env, exports, count, functions) == napi_ok ? exports : NULL;
}

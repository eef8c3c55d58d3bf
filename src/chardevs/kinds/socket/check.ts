// What can be said of a socket backend's options before anything is opened, in QEMU's order and words
// (QEMU: chardev/char-socket.c, qmp_chardev_validate_socket).

import { QmpError } from '../../../qmp/error.ts';
import type { ChardevSocket } from '../../../schema/index.ts';

export function checkSocket(options: ChardevSocket): void {
  checkAddress(options);
  if (options['tls-authz'] !== undefined && options['tls-creds'] === undefined) {
    throw new QmpError("'tls_authz' option requires 'tls_creds' option");
  }
  if (options.server ?? true) checkServer(options);
  else checkClient(options);
}

function reconnectName(options: ChardevSocket): string | undefined {
  if (options.reconnect !== undefined) return 'reconnect';
  return options['reconnect-ms'] !== undefined ? 'reconnect-ms' : undefined;
}

function checkAddress(options: ChardevSocket): void {
  const name = reconnectName(options);
  if (options.reconnect !== undefined && options['reconnect-ms'] !== undefined) {
    throw new QmpError("'reconnect' and 'reconnect-ms' are mutually exclusive");
  }
  const { type } = options.addr;
  if (type === 'fd' && name) throw new QmpError(`'${name}' option is incompatible with 'fd' address type`);
  const encryptable = type === 'inet' || (type === 'fd' && (options.server ?? true));
  if (options['tls-creds'] !== undefined && !encryptable) {
    throw new QmpError(`'tls_creds' option is incompatible with '${type}' address type`);
  }
}

function checkServer(options: ChardevSocket): void {
  const name = reconnectName(options);
  if (name) throw new QmpError(`'${name}' option is incompatible with socket in server listen mode`);
}

function checkClient(options: ChardevSocket): void {
  if (options.websocket) throw new QmpError('Websocket client is not implemented');
  if (options.wait !== undefined) {
    throw new QmpError("'wait' option is incompatible with socket in client connect mode");
  }
}

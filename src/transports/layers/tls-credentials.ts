// TLS credentials objects as Node's TLS takes them: certificates from a directory, pre-shared keys, or none at all
// (QEMU: crypto/tlscredsx509.c, tlscredspsk.c, tlscredsanon.c). Read when a chardev is opened.

import { existsSync } from 'node:fs';
import path from 'node:path';
import type { TLSSocketOptions } from 'node:tls';
import { readNamedFileSync } from '../../host/named-file.ts';
import { QmpError } from '../../qmp/error.ts';
import { strerror } from '../../util/strerror.ts';
import { MissingError } from './missing.ts';
import type { NamedObject, ObjectResolver } from './object-resolver.ts';
import { type TlsPriority, tlsPriority } from './tls-priority.ts';

export type Endpoint = 'server' | 'client';

export interface TlsCredentials {
  readonly endpoint: Endpoint;
  /** Whether the other side must prove who it is. */
  readonly verifyPeer: boolean;
  readonly options: TLSSocketOptions & { readonly pskCallback?: unknown };
}

/** Certificates and keys take a few kilobytes, lists of revoked ones more. A larger file is refused. */
const credentialBytesMax = 4 * 1024 * 1024;

/** QEMU's default name of the key that a client uses. */
const defaultPskUser = 'qemu';

/** Throws a QmpError in QEMU's words when the object is missing or is not what is needed. */
export function tlsCredentials(id: string, endpoint: Endpoint, objects: ObjectResolver): TlsCredentials {
  const object = objects.object(id);
  if (!object) throw new MissingError(`No TLS credentials with id '${id}'`);
  if (!object.type.startsWith('tls-creds'))
    throw new QmpError(`Object with id '${id}' is not TLS credentials`);
  if ((object.properties.endpoint ?? 'client') !== endpoint) {
    throw new QmpError(`Expected TLS credentials for a ${endpoint} endpoint`);
  }
  const verifyPeer = object.properties['verify-peer'] !== false;
  return { endpoint, verifyPeer, options: optionsOf(object, endpoint, objects) };
}

function optionsOf(
  object: NamedObject,
  endpoint: Endpoint,
  objects: ObjectResolver,
): TlsCredentials['options'] {
  const { priority: text } = object.properties;
  const priority = typeof text === 'string' ? tlsPriority(text) : undefined;
  switch (object.type) {
    case 'tls-creds-x509':
      return { ...x509Options(object, endpoint, objects), ...priority };
    case 'tls-creds-psk':
      return { ...pskOptions(object, endpoint), ...oldestKeyExchange(priority) };
    case 'tls-creds-anon':
      // Without certificates the keys cannot be checked, which OpenSSL allows only at its lowest level.
      return {
        ...{ ciphers: 'aNULL:@SECLEVEL=0', maxVersion: 'TLSv1.2', dhparam: 'auto' },
        ...oldestKeyExchange(priority),
      } as TLSSocketOptions;
    default:
      throw new QmpError(`TLS credentials of type '${object.type}' are not supported`);
  }
}

/** Keys without certificates use TLS 1.2 and their own ciphers here. A priority string can only agree with that. */
function oldestKeyExchange(priority: TlsPriority | undefined): { readonly minVersion?: 'TLSv1.2' } {
  if (priority === undefined) return {};
  if (priority.minVersion !== 'TLSv1.2' || priority.ciphers !== undefined) {
    throw new QmpError(
      "Unable to set TLS session priority: without certificates it can only be 'NORMAL', with TLS 1.2",
    );
  }
  return { minVersion: 'TLSv1.2' };
}

function directoryOf(object: NamedObject): string {
  const { dir } = object.properties;
  if (typeof dir !== 'string') throw new QmpError("Missing 'dir' property value");
  return dir;
}

function read(directory: string, name: string): Buffer {
  const file = path.join(directory, name);
  try {
    return readNamedFileSync(file, credentialBytesMax);
  } catch (error) {
    throw new QmpError(`Unable to access credentials ${file}: ${strerror(error)}`);
  }
}

function readIfThere(directory: string, name: string): Buffer | undefined {
  return existsSync(path.join(directory, name)) ? read(directory, name) : undefined;
}

function x509Options(object: NamedObject, endpoint: Endpoint, objects: ObjectResolver): TLSSocketOptions {
  const directory = directoryOf(object);
  const ca = read(directory, 'ca-cert.pem');
  const crl = readIfThere(directory, 'ca-crl.pem');
  const { passwordid } = object.properties;
  const certificate = endpoint === 'server' ? read : readIfThere;
  const cert = certificate(directory, `${endpoint}-cert.pem`);
  const key = cert && read(directory, `${endpoint}-key.pem`);
  return {
    ca,
    ...(crl ? { crl } : {}),
    ...(cert && key ? { cert, key } : {}),
    ...(typeof passwordid === 'string' ? { passphrase: readSecret(passwordid, objects) } : {}),
  };
}

/** Lines of keys.psk are "user:hexadecimal key". */
function pskOptions(object: NamedObject, endpoint: Endpoint): TlsCredentials['options'] {
  const lines = read(directoryOf(object), 'keys.psk').toString('utf8').split('\n');
  const keys = new Map(
    lines
      .filter((line) => line.includes(':'))
      .map((line) => {
        const [user = '', key = ''] = line.trim().split(':');
        return [user, Buffer.from(key, 'hex')];
      }),
  );
  const common = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const;
  if (endpoint === 'server') {
    return { ...common, pskCallback: (_socket: unknown, user: string) => keys.get(user) ?? null };
  }
  const user = String(object.properties.username ?? defaultPskUser);
  const psk = keys.get(user);
  if (!psk) throw new QmpError(`PSK file does not contain the user '${user}'`);
  return { ...common, pskCallback: () => ({ psk, identity: user }) };
}

function readSecret(id: string, objects: ObjectResolver): string {
  const secret = objects.object(id);
  if (!secret) throw new QmpError(`No secret with id '${id}'`);
  if (secret.type !== 'secret') throw new QmpError(`Object with id '${id}' is not a secret`);
  const { data, file, format, keyid } = secret.properties;
  if (keyid !== undefined)
    throw new QmpError(`Secret '${id}' is encrypted with another, which is not supported`);
  try {
    const text =
      typeof data === 'string' ? data : readNamedFileSync(String(file), credentialBytesMax).toString();
    return format === 'base64' ? Buffer.from(text, 'base64').toString('utf8') : text;
  } catch (error) {
    throw new QmpError(`Unable to read ${String(file)}: ${strerror(error)}`);
  }
}

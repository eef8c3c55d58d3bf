// Certificates for tests, made by the openssl program: an authority, a server for localhost, and a client.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Certificates {
  readonly directory: string;
  readonly serverCert: Buffer;
  readonly serverKey: Buffer;
  readonly ca: Buffer;
  readonly clientCert: Buffer;
  readonly clientKey: Buffer;
}

let made: Promise<Certificates> | undefined;

/** Made once for all tests of a process, which removes them at its end. */
export function certificates(): Promise<Certificates> {
  if (made === undefined) {
    const directory = mkdtempSync(path.join(tmpdir(), 'qmpd-pki-'));
    process.once('exit', () => rmSync(directory, { recursive: true }));
    made = makeCertificates(directory);
  }
  return made;
}

/** Fills the directory with the files that a tls-creds-x509 object looks for. */
async function makeCertificates(directory: string): Promise<Certificates> {
  const file = (name: string): string => path.join(directory, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await run('openssl', [
    ...['req', '-x509', ...key, '-days', '2', '-subj', '/CN=authority'],
    ...['-keyout', file('ca-key.pem'), '-out', file('ca-cert.pem')],
  ]);
  await writeFile(file('extensions'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  for (const role of ['server', 'client']) {
    await run('openssl', [
      ...['req', ...key, '-subj', `/O=Organisation/CN=${role}`],
      ...['-keyout', file(`${role}-key.pem`), '-out', file(`${role}.csr`)],
    ]);
    await run('openssl', [
      ...['x509', '-req', '-days', '2', '-in', file(`${role}.csr`), '-out', file(`${role}-cert.pem`)],
      ...['-CA', file('ca-cert.pem'), '-CAkey', file('ca-key.pem'), '-CAcreateserial'],
      ...['-extfile', file('extensions')],
    ]);
  }
  return {
    directory,
    serverCert: await readFile(file('server-cert.pem')),
    serverKey: await readFile(file('server-key.pem')),
    ca: await readFile(file('ca-cert.pem')),
    clientCert: await readFile(file('client-cert.pem')),
    clientKey: await readFile(file('client-key.pem')),
  };
}

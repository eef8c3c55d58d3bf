// GnuTLS priority strings, as QEMU takes them in tls-creds objects, in the terms of OpenSSL (GnuTLS manual, "Priority
// strings"; QEMU: crypto/tlscreds.c). What cannot be said to OpenSSL, and TLS versions before 1.2, are refused: a rule that
// is taken and not kept is worse than none. No I/O.

import { QmpError } from '../../qmp/error.ts';

type Version = 'TLSv1.2' | 'TLSv1.3';

/** Members of the options of node:tls. */
export interface TlsPriority {
  readonly minVersion: Version;
  readonly maxVersion: Version;
  readonly ciphers?: string;
  readonly honorCipherOrder?: true;
}

const tls13 = ['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];
const all256 = [...tls13, 'ECDHE+AES256:ECDHE+CHACHA20:DHE+AES256:AES256:!aNULL:!PSK:!SRP:!MD5'].join(':');
const all128 = `TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:HIGH:!aNULL:!PSK:!SRP:!MD5:!3DES`;

/** What a string may begin with, and its ciphers; undefined: OpenSSL's own choice, which is as strict as GnuTLS's. */
const keywords: ReadonlyMap<string, string | undefined> = new Map([
  ['NORMAL', undefined],
  ['PERFORMANCE', undefined],
  [
    'PFS',
    'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:ECDHE:DHE:!aNULL:!PSK:!3DES',
  ],
  ['SECURE128', all128],
  ['SECURE192', all256],
  ['SECURE256', all256],
]);

const versions: ReadonlyMap<string, Version> = new Map([
  ['VERS-TLS1.2', 'TLSv1.2'],
  ['VERS-TLS1.3', 'TLSv1.3'],
]);
const everyVersion = ['VERS-ALL', 'VERS-TLS-ALL'];
/** Never used here, so that taking one away says nothing new. */
const oldVersions = ['VERS-SSL3.0', 'VERS-TLS1.0', 'VERS-TLS1.1'];

/** Throws a QmpError that says which part cannot be translated. */
export function tlsPriority(text: string): TlsPriority {
  const [keyword = '', ...rules] = text.split(':');
  if (!keywords.has(keyword)) {
    throw refused(
      text,
      `it has to begin with ${[...keywords.keys()].join(', ')}; '${keyword}' is not known here`,
    );
  }
  const allowed = new Set<Version>(versions.values());
  let honorCipherOrder = false;
  for (const rule of rules) {
    if (rule === '%SERVER_PRECEDENCE') honorCipherOrder = true;
    else applyRule(text, rule, allowed);
  }
  const [minVersion, maxVersion = minVersion] = ['TLSv1.2' as const, 'TLSv1.3' as const].filter((one) =>
    allowed.has(one),
  );
  if (minVersion === undefined || maxVersion === undefined)
    throw refused(text, 'it leaves no version of TLS');
  const ciphers = keywords.get(keyword);
  return {
    minVersion,
    maxVersion,
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(honorCipherOrder ? { honorCipherOrder } : {}),
  };
}

function applyRule(text: string, rule: string, allowed: Set<Version>): void {
  // GnuTLS knows "!" as another "-".
  const adds = rule.startsWith('+');
  const takes = rule.startsWith('-') || rule.startsWith('!');
  const name = rule.slice(1);
  const version = versions.get(name);
  const known = version === undefined ? [...versions.values()] : [version];
  if ((adds || takes) && (version !== undefined || everyVersion.includes(name))) {
    for (const one of known) {
      if (adds) allowed.add(one);
      else allowed.delete(one);
    }
  } else if (!(takes && oldVersions.includes(name))) {
    throw refused(text, `'${rule}' cannot be translated for OpenSSL; versions (as in -VERS-TLS1.2) can`);
  }
}

function refused(text: string, why: string): QmpError {
  return new QmpError(`Unable to set TLS session priority ${text}: ${why}`);
}

// GnuTLS priority strings in OpenSSL's terms.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tlsPriority } from '../../src/transports/layers/tls-priority.ts';

test('versions are allowed and taken away', () => {
  for (const [text, minVersion, maxVersion] of [
    ['NORMAL', 'TLSv1.2', 'TLSv1.3'],
    ['NORMAL:-VERS-TLS1.0:-VERS-TLS1.1', 'TLSv1.2', 'TLSv1.3'],
    ['NORMAL:-VERS-TLS1.2', 'TLSv1.3', 'TLSv1.3'],
    ['NORMAL:!VERS-TLS1.3', 'TLSv1.2', 'TLSv1.2'],
    ['NORMAL:-VERS-ALL:+VERS-TLS1.3', 'TLSv1.3', 'TLSv1.3'],
    ['SECURE256:-VERS-TLS-ALL:+VERS-TLS1.2:%SERVER_PRECEDENCE', 'TLSv1.2', 'TLSv1.2'],
  ] as const) {
    const priority = tlsPriority(text);
    assert.deepEqual([priority.minVersion, priority.maxVersion], [minVersion, maxVersion], text);
  }
});

test('a keyword chooses ciphers', () => {
  assert.equal(tlsPriority('NORMAL').ciphers, undefined);
  assert.doesNotMatch(tlsPriority('SECURE256').ciphers ?? '', /128/);
  assert.match(tlsPriority('SECURE128').ciphers ?? '', /128/);
  assert.equal(tlsPriority('NORMAL:%SERVER_PRECEDENCE').honorCipherOrder, true);
});

test('what cannot be said to OpenSSL is refused by name', () => {
  for (const [text, part] of [
    ['', "'' is not known here"],
    ['@SYSTEM', "'@SYSTEM' is not known here"],
    ['NORMAL:+VERS-TLS1.1', "'+VERS-TLS1.1' cannot be translated"],
    ['NORMAL:-CIPHER-ALL:+AES-128-GCM', "'-CIPHER-ALL' cannot be translated"],
    ['NORMAL:%COMPAT', "'%COMPAT' cannot be translated"],
    ['NORMAL:-VERS-ALL', 'it leaves no version of TLS'],
    ['NORMAL:', "'' cannot be translated"],
  ] as const) {
    assert.throws(
      () => tlsPriority(text),
      (error) => error instanceof Error && error.message.includes(part),
      text,
    );
  }
});

// Addresses as people and QEMU's users write them.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Address, formatAddress, parseAddress } from '../../src/transports/address.ts';

const right: [string, Address][] = [
  ['stdio', { kind: 'stdio' }],
  ['fd:3', { kind: 'fd', fd: 3 }],
  ['unix:/run/qmp.sock', { kind: 'unix', path: '/run/qmp.sock', suboptions: {} }],
  [
    'unix:/run/q,mode=0660,group=kvm',
    { kind: 'unix', path: '/run/q', mode: 0o660, group: 'kvm', suboptions: {} },
  ],
  ['unix:q,server=on,wait=off', { kind: 'unix', path: 'q', suboptions: { server: true, wait: false } }],
  ['unix:q,server,nowait', { kind: 'unix', path: 'q', suboptions: { server: true, wait: false } }],
  ['unix:a,,b:c,,,server=off', { kind: 'unix', path: 'a,b:c,', suboptions: { server: false } }],
  ['unix:@name', { kind: 'unix', path: '@name', suboptions: {} }],
  ['unix:name,abstract=on', { kind: 'unix', path: '@name', suboptions: {} }],
  ['tcp:127.0.0.1:4444', { kind: 'tcp', host: '127.0.0.1', port: 4444, suboptions: {} }],
  ['tcp::0,server=on', { kind: 'tcp', host: '', port: 0, suboptions: { server: true } }],
  ['tcp:[::1]:4444', { kind: 'tcp', host: '::1', port: 4444, suboptions: {} }],
];

const wrong: [string, RegExp][] = [
  ['', /expected unix:PATH/],
  ['/run/qmp.sock', /expected unix:PATH/],
  ['udp:1:2', /expected unix:PATH/],
  ['unix:', /a path is missing/],
  ['unix:q,mode=abc', /octal/],
  ['unix:q,mode=99', /octal/],
  ['unix:q,color=red', /no option "color" here; there are mode, group, abstract, server, wait/],
  ['unix:q,server=maybe', /server= takes on or off/],
  ['tcp:4444', /expected tcp:HOST:PORT/],
  ['tcp:host:70000', /expected tcp:HOST:PORT/],
  ['tcp:::1:4444', /expected tcp:HOST:PORT/],
  ['tcp:h:1,mode=0600', /no option "mode"/],
  ['fd:-1', /number of an inherited descriptor/],
  ['fd:qmp', /number of an inherited descriptor/],
];

describe('addresses', () => {
  for (const [text, address] of right) {
    test(`"${text}" is understood`, () => assert.deepEqual(parseAddress(text), address));
  }
  for (const [text, message] of wrong) {
    test(`"${text}" is refused, saying what would be right`, () => {
      assert.throws(() => parseAddress(text), { code: 'ERR_QMPD_ADDRESS', message });
    });
  }
  test('are printed so that they can be read again', () => {
    for (const text of ['stdio', 'fd:3', 'unix:/a,,b', 'tcp:127.0.0.1:4444', 'tcp:[::1]:4444']) {
      assert.equal(formatAddress(parseAddress(text)), text);
    }
  });
});

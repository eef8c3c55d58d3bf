// Requests that no recorded case has, given to a real QEMU (`-M none`) and to a blank server over it: the same lines
// come back, to the byte. Ids of every kind of JSON, messages that are none, arguments of wrong types, out-of-band
// requests in all their forms, input that ends.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { qemuBinaries } from '../kit/chardevs/sides.ts';
import { RawClient } from '../kit/clients/raw-client.ts';
import { startQemu } from '../kit/qemu/qemu.ts';
import { startTestServer } from '../kit/server/test-server.ts';

/** What is sent in one piece. The answers are complete when the request after it is answered. */
interface Conversation {
  readonly send: string | Uint8Array;
  readonly capabilities?: readonly string[];
}

const ids: readonly string[] = [
  '1',
  '-0',
  '0.0',
  '1.50',
  '1e3',
  '-1e-7',
  '12345678901234567890',
  '18446744073709551615',
  '18446744073709551616',
  '-9223372036854775808',
  '-9223372036854775809',
  '0.1',
  '1e21',
  '1e22',
  '3.14159265358979323846',
  '1e-320',
  'true',
  'false',
  'null',
  '""',
  String.raw`"a\ud83d\ude00b"`,
  String.raw`"\/\b\f\n\r\t\\\""`,
  '"ü€😀\u007f"',
  `'it is'`,
  `'a"b'`,
  '[]',
  '[1, [2, {"a": []}]]',
  '{}',
  '{"": null}',
];

const messages: readonly string[] = [
  ...['null', '[]', '1', '"x"', 'true', '{"a": 1}', '1.5'].map(
    (value) => `{"execute": "query-name", "arguments": ${value}}`,
  ),
  ...['null', '[]', '1', 'true', '{}', '""', '" "', '"Query-Name"'].map((value) => `{"execute": ${value}}`),
  '{"exec-oob": "query-name"}',
  '{"exec-oob": 1}',
  '{"execute": "a", "exec-oob": "b"}',
  '{"execute": "query-name", "control": {}}',
  '{"execute": "query-name", "foo": 1}',
  '{}',
  '[]',
  '1 ',
  '"a"',
  'null ',
  '{"a"}',
  '{"a":}',
  '{,}',
  '{"execute": "query-name",}',
  '[1,]',
  '}',
  ']',
  '{"execute": "query-name"}}',
  `{'execute': 'query-name'}`,
  '{"execute": "query-name" "id": 1}',
  '{"id": 1}',
  '{"id": 1, "id": 2}',
  '{"execute": "query-name", "execute": "query-status"}',
  '%',
  '{"execute": %s}',
  '/* c */',
  '0x10 ',
  '01 ',
  '+1 ',
  '.5 ',
  '1. ',
  '1e ',
  'NaN ',
  'True ',
  '\u0000',
  '{"a": "\u0001"}',
  String.raw`"\x"`,
  '"abc\n',
  '{"execute": "qmp_capabilities"}',
  '{"execute": "qmp_capabilities", "arguments": {"x": 1}}',
  '{"execute": "qmp_capabilities", "arguments": {"enable": 1}}',
  '{"execute": "qmp_capabilities", "arguments": {"enable": ["nope"]}}',
  '{"execute": "quit", "arguments": {"x": 1}}',
];

/** Arguments that are refused whether or not there is a machine. */
const refused: readonly (readonly [command: string, args: string])[] = [
  ['query-name', '{"a": null}'],
  ['getfd', '{"fdname": 1}'],
  ['getfd', '{"fdname": null}'],
  ['getfd', '{"fdname": ""}'],
  ['getfd', '{"fdname": "1"}'],
  ['getfd', '{"fdname": "a"}'],
  ['getfd', '{"fdname": "a", "x": 1}'],
  ['getfd', '{"fdname": ["a"]}'],
  ['closefd', '{"fdname": "nope"}'],
  ['closefd', '{}'],
  ['add-fd', '{"fdset-id": "1"}'],
  ['add-fd', '{"fdset-id": -1}'],
  ['add-fd', '{"fdset-id": 1.0}'],
  ['add-fd', '{"fdset-id": 1e3}'],
  ['add-fd', '{"fdset-id": 99999999999999999999}'],
  ['add-fd', '{"opaque": 1}'],
  ['add-fd', '{}'],
  ['remove-fd', '{}'],
  ['remove-fd', '{"fdset-id": 7}'],
  ['remove-fd', '{"fdset-id": 7, "fd": 3}'],
  ['remove-fd', '{"fdset-id": 7, "fd": "3"}'],
  ['chardev-add', '{}'],
  ['chardev-add', '{"id": "a"}'],
  ['chardev-add', '{"id": "a", "backend": {}}'],
  ['chardev-add', '{"id": "a", "backend": {"type": "x"}}'],
  ['chardev-add', '{"id": "a", "backend": {"type": "null"}}'],
  ['chardev-add', '{"id": "a", "backend": {"type": "ringbuf", "data": {"size": "1"}}}'],
  ['chardev-add', '{"id": "a", "backend": {"type": "ringbuf", "data": {"size": 3}}}'],
  ['chardev-add', '{"id": "a", "backend": {"type": "ringbuf", "data": {"sizes": 3}}}'],
  ['chardev-add', '{"id": "a", "backend": {"type": "ringbuf", "data": []}}'],
  ['chardev-remove', '{"id": "nope"}'],
  ['chardev-remove', '{"id": 5}'],
  ['ringbuf-read', '{"device": "nope", "size": 1}'],
  ['ringbuf-read', '{"device": "nope"}'],
  ['ringbuf-read', '{"device": "nope", "size": 1, "format": "x"}'],
  ['ringbuf-write', '{"device": "nope", "data": 1}'],
  ['object-del', '{"id": "nope"}'],
  ['object-add', '{}'],
  ['object-add', '{"id": "a"}'],
  ['object-add', '{"qom-type": 5}'],
  ['object-add', '{"qom-type": "secret"}'],
  ['object-add', '{"qom-type": "secret", "id": "s"}'],
  ['object-add', '{"qom-type": "secret", "id": "s", "data": "x", "file": "y"}'],
  ['object-add', '{"qom-type": "secret", "id": "1s", "data": "x"}'],
  ['object-add', '{"qom-type": "secret", "id": "s", "data": 1}'],
  ['object-add', '{"qom-type": "secret", "id": "s", "nope": 1}'],
  ['object-add', '{"qom-type": "iothread", "id": "1s"}'],
  ['qom-list', '{"path": "/nope"}'],
  ['qom-list', '{"path": ""}'],
  ['qom-get', '{"path": "", "property": "type"}'],
  ['qom-get', '{"path": "/", "property": "nope"}'],
  ['qom-set', '{"path": "/", "property": "nope"}'],
  ['blockdev-add', '{}'],
  ['blockdev-add', '{"driver": 1}'],
  ['blockdev-add', '{"driver": "null-co"}'],
  ['blockdev-add', '{"driver": "null-co", "node-name": "1"}'],
  ['blockdev-add', '{"driver": "file", "node-name": "1"}'],
  ['blockdev-del', '{"node-name": "nope"}'],
  ['blockdev-del', '{}'],
  ['netdev_add', '{"type": "user"}'],
  ['netdev_del', '{"id": "nope"}'],
  ['device_add', '{}'],
  ['device_add', '{"driver": "nope"}'],
  ['device_del', '{"id": "nope"}'],
  ['set-action', '{"shutdown": "x"}'],
  ['set-action', '{"reboot": 1}'],
  ['yank', '{"instances": [{"type": "chardev", "id": "nope"}]}'],
  ['yank', '{"instances": [{"type": "nope"}]}'],
  ['yank', '{}'],
  ['device-list-properties', '{"typename": "nope"}'],
  ['device-list-properties', '{"typename": 5}'],
  ['qom-list-properties', '{"typename": "nope"}'],
  ['x-exit-preconfig', '{"a": 1}'],
];

const oob = { capabilities: ['oob'] };

const conversations: readonly Conversation[] = [
  ...ids.map((id) => ({ send: `{"execute": "no-such-command", "id": ${id}}` })),
  ...messages.map((send) => ({ send })),
  ...refused.map(([command, args]) => ({ send: `{"execute": "${command}", "arguments": ${args}, "id": 1}` })),
  { send: Uint8Array.of(0xff) },
  { send: Buffer.concat([Buffer.from('{"execute": "que'), Uint8Array.of(0xff), Buffer.from('[[[[')]) },
  { send: Buffer.from('{"execute": "query-name", "id": "\xff"}', 'latin1') },
  { send: '['.repeat(1025) },
  { send: '['.repeat(1023) + ']'.repeat(1023) },
  ...['query-name', 'qmp_capabilities', 'x-exit-preconfig'].map((command) => ({
    send: `{"exec-oob": "${command}", "id": 1}`,
    ...oob,
  })),
  { send: '{"exec-oob": 1, "id": 1}{"exec-oob": "a", "execute": "b"}', ...oob },
  { send: '{"exec-oob": "yank", "id": 1}{"exec-oob": "yank", "arguments": {"instances": []}}', ...oob },
  { send: Array.from({ length: 20 }, (_, id) => `{"execute": "query-name", "id": ${id}}`).join(''), ...oob },
];

/** A line end, then 0xFF, bring the parser back from whatever was sent; the answer to the latter is not looked at. */
const marker = Buffer.concat([
  Buffer.from('\n'),
  Uint8Array.of(0xff),
  Buffer.from('{"execute": "query-uuid", "id": "the end"}\n'),
]);

async function answers(path: string, { send, capabilities = [] }: Conversation): Promise<readonly string[]> {
  const client = await RawClient.negotiated(path, capabilities);
  client.send(send);
  client.send(marker);
  const lines = await client.until((all) => all.some((line) => line.includes('the end')));
  client.close();
  await once(client.socket, 'close');
  return lines.filter((line) => !line.includes('the end'));
}

for (const binary of qemuBinaries) {
  describe(`a blank server over ${binary}`, () => {
    it('answers as that QEMU does without a machine', async () => {
      await using qemu = await startQemu(binary);
      await using blank = await startTestServer({ qemuBinary: binary });
      for (const conversation of conversations) {
        const expected = await answers(qemu.path, conversation);
        assert.notEqual(expected.length, 0);
        assert.deepEqual(
          await answers(blank.path, conversation),
          expected,
          String(conversation.send).slice(0, 200),
        );
      }
    });
  });
}

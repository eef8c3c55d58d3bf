// What a guest makes of its serial port's line, on a terminal of the host: one of our ptys, of which the kernel keeps the
// speed and the stop bits. strace(1) shows what a pty does not keep.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { ChardevRegistry } from '../../../src/chardevs/index.ts';
import { terminal } from '../../../src/chardevs/ports/terminal.ts';
import { type JsonObject, type JsonValue, jsonObject } from '../../../src/json/value.ts';
import type { SerialLine } from '../../../src/machine/chardev.ts';
import { EchoFrontend } from '../../kit/guests/echo-guest.ts';

const skip = terminal === undefined && 'the native part was not built';
const directory = mkdtempSync(path.join(tmpdir(), 'qmpd-serial-line-'));
after(() => rmSync(directory, { recursive: true }));

const line: SerialLine = { speed: 9600, dataBits: 8, parity: 'none', stopBits: 1, breaking: false };

function backend(type: string, data: Record<string, JsonValue> = {}): JsonObject {
  return jsonObject({ type, data: jsonObject(data) });
}

function settings(device: string): string {
  return execFileSync('stty', ['-F', device, '-a'], { encoding: 'utf8' });
}

/** Two ptys, whose slaves are the host's serial ports; a chardev on the first. */
async function startPorts(): Promise<{ registry: ChardevRegistry; first: string; second: string }> {
  const registry = new ChardevRegistry({ objects: { object: () => undefined }, log: () => {} });
  const [first = '', second = ''] = ['first', 'second'].map((name) => path.join(directory, name));
  await registry.add('far1', backend('pty', { path: first }), 'created');
  await registry.add('far2', backend('pty', { path: second }), 'created');
  await registry.add('port', backend('serial', { device: first }), 'created');
  return { registry, first, second };
}

test('the line is what the guest says, also on a port that takes the place of another', {
  skip,
}, async (context) => {
  const { registry, first, second } = await startPorts();
  context.after(() => registry.closeAll());
  const port = await registry.open('port');
  new EchoFrontend(port);
  assert.match(settings(first), /speed 115200 baud.* -cstopb/s);
  port.setLine?.({ ...line, stopBits: 2 });
  assert.match(settings(first), /speed 9600 baud.* cstopb/s);
  await registry.change('port', backend('serial', { device: second }));
  assert.match(settings(second), /speed 9600 baud.* cstopb/s);
  // A divisor of 3 in place of one that would give a speed that terminals know.
  port.setLine?.({ ...line, speed: 38_399 });
  assert.match(settings(second), /speed 38400 baud.* -cstopb/s);
  await port.close();
  port.setLine?.(line);
});

test('backends that are no line do not mind', async () => {
  const registry = new ChardevRegistry({ objects: { object: () => undefined }, log: () => {} });
  await registry.add('null', backend('null'), 'created');
  (await registry.open('null')).setLine?.(line);
  await registry.closeAll();
});

test('size, parity and breaks reach the driver', { skip }, async (context) => {
  const program = `
    import { terminal } from ${JSON.stringify(path.resolve(import.meta.dirname, '../../../src/chardevs/ports/terminal.js'))};
    import { openSync } from 'node:fs';
    const { slaveName } = terminal.openPty();
    const fd = openSync(slaveName, 'r+');
    const base = { speed: 300, dataBits: 7, parity: 'even', stopBits: 1 };
    terminal.setLine(fd, { ...base, breaking: true });
    terminal.setLine(fd, { ...base, dataBits: 5, parity: 'odd', breaking: false });
  `;
  const log = path.join(directory, 'calls');
  const node = [process.execPath, '--input-type=module', '-e', program];
  const tracer = spawn('strace', ['-f', '-qq', '-e', 'trace=ioctl', '-o', log, ...node], { stdio: 'ignore' });
  const [status] = await once(tracer, 'exit').catch(() => [undefined]);
  if (status !== 0) {
    context.skip('strace is not there, or may not trace');
    return;
  }
  const calls = readFileSync(log, 'utf8')
    .split('\n')
    .filter((call) => /TIOC[SC]BRK|TCSETS.*B300/.test(call))
    .map((call) => call.replace(/^\d+ +/, ''));
  assert.equal(calls.length, 4, calls.join('\n'));
  assert.match(calls[0] ?? '', /c_cflag=B300\|CS7\|(CREAD\|PARENB|.*PARENB)/);
  assert.match(calls[1] ?? '', /TIOCSBRK/);
  assert.match(calls[2] ?? '', /CS5.*PARENB\|PARODD/);
  assert.match(calls[3] ?? '', /TIOCCBRK/);
});

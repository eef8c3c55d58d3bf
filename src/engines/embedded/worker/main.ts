// The worker's entry: makes the machine from the plan and serves the main thread's requests, one after the other.
// Whatever is thrown here ends as a message, never as a dead thread, as long as the thread can still speak.

import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../../util/assert.ts';
import { messageOf } from '../../../util/local-error.ts';
import { GuestMachine } from './board.ts';
import { emulatorBuilder } from './emulator.ts';
import { GuestClock } from './guest-clock.ts';
import type { FromWorker, ToWorker, Verb, Verbs, WorkerData } from './messages.ts';
import { installImageData } from './overrides/screen.ts';

type Handlers = {
  readonly [V in Verb]: (
    machine: GuestMachine,
    argument: Verbs[V]['takes'],
  ) => Verbs[V]['answers'] | Promise<Verbs[V]['answers']>;
};

const handlers: Handlers = {
  cont: (machine) => {
    machine.cont();
    return undefined;
  },
  stop: async (machine) => {
    await machine.stop();
    return undefined;
  },
  reset: async (machine, plan) => {
    await machine.reset(plan);
    return undefined;
  },
  powerButton: (machine) => {
    machine.powerButton();
    return undefined;
  },
  input: (machine, events) => {
    machine.input(events);
    return undefined;
  },
  screen: (machine) => machine.screen(),
  readMemory: (machine, range) => machine.readMemory(range),
  setMedium: async (machine, change) => {
    await machine.setMedium(change);
    return undefined;
  },
  close: async (machine) => {
    await machine.close();
    return undefined;
  },
};

assert(parentPort !== null, 'the embedded engine runs in a worker thread');
const port = parentPort;
const tell = (message: FromWorker): void => port.postMessage(message);

/** What an emulator may say in its life; a guest can make it talk. */
const logMessagesMax = 200;
const logMessageCharactersMax = 1000;

/** v86 and its Rust part write warnings, and the words of a panic, to the console. */
function redirectConsole(): void {
  let messages = 0;
  const log = (...words: unknown[]): void => {
    if (++messages > logMessagesMax) return;
    const text = words.map(String).join(' ').slice(0, logMessageCharactersMax);
    tell({
      kind: 'log',
      message: messages === logMessagesMax ? `${text} (the last message that is kept)` : text,
    });
  };
  for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const) console[method] = log;
}

async function serve(machine: GuestMachine, verb: Verb, number: number, argument: unknown): Promise<void> {
  try {
    // The main thread pairs verbs with arguments by the same table.
    const handler = handlers[verb] as (machine: GuestMachine, argument: unknown) => unknown;
    tell({ kind: 'answer', number, value: await handler(machine, argument) });
  } catch (thrown) {
    tell({ kind: 'refusal', number, message: messageOf(thrown) });
  }
}

function listen(machine: GuestMachine): void {
  let requests = Promise.resolve();
  port.on('message', (message: ToWorker) => {
    switch (message.kind) {
      case 'request':
        requests = requests.then(() => serve(machine, message.verb, message.number, message.argument));
        break;
      case 'serial-input':
        machine.serialPort(message.port)?.receive(message.bytes);
        break;
      case 'serial-break':
        machine.serialPort(message.port)?.receiveBreak();
        break;
      case 'network-input':
        machine.networkInput(message.frame);
        break;
      case 'serial-taken':
        machine.serialPort(message.port)?.taken(message.bytes);
        break;
    }
  });
  process.on('uncaughtException', (thrown) => machine.fault(thrown));
  process.on('unhandledRejection', (thrown) => machine.fault(thrown));
}

async function main({ plan, module }: WorkerData): Promise<void> {
  redirectConsole();
  const clock = GuestClock.install();
  installImageData();
  const machine = new GuestMachine(plan, clock, await emulatorBuilder(module), tell);
  await machine.open();
  listen(machine);
  tell({ kind: 'ready' });
}

main(workerData as WorkerData).catch((thrown: unknown) => {
  tell({ kind: 'failed', message: messageOf(thrown) });
});

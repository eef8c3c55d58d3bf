// Inputs that are known to kill or wedge QEMU although they look like any other: refused with the reason, and the way
// there where there is one. Which of them a command is looked at for is in its traits (src/qmp/traits.ts); each entry was
// seen on the real binaries and has a test that tries it there.

import { isJsonObject, type JsonObject, type JsonValue, jsonObject } from '../../../json/value.ts';
import type { MachineConfiguration } from '../../../machine/engine.ts';
import type { ForwardRequest } from '../../../machine/instance.ts';
import { QmpError } from '../../../qmp/error.ts';
import type { CommandTraits, GuardName } from '../../../qmp/traits.ts';

interface GuardRail {
  /** Releases from this major one on are harmed. */
  readonly since?: number;
  /** Releases from this major one on are not harmed. */
  readonly fixedIn?: number;
  /** What QEMU has to be asked first. */
  ask?(args: JsonObject): Question | undefined;
  /** The reason for refusing these arguments; undefined: they pass. `answer` is undefined when QEMU has none. */
  refuse(args: JsonObject, scene: GuardScene, answer: JsonValue | undefined): string | undefined;
}

interface Question {
  readonly command: string;
  readonly arguments?: JsonObject;
}

/** What a refusal may depend on besides the arguments. */
export interface GuardScene {
  /** The major release. */
  readonly release: number;
  /** Of the machine, when it is ours. */
  readonly configuration?: MachineConfiguration | undefined;
  /** Asks the QEMU that is to be protected; undefined for an error. Rejects when no answer can come. */
  ask(command: string, args?: JsonObject): Promise<JsonValue | undefined>;
}

/** Beyond any machine, and where the arithmetic of QEMU's addresses and of its allocators still holds. */
const memoryBytesMax = 2n ** 62n;
const copiedBytesMax = 2n ** 52n;
const bufferBytesMax = 2n ** 40n;
const screenSideMax = 16_384n;

const rails: Readonly<Record<GuardName, GuardRail>> = {
  'machine-property': {
    // QEMU answers {} and does nothing, or keeps a value that makes a later query abort (x86_possible_cpu_arch_ids).
    refuse: ({ path, property }) =>
      isMachinePath(path)
        ? `The machine's property '${String(property)}' cannot be changed after creation; machine-set keeps it for the next one`
        : undefined,
  },
  'waiting-chardev': {
    // The whole process waits for a client: no monitor works meanwhile.
    refuse: ({ backend }) => (waits(dataOf(backend)) ? whyNoWait : undefined),
  },
  'memory-backend-size': {
    // A negative size passes for uint64 and aborts in find_ram_offset.
    refuse: ({ 'qom-type': type, size }) =>
      typeof type === 'string' && type.startsWith('memory-backend-')
        ? outOfRange('size', size, memoryBytesMax)
        : undefined,
  },
  'null-disk-size': {
    // A negative size aborts where the options are read back.
    refuse: ({ driver, size }) =>
      driver === 'null-co' || driver === 'null-aio' ? outOfRange('size', size, memoryBytesMax) : undefined,
  },
  'chardev-buffer': {
    // The buffer is allocated without a way to fail.
    refuse: ({ backend }) => outOfRange('size', dataOf(backend).size, bufferBytesMax),
  },
  'console-size': {
    // So is a screen.
    refuse: ({ backend }) =>
      ['width', 'height', 'cols', 'rows']
        .map((member) => outOfRange(member, dataOf(backend)[member], screenSideMax))
        .find((reason) => reason !== undefined),
  },
  'tap-queues': {
    // An assertion in net_client_init1.
    refuse: ({ type, queues }) =>
      type === 'tap' && integerOf(queues) === 0n ? "'queues' must be at least 1" : undefined,
  },
  'bar-size': {
    // An assertion in pci_register_bar.
    refuse: ({ driver, membar }) =>
      driver === 'pci-testdev' && membar !== undefined && !isPowerOfTwo(membar)
        ? "'membar' must be a power of two"
        : undefined,
  },
  'copied-memory': {
    // It crashes, or writes without an end.
    refuse: ({ size }) => outOfRange('size', size, copiedBytesMax),
  },
  'empty-reopen': {
    // An assertion in bdrv_reopen_multiple.
    refuse: ({ options }) =>
      Array.isArray(options) && options.length === 0 ? "'options' must name at least one node" : undefined,
  },
  'dirty-bitmap-without-kvm': {
    // Without KVM QEMU crashes: in a thread of its own, with the bitmap, and 7.2 with the ring as well.
    ask: ({ mode }) =>
      mode === 'dirty-bitmap' || mode === 'dirty-ring' ? { command: 'query-kvm' } : undefined,
    refuse: ({ mode }, { release }, kvm) =>
      isJsonObject(kvm) && kvm.enabled === false && (mode === 'dirty-bitmap' || release < 10)
        ? `The mode '${String(mode)}' needs the accelerator kvm, and crashes QEMU with another one`
        : undefined,
  },
  'open-qtest': {
    // An assertion in qtest_unparent, unless its chardev never had a peer.
    ask: ({ id }) =>
      typeof id === 'string'
        ? { command: 'qom-get', arguments: jsonObject({ path: `/objects/${id}`, property: 'type' }) }
        : undefined,
    refuse: ({ id }, _scene, type) =>
      type === 'qtest'
        ? `'${String(id)}' is a qtest, which QEMU aborts on deleting once it is open`
        : undefined,
  },
  'text-console': {
    // A server that shows a text console has no device to name.
    since: 9,
    refuse: (_args, { configuration }) =>
      configuration !== undefined && showsTextConsole(configuration)
        ? "The VNC server shows the text console of a chardev of type 'vc', and QEMU aborts on this question then; query-vnc is answered"
        : undefined,
  },
};

const whyNoWait = "'wait' would stop the whole machine until somebody connects: say wait=off, in QMP false";

/** Rejects with a QmpError for arguments that must not reach this QEMU. */
export async function guard(request: ForwardRequest, scene: GuardScene): Promise<void> {
  await guardArguments(request.traits.guards, request.arguments, scene);
  if (request.meant !== undefined)
    await guardArguments(request.meant.traits.guards, request.meant.arguments, scene);
}

/** Whether there is anything to look at. */
export function isGuarded({ traits, meant }: ForwardRequest): boolean {
  return traits.guards !== undefined || meant?.traits.guards !== undefined;
}

async function guardArguments(
  names: readonly GuardName[] = [],
  args: JsonValue | undefined,
  scene: GuardScene,
): Promise<void> {
  const given: JsonObject = isJsonObject(args) ? args : jsonObject({});
  for (const rail of names.map((name) => rails[name])) {
    if (scene.release < (rail.since ?? 0) || scene.release >= (rail.fixedIn ?? Infinity)) continue;
    const question = rail.ask?.(given);
    const answer = question && (await scene.ask(question.command, question.arguments));
    const reason = rail.refuse(given, scene, answer);
    if (reason !== undefined) throw new QmpError(reason);
  }
}

interface FatalType {
  readonly type: string;
  readonly fixedIn?: number;
}

/**
 * Types that some QEMUs say they have, and that end them when they are asked about: their module is not installed, or
 * they assert that there is a machine of a certain kind. A machine of ours is not asked (forwarder.ts).
 */
const fatalTypes: Readonly<Record<NonNullable<CommandTraits['fatalTypes']>, readonly FatalType[]>> = {
  'of-devices': [
    { type: 'virtio-gpu-gl-pci', fixedIn: 10 },
    { type: 'virtio-vga-gl', fixedIn: 10 },
  ],
  'of-objects': [{ type: 'microvm-machine', fixedIn: 10 }, { type: 'x-remote-object' }],
};

/** Throws a QmpError for a question about a type that must not be put to a QEMU with a guest. */
export function guardTypeQuestion(
  { fatalTypes: list }: Pick<CommandTraits, 'fatalTypes'>,
  args: JsonValue | undefined,
  release: number,
): void {
  if (list === undefined) return;
  const type = isJsonObject(args) ? args.typename : undefined;
  const fatal = fatalTypes[list].some((one) => one.type === type && release < (one.fixedIn ?? Infinity));
  if (fatal)
    throw new QmpError(`A QEMU that is asked about the properties of '${String(type)}' can end by it`);
}

/** QEMU passes over empty parts of a path, and completes one that has no '/' in front. */
function isMachinePath(path: JsonValue | undefined): boolean {
  if (typeof path !== 'string') return false;
  const parts = path.split('/').filter((part) => part !== '');
  return parts.length === 1 && parts[0] === 'machine';
}

function dataOf(backend: JsonValue | undefined): JsonObject {
  const data = isJsonObject(backend) ? backend.data : undefined;
  return isJsonObject(data) ? data : {};
}

function waits({ wait, server }: JsonObject): boolean {
  return wait === true && server !== false;
}

function outOfRange(member: string, value: JsonValue | undefined, max: bigint): string | undefined {
  const integer = integerOf(value);
  return integer !== undefined && (integer < 0n || integer >= max)
    ? `'${member}' is out of range: ${String(value)}`
    : undefined;
}

function isPowerOfTwo(value: JsonValue): boolean {
  const integer = integerOf(value);
  return integer === undefined || (integer > 0n && (integer & (integer - 1n)) === 0n);
}

const sizeSuffixes = 'bkmgtpe';

/** Properties of devices may be texts, and what the human monitor is given always is: "-1", "0x10", "64M". */
function integerOf(value: JsonValue | undefined): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  const match = typeof value === 'string' ? /^([-+]?)(0x[0-9a-f]+|\d+)([bkmgtpe]?)$/i.exec(value) : null;
  if (match === null) return undefined;
  const [, sign, digits = '', suffix = ''] = match;
  const shift = suffix === '' ? 0 : sizeSuffixes.indexOf(suffix.toLowerCase()) * 10;
  const size = BigInt(digits) << BigInt(shift);
  return sign === '-' ? -size : size;
}

/** It binds to the first console there is; character devices come before the screen. */
function showsTextConsole({ options, declarations }: MachineConfiguration): boolean {
  const texts = declarations.filter(
    ({ kind, arguments: { backend } }) =>
      kind === 'chardev' && isJsonObject(backend) && backend.type === 'vc',
  );
  return options.vnc !== undefined && texts.length > 0;
}

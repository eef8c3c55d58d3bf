// Inputs that are known to kill or wedge QEMU although they look like any other: refused with the reason, and the way
// there where there is one. Which of them a command is looked at for is in its traits (src/qmp/traits.ts); each entry was
// seen on the real binaries and has a test that tries it there.

import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { isJsonObject, type JsonObject, type JsonValue, jsonObject } from '../../../json/value.ts';
import type { MachineConfiguration } from '../../../machine/engine.ts';
import type { ForwardRequest } from '../../../machine/instance.ts';
import { QmpError } from '../../../qmp/error.ts';
import type { CommandTraits, GuardName } from '../../../qmp/traits.ts';

interface GuardRail {
  /** The first release that is harmed. */
  readonly since?: ReleaseNumber;
  /** The first that is known not to be harmed any more. */
  readonly fixedIn?: ReleaseNumber;
  /** What QEMU has to be asked first. */
  ask?(args: JsonObject): Question | undefined;
  /** The reason for refusing these arguments; undefined: they pass. `answer` is undefined when QEMU has none. */
  refuse(
    args: JsonObject,
    scene: GuardScene,
    answer: JsonValue | undefined,
  ): string | undefined | Promise<string | undefined>;
}

/** Major, minor, micro; what is left out is 0. */
type ReleaseNumber = readonly [major: number, minor?: number, micro?: number];

interface Question {
  readonly command: string;
  readonly arguments?: JsonObject;
}

/** As in `query-version`. */
export interface Release {
  readonly major: number;
  readonly minor: number;
  readonly micro: number;
}

/** What a refusal may depend on besides the arguments. */
export interface GuardScene {
  readonly release: Release;
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
/** QEMU: MAX_NODES. */
const numaNodesMax = 128n;
/** QEMU: MAX_CRYPTO_QUEUE_NUM. */
const cryptoQueuesMax = 64n;
/** The first bytes of a migration stream (QEMU: migration/savevm.h, QEMU_VM_FILE_MAGIC). */
const streamMagic = 'QEVM';

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
    fixedIn: [11, 1],
    refuse: ({ type, queues }) =>
      type === 'tap' && integerOf(queues) === 0n ? "'queues' must be at least 1" : undefined,
  },
  'bar-size': {
    // An assertion in pci_register_bar. Since 10, QMP no longer takes text for a size; the human monitor still does.
    refuse: ({ driver, membar }) =>
      driver === 'pci-testdev' && membar !== undefined && !isPowerOfTwo(membar)
        ? "'membar' must be a power of two"
        : undefined,
  },
  'copied-virtual-memory': {
    // It crashes.
    fixedIn: [10],
    refuse: ({ size }) => outOfRange('size', size, copiedBytesMax),
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
      isJsonObject(kvm) && kvm.enabled === false && (mode === 'dirty-bitmap' || !isFrom(release, [10]))
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
    since: [9],
    fixedIn: [10, 1],
    refuse: (_args, { configuration }) =>
      configuration !== undefined && showsTextConsole(configuration)
        ? "The VNC server shows the text console of a chardev of type 'vc', and QEMU aborts on this question then; query-vnc is answered"
        : undefined,
  },
  'bitmap-in-transaction': {
    // Enabling one that is not there: the clean-up after the error takes it for one that is.
    ask: ({ actions }) =>
      enabledBitmaps(actions).length > 0
        ? { command: 'query-named-block-nodes', arguments: jsonObject({ flat: true }) }
        : undefined,
    refuse: ({ actions }, _scene, nodes) => {
      const missing = enabledBitmaps(actions).find((bitmap) => !hasBitmap(bitmap, actions, nodes));
      return missing === undefined
        ? undefined
        : `Node '${missing.node}' has no dirty bitmap '${missing.name}' that could be enabled: name a node by its node-name, and a bitmap of its own`;
    },
  },
  'migration-channels': {
    // Without a main channel a null pointer is followed.
    since: [8, 2],
    refuse: ({ channels }) => whyNoMainChannel(channels),
  },
  'incoming-channels': {
    since: [11],
    refuse: ({ channels }) => whyNoMainChannel(channels),
  },
  'device-beside-text-console': {
    // Consoles are looked through for a property that text consoles do not have.
    since: [8],
    ask: ({ device }) => (device === undefined ? undefined : { command: 'query-chardev' }),
    refuse: (_args, _scene, chardevs) =>
      Array.isArray(chardevs) && chardevs.some((one) => isJsonObject(one) && one.filename === 'vc')
        ? "'device' cannot be given while there is a text console (a chardev of type 'vc'), on which QEMU aborts; without it the first screen is meant"
        : undefined,
  },
  'devices-state-file': {
    refuse: ({ filename }) => (typeof filename === 'string' ? whyNoMigrationStream(filename) : undefined),
  },
  'acpi-node': {
    // It ends QEMU in the middle of a command.
    since: [9],
    refuse: ({ 'qom-type': type, node }) =>
      type === 'acpi-generic-initiator' || type === 'acpi-generic-port'
        ? outOfRange('node', node, numaNodesMax)
        : undefined,
  },
  'crypto-queues': {
    refuse: ({ 'qom-type': type, queues }) =>
      type === 'cryptodev-backend-builtin' ? outOfRange('queues', queues, cryptoQueuesMax + 1n) : undefined,
  },
  'cpu-node': {
    // A node that is not there is refused by itself, up to where it is taken for one that is still to be chosen.
    refuse: ({ type, 'node-id': node }) =>
      type === 'cpu' ? outOfRange('node-id', node, numaNodesMax) : undefined,
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
    if (!isHarmed(scene.release, rail)) continue;
    const question = rail.ask?.(given);
    const answer = question && (await scene.ask(question.command, question.arguments));
    const reason = await rail.refuse(given, scene, answer);
    if (reason !== undefined) throw new QmpError(reason);
  }
}

function isHarmed(release: Release, { since, fixedIn }: Pick<GuardRail, 'since' | 'fixedIn'>): boolean {
  if (since !== undefined && !isFrom(release, since)) return false;
  return fixedIn === undefined || !isFrom(release, fixedIn);
}

/** Whether it is that release or a later one. */
function isFrom(release: Release, [major, minor = 0, micro = 0]: ReleaseNumber): boolean {
  if (release.major !== major) return release.major > major;
  return release.minor === minor ? release.micro >= micro : release.minor > minor;
}

interface FatalType {
  readonly type: string;
  readonly fixedIn?: ReleaseNumber;
}

/**
 * Types that some QEMUs say they have, and that end them when they are asked about: their module is not installed, or
 * they assert that there is a machine of a certain kind. A machine that qmpd made is not asked (forwarder.ts).
 */
const fatalTypes: Readonly<Record<NonNullable<CommandTraits['fatalTypes']>, readonly FatalType[]>> = {
  'of-devices': [
    { type: 'virtio-gpu-gl-pci', fixedIn: [10] },
    { type: 'virtio-vga-gl', fixedIn: [10] },
  ],
  'of-objects': [{ type: 'microvm-machine', fixedIn: [10] }, { type: 'x-remote-object' }],
};

/** Throws a QmpError for a question about a type that must not be put to a QEMU with a guest. */
export function guardTypeQuestion(
  { fatalTypes: list }: Pick<CommandTraits, 'fatalTypes'>,
  args: JsonValue | undefined,
  release: Release,
): void {
  if (list === undefined) return;
  const type = isJsonObject(args) ? args.typename : undefined;
  const fatal = fatalTypes[list].some((one) => one.type === type && isHarmed(release, one));
  if (fatal)
    throw new QmpError(`A QEMU that is asked about the properties of '${String(type)}' can end by it`);
}

interface Bitmap {
  readonly node: string;
  readonly name: string;
}

function bitmapsOf(actions: JsonValue | undefined, type: string): Bitmap[] {
  return (Array.isArray(actions) ? actions : []).flatMap((action) => {
    if (!isJsonObject(action) || action.type !== type || !isJsonObject(action.data)) return [];
    const { node, name } = action.data;
    return typeof node === 'string' && typeof name === 'string' ? [{ node, name }] : [];
  });
}

function enabledBitmaps(actions: JsonValue | undefined): Bitmap[] {
  return bitmapsOf(actions, 'block-dirty-bitmap-enable');
}

/** On the node already, or by an action of the same transaction. */
function hasBitmap(
  { node, name }: Bitmap,
  actions: JsonValue | undefined,
  nodes: JsonValue | undefined,
): boolean {
  const added = bitmapsOf(actions, 'block-dirty-bitmap-add');
  if (added.some((other) => other.node === node && other.name === name)) return true;
  const found = (Array.isArray(nodes) ? nodes : []).find(
    (one) => isJsonObject(one) && one['node-name'] === node,
  );
  const bitmaps = isJsonObject(found) ? found['dirty-bitmaps'] : undefined;
  return Array.isArray(bitmaps) && bitmaps.some((one) => isJsonObject(one) && one.name === name);
}

function whyNoMainChannel(channels: JsonValue | undefined): string | undefined {
  if (!Array.isArray(channels) || channels.length === 0) return undefined;
  const types = channels.map((channel) => (isJsonObject(channel) ? channel['channel-type'] : undefined));
  if (types.some((type) => type === 'main') || types.some((type) => type !== 'cpr')) return undefined;
  return "'channels' must have one of type 'main'";
}

/** Undefined also for a file that cannot be read: QEMU says why. */
async function whyNoMigrationStream(filename: string): Promise<string | undefined> {
  const reason = `'${filename}' is not a migration stream, and QEMU aborts on any other file`;
  const file = await open(filename, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    if (!(await file.stat()).isFile()) return reason;
    const bytes = Buffer.alloc(streamMagic.length);
    await file.read(bytes, 0, bytes.length, 0);
    return bytes.toString('latin1') === streamMagic ? undefined : reason;
  } finally {
    await file.close();
  }
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

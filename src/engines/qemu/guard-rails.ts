// Inputs that are known to kill or wedge QEMU although they look like any other: refused with the reason, and the way
// there where there is one. A table; each entry was seen on the real binaries and has a test that tries it there.

import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { QmpError } from '../../qmp/error.ts';

interface GuardRail {
  readonly commands: readonly string[];
  /** Releases from this major one on are not harmed. */
  readonly fixedIn?: number;
  /** The reason for refusing these arguments; undefined: they pass. */
  refuse(args: JsonObject): string | undefined;
}

/** Beyond any machine, and where the arithmetic of QEMU's addresses and of its allocators still holds. */
const memoryBytesMax = 2n ** 62n;
const copiedBytesMax = 2n ** 52n;
const bufferBytesMax = 2n ** 40n;
const screenSideMax = 16_384n;

const rails: readonly GuardRail[] = [
  {
    // QEMU answers {} and does nothing, or keeps a value that makes a later query abort (x86_possible_cpu_arch_ids).
    commands: ['qom-set'],
    refuse: ({ path, property }) =>
      isMachinePath(path)
        ? `The machine's property '${String(property)}' cannot be changed after creation; machine-set keeps it for the next one`
        : undefined,
  },
  {
    // The whole process waits for a client: no monitor works meanwhile.
    commands: ['chardev-add', 'chardev-change'],
    refuse: ({ backend }) => (waits(dataOf(backend)) ? whyNoWait : undefined),
  },
  {
    commands: ['human-monitor-command'],
    refuse: ({ 'command-line': line }) =>
      typeof line === 'string' &&
      /^\s*chardev-(add|change)\b.*\bserver/.test(line) &&
      !/\bwait=off\b/.test(line)
        ? `${whyNoWait}: say wait=off`
        : undefined,
  },
  {
    // A negative size passes for uint64 and aborts in find_ram_offset.
    commands: ['object-add'],
    refuse: ({ 'qom-type': type, size }) =>
      typeof type === 'string' && type.startsWith('memory-backend-')
        ? outOfRange('size', size, memoryBytesMax)
        : undefined,
  },
  {
    // A negative size aborts where the options are read back.
    commands: ['blockdev-add'],
    refuse: ({ driver, size }) =>
      driver === 'null-co' || driver === 'null-aio' ? outOfRange('size', size, memoryBytesMax) : undefined,
  },
  {
    // The buffer is allocated without a way to fail.
    commands: ['chardev-add', 'chardev-change'],
    refuse: ({ backend }) => outOfRange('size', dataOf(backend).size, bufferBytesMax),
  },
  {
    // So is a screen.
    commands: ['chardev-add', 'chardev-change'],
    refuse: ({ backend }) =>
      ['width', 'height', 'cols', 'rows']
        .map((member) => outOfRange(member, dataOf(backend)[member], screenSideMax))
        .find((reason) => reason !== undefined),
  },
  {
    // An assertion in net_client_init1.
    commands: ['netdev_add'],
    refuse: ({ type, queues }) =>
      type === 'tap' && queues === 0 ? "'queues' must be at least 1" : undefined,
  },
  {
    // An assertion in pci_register_bar.
    commands: ['device_add'],
    refuse: ({ driver, membar }) =>
      driver === 'pci-testdev' && membar !== undefined && !isPowerOfTwo(membar)
        ? "'membar' must be a power of two"
        : undefined,
  },
  {
    // It crashes, or writes without an end.
    commands: ['memsave', 'pmemsave'],
    refuse: ({ size }) => outOfRange('size', size, copiedBytesMax),
  },
  {
    // An assertion in bdrv_reopen_multiple.
    commands: ['blockdev-reopen'],
    refuse: ({ options }) =>
      Array.isArray(options) && options.length === 0 ? "'options' must name at least one node" : undefined,
  },
  {
    // Without KVM's dirty ring (which is the accelerator's property) QEMU 7.2 crashes.
    commands: ['calc-dirty-rate'],
    fixedIn: 10,
    refuse: ({ mode }) =>
      mode === 'dirty-ring'
        ? "The mode 'dirty-ring' crashes QEMU where the accelerator has no dirty ring"
        : undefined,
  },
];

const whyNoWait = "'wait' would stop the whole machine until somebody connects";

const byCommand: ReadonlyMap<string, readonly GuardRail[]> = new Map(
  [...new Set(rails.flatMap(({ commands }) => commands))].map((command) => [
    command,
    rails.filter(({ commands }) => commands.includes(command)),
  ]),
);

/** Throws a QmpError for arguments that must not reach a QEMU of this major release. */
export function guard(command: string, args: JsonValue | undefined, release: number): void {
  for (const rail of byCommand.get(command) ?? []) {
    if (rail.fixedIn !== undefined && release >= rail.fixedIn) continue;
    const reason = isJsonObject(args) ? rail.refuse(args) : undefined;
    if (reason !== undefined) throw new QmpError(reason);
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
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  return value < 0 || value >= max ? `'${member}' is out of range: ${value}` : undefined;
}

function isPowerOfTwo(value: JsonValue): boolean {
  if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) return true;
  const integer = BigInt(String(value));
  return integer > 0n && (integer & (integer - 1n)) === 0n;
}

// All that is known of one command, own or QEMU's, beyond what the schema language can say. Each command has one such
// record (src/commands/handlers, src/commands/traits); every other table of command names is derived from them. A
// request that is passed on takes its record along, so that what is below src/commands needs no names.

/** From the least power to the most; each may do what those before it may. */
export const roles = ['observe', 'operate', 'configure', 'admin'] as const;
export type Role = (typeof roles)[number];

/** Rights that stand beside the roles: what shows or touches the guest itself. */
export type Right = 'console' | 'screen' | 'input' | 'migrate' | 'debug';

/** In which phases of the machine a command is legal (src/machine/phase.ts). */
export type LegalPhases = 'any' | 'blank' | 'created';

/** What the next machine is made of, and QEMU can be given while it runs. */
export const declaredKinds = ['chardev', 'object', 'blockdev', 'netdev', 'device'] as const;
export type DeclaredKind = (typeof declaredKinds)[number];

/** An argument that names a descriptor which `getfd` brought (QEMU: monitor_fd_param, monitor_get_fd, socket_get_fd). */
export interface DescriptorPlace {
  /** A member of the arguments: a text, or a list of texts. */
  readonly member: string;
  /** How the text holds the name: alone; several with ':' between; after "fd:" of a migration URI. */
  readonly form: 'name' | 'colon-list' | 'uri';
}

/** What the command does to the declarations that the next machine is made of. */
export interface Declares {
  readonly kind: DeclaredKind;
  /** The member of the arguments that names the thing. */
  readonly id: string;
  /** `ask-removal`: it is gone when QEMU tells so (DEVICE_DELETED), and not with the answer. */
  readonly effect: 'add' | 'replace' | 'remove' | 'ask-removal';
}

/** Inputs that are known to end QEMU or to wedge it: each is looked for by the guard rail of that name. */
export type GuardName =
  | 'machine-property'
  | 'waiting-chardev'
  | 'chardev-buffer'
  | 'console-size'
  | 'memory-backend-size'
  | 'null-disk-size'
  | 'tap-queues'
  | 'bar-size'
  | 'copied-memory'
  | 'empty-reopen'
  | 'dirty-bitmap-without-kvm'
  | 'open-qtest'
  | 'text-console'
  | 'copied-virtual-memory'
  | 'bitmap-in-transaction'
  | 'migration-channels'
  | 'incoming-channels'
  | 'device-beside-text-console'
  | 'devices-state-file'
  | 'acpi-node'
  | 'crypto-queues'
  | 'cpu-node';

/** The command of QEMU's human monitor that does the same, as exactly as the guard rails need its arguments. */
export interface HumanSpelling {
  readonly name: string;
  /** "TYPE,key=value": `options` is the key of the first part. `word`: which one holds it, -1 for the last. */
  readonly reads:
    | { readonly word: number; readonly options: string }
    | { readonly word: number; readonly chardev: true }
    | { readonly word: number; readonly member: string }
    | 'path-and-property'
    | 'dirty-rate-mode'
    | 'screen-of-device';
}

/**
 * Arguments that need another role than the command alone. What a command needs is the highest of what each of its
 * arguments needs: of the rules that fit it the highest, and where none fits the command's own role. So a rule makes the
 * command need less only where every argument that is given is covered. Written down here; nothing enforces it yet.
 */
export interface ArgumentRule {
  /** Paths into the arguments, as "backend.data.path"; "*" is every member or element. */
  readonly arguments: readonly string[];
  /** What the value is, as patterns with "*"; absent: whatever it is. */
  readonly is?: readonly string[];
  /** The rule fits only where this argument is given, too. */
  readonly with?: string;
  readonly role: Role;
}

export interface CommandTraits {
  /** The least that a session must have. */
  readonly role: Role;
  /** What of the guest it shows or touches, as a right of its own. */
  readonly right?: Right;
  readonly rules?: readonly ArgumentRule[];
  /** Of a command that qmpd answers. Absent: QEMU's own rules hold. */
  readonly phases?: LegalPhases;
  readonly outOfBand?: boolean;
  /** `shared`: one answer serves all who asked before it was sent. `once`: and it stays the same while the QEMU lives. */
  readonly answer?: 'shared' | 'once';
  /**
   * A QEMU without a machine can answer: `blank` while ours is not there, `always` also in its place, since the answer is
   * the same for each QEMU of the binary and asking can be fatal.
   */
  readonly probe?: 'blank' | 'always';
  /** Of a question about a type: the list of types that a QEMU with a guest must not be asked about (guard-rails.ts). */
  readonly fatalTypes?: 'of-devices' | 'of-objects';
  /** Besides socket addresses, which are known by their form. */
  readonly descriptors?: readonly DescriptorPlace[];
  readonly declares?: Declares;
  readonly guards?: readonly GuardName[];
  readonly human?: HumanSpelling;
  /** The argument that is a line for the human monitor: what the line asks for is guarded, too. */
  readonly humanLine?: string;
  /** Members of the arguments, at any depth, that no log may show. */
  readonly secret?: readonly string[];
  /** It may keep QEMU or us busy for seconds. */
  readonly slow?: true;
}

/** What is known of a command that nobody has looked at: an engine may have new ones at any time. */
export const unclassified: CommandTraits = { role: 'admin' };

// How a configuration becomes a QEMU machine: which declarations are arguments and which are QMP commands in QEMU's
// preconfig state, and in which order. QEMU refuses chardev-add and device_add there, so those are arguments; what
// arguments name while QEMU reads them must be an argument before them, and so must what names a descriptor, since
// numbers are read as such only there. Everything else is a command, because a command's error is an answer; except where
// QEMU has to make the machine at once, without that state (madeAtOnce).

import { printCompact } from '../../../json/print.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../json/value.ts';
import type { Declaration, DeclaringCommands, MachineConfiguration } from '../../../machine/engine.ts';
import type { MachineOptions } from '../../../schema/index.ts';
import { incomingArguments, incomingDescriptor } from '../options/incoming.ts';
import { argvOf, needsScreen } from '../options/index.ts';
import type { QemuRelease } from '../options/option.ts';
import type { DeclaredChardevs } from './declared-chardevs.ts';
import { inDependencyOrder, stringsIn } from './dependency-order.ts';
import { deviceArgument } from './device-argument.ts';
import { InheritedFds } from './inherited-fds.ts';

export interface PlannedCommand {
  readonly command: string;
  readonly argumentsText: string;
  /** For messages: "object 'rng0'". */
  readonly what: string;
}

export interface CreationPlan {
  readonly argv: readonly string[];
  /** Our descriptors, which become 3, 4, 5 ... in QEMU. */
  readonly inheritedFds: readonly number[];
  /** Our descriptors for each fdset that QEMU is to make. */
  readonly fdsets: ReadonlyMap<string, readonly number[]>;
  /** Carried out in QEMU's preconfig state, which `x-exit-preconfig` ends. Undefined: QEMU makes the machine by itself. */
  readonly commands: readonly PlannedCommand[] | undefined;
  /**
   * Carried out once the machine is made: block nodes above the disk of a device, on which QEMU would refuse the device;
   * where a guest comes in.
   */
  readonly late: readonly PlannedCommand[];
}

type CommandKind = 'object' | 'blockdev' | 'netdev';

const argumentOf: Readonly<Record<CommandKind, string>> = {
  object: '-object',
  blockdev: '-blockdev',
  netdev: '-netdev',
};

/**
 * `configuration` has only what QEMU makes itself. `fdset` gives the descriptors of one of our fdsets. Throws a QmpError
 * for what QEMU cannot be given.
 */
export function planCreation(
  { options, declarations, fds }: MachineConfiguration,
  qemu: QemuRelease,
  declaring: DeclaringCommands,
  chardevs: DeclaredChardevs,
  fdset: (id: string) => readonly number[],
): CreationPlan {
  const inherited = new InheritedFds(declaring, fdset);
  const resolved = new Map<Declaration, boolean>();
  for (const one of inDependencyOrder(declarations)) {
    const { declaration, byNumber } = inherited.resolve(one);
    resolved.set(declaration, byNumber);
  }
  inherited.inheritFdsets(options);
  const incoming = incomingCommands(options as MachineOptions, (name) =>
    inherited.inherit('incoming', name, fds),
  );
  const texts = hasTextConsole(declarations);
  const atOnce = madeAtOnce(options as MachineOptions, qemu, texts);
  const early = neededEarly(options, resolved);
  // Every machine starts stopped.
  const argv = [...(atOnce ? [] : ['-preconfig']), '-S', ...inherited.argv];
  const devices: string[] = [];
  const commands: PlannedCommand[] = [];
  const late: PlannedCommand[] = [];
  const above = aboveDisks(options, [...resolved.keys()]);
  for (const [declaration, byNumber] of resolved) {
    const { kind, arguments: args } = declaration;
    if (kind === 'chardev') argv.push('-chardev', chardevs.argument(args));
    else if (kind === 'device') devices.push('-device', deviceArgument(args, qemu));
    else if (above.has(declaration) && !byNumber) late.push(planned(declaration, declaring));
    else if (atOnce || early.has(declaration)) argv.push(argumentOf[kind], printCompact(args));
    else commands.push(planned(declaration, declaring));
  }
  const release = { ...qemu, preparesVnc: qemu.preparesVnc === true && !texts };
  return {
    argv: [...argv, ...argvOf(options, release), ...devices],
    inheritedFds: inherited.fds,
    fdsets: inherited.fdsets,
    commands: atOnce ? undefined : commands,
    late: [...late, ...incoming],
  };
}

function planned({ kind, id, arguments: args }: Declaration, declaring: DeclaringCommands): PlannedCommand {
  return { command: declaring[kind].name, argumentsText: printCompact(args), what: `${kind} '${id}'` };
}

/** The block nodes that no device and no option reaches, and which lead to one that is reached. */
function aboveDisks(options: JsonObject, declarations: readonly Declaration[]): ReadonlySet<Declaration> {
  const nodes = new Map(
    declarations.filter(({ kind }) => kind === 'blockdev').map((each) => [each.id, each]),
  );
  const reached = new Set<Declaration>();
  const reach = (value: JsonValue): void => {
    for (const name of stringsIn(value)) {
      const node = nodes.get(name);
      if (node === undefined || reached.has(node)) continue;
      reached.add(node);
      reach(node.arguments);
    }
  };
  reach(options);
  for (const { kind, arguments: args } of declarations) if (kind !== 'blockdev') reach(args);
  const above = new Set<Declaration>();
  const leads = ({ arguments: args }: Declaration): boolean =>
    stringsIn(args).some((name) => {
      const node = nodes.get(name);
      return node !== undefined && (reached.has(node) || above.has(node));
    });
  // In dependency order, so that what stands on such a node is found, too.
  for (const node of nodes.values()) if (!reached.has(node) && leads(node)) above.add(node);
  return above;
}

/**
 * Whether QEMU makes the machine without its preconfig state: where something on the host shows the screen, which would
 * stay empty; where a snapshot is loaded, which excludes that state; where the process changes its root or its user,
 * which QEMU does before that state and not after it, so that firmware and images would be looked for as that user and
 * under that root.
 */
function madeAtOnce(options: MachineOptions, qemu: QemuRelease, textConsole: boolean): boolean {
  const { loadvm, process } = options;
  if (needsScreen(options, qemu) || loadvm !== undefined) return true;
  if (process?.chroot !== undefined || process?.user !== undefined) return true;
  // 11.1 aborts when a graphics card comes after a text console, such as QEMU's default ports are.
  return qemu.major >= 11 && (textConsole || options.defaults === true);
}

function incomingCommands(
  { incoming }: MachineOptions,
  inherit: (name: string) => number,
): readonly PlannedCommand[] {
  if (incoming === undefined) return [];
  const name = incomingDescriptor(incoming);
  const args = incomingArguments(incoming, name === undefined ? undefined : inherit(name));
  if (args === undefined) return [];
  const what = `place that a guest comes in at ('${incoming}')`;
  return [{ command: 'migrate-incoming', argumentsText: printCompact(args), what }];
}

/** A VNC server would show it in place of the screen. */
function hasTextConsole(declarations: readonly Declaration[]): boolean {
  return declarations.some(
    ({ kind, arguments: { backend } }) =>
      kind === 'chardev' && isJsonObject(backend) && backend.type === 'vc',
  );
}

/** What chardevs, options and things that name descriptors name, and what those name in turn. */
function neededEarly(
  options: JsonObject,
  resolved: ReadonlyMap<Declaration, boolean>,
): ReadonlySet<Declaration> {
  const candidates = new Map<string, Declaration[]>();
  for (const declaration of resolved.keys()) {
    if (declaration.kind === 'chardev' || declaration.kind === 'device') continue;
    candidates.set(declaration.id, [...(candidates.get(declaration.id) ?? []), declaration]);
  }
  const early = new Set<Declaration>();
  const need = (value: JsonValue): void => {
    for (const declaration of stringsIn(value).flatMap((name) => candidates.get(name) ?? [])) {
      if (early.has(declaration)) continue;
      early.add(declaration);
      need(declaration.arguments);
    }
  };
  for (const [declaration, byNumber] of resolved) {
    if (byNumber && declaration.kind !== 'device') early.add(declaration);
    if (byNumber || declaration.kind === 'chardev') need(declaration.arguments);
  }
  // The devices that drive options stand for look for their block nodes when the machine is made.
  need(withoutLateNames(options));
  // QEMU leaves its default network card out when it is given `-netdev`, and only then.
  if (options.defaults === true) {
    for (const declaration of resolved.keys()) if (declaration.kind === 'netdev') early.add(declaration);
  }
  return early;
}

const drives: readonly string[] = ['fda', 'fdb', 'hda', 'hdb', 'cdrom'];

function withoutLateNames(options: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !drives.includes(name)));
}

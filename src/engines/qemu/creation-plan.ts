// How a configuration becomes a QEMU machine: which declarations are arguments and which are QMP commands in QEMU's
// preconfig state, and in which order. QEMU refuses chardev-add and device_add there, so those are arguments; what
// arguments name while QEMU reads them must be an argument before them. Everything else is a command, because a
// command's error is an answer.

import { printCompact } from '../../json/print.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import type { Declaration, MachineConfiguration } from '../../machine/engine.ts';
import { argvOf } from '../../machine/option-table/index.ts';
import type { QemuRelease } from '../../machine/option-table/option.ts';
import { chardevArgument } from './chardev-argv.ts';
import { inDependencyOrder, stringsIn } from './dependency-order.ts';

export interface PlannedCommand {
  readonly command: string;
  readonly argumentsText: string;
  /** For messages: "object 'rng0'". */
  readonly what: string;
}

export interface CreationPlan {
  readonly argv: readonly string[];
  readonly commands: readonly PlannedCommand[];
}

/** Every machine starts stopped, with what is declared and nothing else, and on nobody's screen. */
const always: readonly string[] = ['-preconfig', '-S', '-no-user-config', '-nodefaults', '-display', 'none'];

type EarlyKind = 'object' | 'netdev';

const earlyOptions: Readonly<Record<EarlyKind, string>> = { object: '-object', netdev: '-netdev' };
const addCommands = { object: 'object-add', blockdev: 'blockdev-add', netdev: 'netdev_add' } as const;

/** Throws a QmpError for what QEMU cannot be given. */
export function planCreation(
  { options, declarations }: MachineConfiguration,
  qemu: QemuRelease,
): CreationPlan {
  const ordered = inDependencyOrder(declarations);
  const early = neededEarly(options, ordered);
  const argv = [...always];
  const devices: string[] = [];
  const commands: PlannedCommand[] = [];
  for (const declaration of ordered) {
    const { kind, id, arguments: args } = declaration;
    if (kind === 'chardev') argv.push('-chardev', chardevArgument(args));
    else if (kind === 'device') devices.push('-device', printCompact(args));
    else if (kind !== 'blockdev' && early.has(declaration)) argv.push(earlyOptions[kind], printCompact(args));
    else {
      const argumentsText = printCompact(args);
      commands.push({ command: addCommands[kind], argumentsText, what: `${kind} '${id}'` });
    }
  }
  return { argv: [...argv, ...argvOf(options, qemu), ...devices], commands };
}

/** The objects and network backends that chardevs or options name, and what those name in turn. */
function neededEarly(options: JsonObject, declarations: readonly Declaration[]): ReadonlySet<Declaration> {
  const candidates = new Map<string, Declaration[]>();
  for (const declaration of declarations) {
    if (declaration.kind !== 'object' && declaration.kind !== 'netdev') continue;
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
  for (const { kind, arguments: args } of declarations) if (kind === 'chardev') need(args);
  // A memory backend can be named before it exists; it must not be made early, or QEMU could not answer for it.
  need(withoutMemoryBackend(options));
  return early;
}

function withoutMemoryBackend(options: JsonObject): JsonObject {
  const machine = isJsonObject(options.machine) ? options.machine : undefined;
  const properties = isJsonObject(machine?.properties) ? machine.properties : undefined;
  if (properties?.['memory-backend'] === undefined) return options;
  const { 'memory-backend': _, ...others } = properties;
  return { ...options, machine: { ...machine, properties: others } };
}

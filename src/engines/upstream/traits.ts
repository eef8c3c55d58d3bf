// What the engine knows of commands beyond the schema: which only read (identical ones that wait are sent once), and
// whose answer stays the same for the life of a QEMU process (kept after the first answer). Everything that is not
// named here is forwarded each time.

/** Answers that are fixed by the binary, the command line and the machine type; keyed with their arguments. */
const constantCommands: ReadonlySet<string> = new Set([
  'device-list-properties',
  'qom-list-properties',
  'qom-list-types',
  'query-command-line-options',
  'query-commands',
  'query-cpu-definitions',
  'query-gic-capabilities',
  'query-kvm',
  'query-machines',
  'query-name',
  'query-qmp-schema',
  'query-sev-capabilities',
  'query-sgx-capabilities',
  'query-target',
  'query-tpm-models',
  'query-tpm-types',
  'query-uuid',
  'query-version',
]);

/** `query-` commands that do more than read: they reset a counter, start work, or depend on their caller. */
const notShared: ReadonlySet<string> = new Set(['query-fdsets', 'query-cpu-model-expansion']);

const readOnlyOthers: ReadonlySet<string> = new Set([
  'qom-get',
  'qom-list',
  'qom-list-get',
  'x-query-virtio-status',
]);

export function isConstant(command: string): boolean {
  return constantCommands.has(command);
}

/** True when one answer serves everyone who asked before it was sent. */
export function isReadOnly(command: string): boolean {
  if (constantCommands.has(command) || readOnlyOthers.has(command)) return true;
  return command.startsWith('query-') && !notShared.has(command);
}

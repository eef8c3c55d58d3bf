// What a machine in a QEMU is, as far as its monitor can tell, for comparing two of them: the tree of its objects with
// their types, its devices with their properties, and what the queries say. What differs from process to process
// (thread numbers, the monitor itself) is left out.

/** Carries out a QMP command. */
export type Ask = (command: string, args?: Record<string, string>) => Promise<unknown>;

const queries = [
  'query-name',
  'query-uuid',
  'query-block',
  'query-memory-size-summary',
  'query-memory-devices',
  'query-hotpluggable-cpus',
  'query-memdev',
  'query-vnc-servers',
  'query-rx-filter',
  'query-iothreads',
  'query-tpm',
] as const;

export interface MachinePicture {
  readonly objects: readonly string[];
  readonly devices: string;
  readonly answers: Readonly<Record<string, unknown>>;
}

export async function pictureOf(ask: Ask): Promise<MachinePicture> {
  const monitor = async (line: string): Promise<string> =>
    String(await ask('human-monitor-command', { 'command-line': line })).replaceAll('\r', '');
  const objects = [await monitor('info qom-tree'), await monitor('info qom-tree /objects')].join('');
  const devices = await monitor('info qtree');
  const answers: Record<string, unknown> = {};
  for (const query of queries) {
    answers[query] = await ask(query).then(plain, () => 'not there');
  }
  answers['query-vnc-servers'] = listening(answers['query-vnc-servers']);
  return { objects: objects.split('\n').sort(), devices, answers };
}

/** Machines of qmpd have a VNC server that waits to be told an address. */
function listening(servers: unknown): unknown {
  if (!Array.isArray(servers)) return servers;
  return servers.filter(({ server }: { server: unknown[] }) => server.length > 0);
}

/** Names of block nodes and threads that QEMU makes up are its own. */
function plain(value: unknown): unknown {
  const text = JSON.stringify(value, (key, member) => (key === 'thread-id' ? 0 : member));
  return JSON.parse(text.replaceAll(/#block\d+/g, '#block').replaceAll(/#net\d+/g, '#net'));
}

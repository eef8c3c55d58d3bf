// What a machine in a QEMU is, as far as its monitor can tell, for comparing two of them: the tree of its objects with
// their types, its devices with their properties, and what the queries say. What differs from process to process
// (thread numbers, the monitor itself) is left out.

/** Carries out a QMP command. */
export type Ask = (command: string, args?: Record<string, string>) => Promise<unknown>;

interface Property {
  readonly name: string;
  readonly type: string;
}

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
  const objects = [...(await tree(ask, '/machine', 0)), ...(await tree(ask, '/objects', 0))].sort();
  const devices = String(await ask('human-monitor-command', { 'command-line': 'info qtree' }));
  const answers: Record<string, unknown> = {};
  for (const query of queries) {
    answers[query] = await ask(query).then(plain, () => 'not there');
  }
  return { objects, devices: devices.replaceAll('\r', ''), answers };
}

/** Each object's path and type; links are not followed. */
async function tree(ask: Ask, path: string, depth: number): Promise<string[]> {
  if (depth > 6) return [];
  const list = (await ask('qom-list', { path })) as readonly Property[];
  const found: string[] = [];
  for (const { name, type } of list) {
    found.push(`${path}/${name} ${type}`);
    if (type.startsWith('child<') && !/^child<(memory-region|.*memory-region)>$/.test(type)) {
      found.push(...(await tree(ask, `${path}/${name}`, depth + 1)));
    }
  }
  return found;
}

/** Names of block nodes and threads that QEMU makes up are its own. */
function plain(value: unknown): unknown {
  const text = JSON.stringify(value, (key, member) => (key === 'thread-id' ? 0 : member));
  return JSON.parse(text.replaceAll(/#block\d+/g, '#block').replaceAll(/#net\d+/g, '#net'));
}

// The whole object tree of a QEMU, as one text for each property: what can be compared when two machines should be the
// same. Values that differ from one process to the next are masked.

import { type QmpClient, QmpCommandError } from '../../../src/client/index.ts';

interface Property {
  readonly name: string;
  readonly type: string;
}

/** Process and thread ids, and clocks. */
const differsAnyway: ReadonlySet<string> = new Set(['thread-id', 'rtc-time', 'date', 'thread-ids']);

/** "/machine/peripheral/nic0 mac: ..." by path and property. */
export async function deviceTree(client: QmpClient): Promise<Map<string, string>> {
  const tree = new Map<string, string>();
  const visit = async (path: string): Promise<void> => {
    const properties = (await client.executeAny('qom-list', { path })) as unknown as Property[];
    await Promise.all(
      properties.map(async ({ name, type }) => {
        if (type.startsWith('child<')) {
          tree.set(`${path} ${name}`, type);
          await visit(path === '/' ? `/${name}` : `${path}/${name}`);
        } else {
          tree.set(`${path} ${name}`, `${type} ${await valueText(client, path, name)}`);
        }
      }),
    );
  };
  await visit('/');
  return tree;
}

async function valueText(client: QmpClient, path: string, property: string): Promise<string> {
  if (differsAnyway.has(property)) return '(differs)';
  try {
    return JSON.stringify(await client.executeAny('qom-get', { path, property }), (_, value) =>
      typeof value === 'bigint' ? `${value}n` : value,
    );
  } catch (error) {
    if (error instanceof QmpCommandError) return `error ${error.desc}`;
    throw error;
  }
}

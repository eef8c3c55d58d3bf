// Scripts of the server's own command line: carried out over a socket in a directory of their own, before anybody else
// can connect; or checked against what a server with that QEMU would know.

import { connect } from '../../client/index.ts';
import { type ServerOptions, startServer } from '../../server/index.ts';
import { makePrivateDirectory } from '../serve/own-directory.ts';
import { checkScript, runScript, type Script } from './run.ts';

interface Preparing {
  readonly options: Pick<ServerOptions, 'preparation'>;
  readonly cleanUp: () => void;
}

export function prepareWith(scripts: readonly Script[]): Preparing {
  if (scripts.length === 0) return { options: {}, cleanUp: () => undefined };
  const { directory, remove } = makePrivateDirectory();
  const address = `unix:${directory}/script.sock`;
  const run = async (): Promise<void> => {
    await using client = await connect(address);
    for (const script of scripts) await runScript(client, script);
  };
  return { options: { preparation: { address, run } }, cleanUp: remove };
}

/** Resolves to the exit status. Rejects with a ScriptError. */
export async function checkScripts(
  scripts: readonly Script[],
  options: Pick<ServerOptions, 'qemuBinary'>,
): Promise<number> {
  const { directory, remove } = makePrivateDirectory();
  const address = `unix:${directory}/check.sock`;
  try {
    const server = await startServer({ ...options, listeners: [address] });
    try {
      await using client = await connect(address);
      for (const script of scripts) await checkScript(client, script);
    } finally {
      await server.stop();
    }
  } finally {
    remove();
  }
  return 0;
}

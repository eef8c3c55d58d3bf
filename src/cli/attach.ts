// `qmpd attach ADDRESS`: shares a QMP socket that serves one client, so that many can use it.

import { parseArgs } from 'node:util';
import { startServer } from '../server/index.ts';
import { takeOver } from '../server/take-over.ts';
import { announce, endOnSignals, logTo, outliveReaders } from './running-server.ts';
import { stayAwakeOption, stayAwakeUsage } from './serve/stay-awake.ts';
import { UsageError } from './usage-error.ts';

export const attachUsage: string = `usage: qmpd attach ADDRESS --qmp ADDRESS... [OPTION]...
       qmpd attach unix:PATH --take-over [OPTION]...

Shares the QMP server at ADDRESS (a QEMU, qemu-storage-daemon, or anything that speaks QMP) among many clients.

  --qmp ADDRESS         listen here for clients; may be repeated
  --take-over           listen at the server's own path: it is renamed while qmpd runs, and put back afterwards
  --pretty              replies and events over several lines
${stayAwakeUsage}\
  --quiet               no log on the standard error output
  -h, --help
`;

export async function run(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      qmp: { type: 'string', multiple: true },
      'take-over': { type: 'boolean' },
      pretty: { type: 'boolean' },
      quiet: { type: 'boolean' },
      'stay-awake': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    process.stdout.write(attachUsage);
    return 0;
  }
  const [address, ...more] = positionals;
  if (address === undefined || more.length > 0)
    throw new UsageError('attach takes one address, as in unix:/run/vm.qmp');
  const listeners = values.qmp ?? [];
  const common = {
    pretty: values.pretty ?? false,
    log: logTo(values.quiet),
    ...stayAwakeOption(values['stay-awake']),
  };
  if (values['take-over'] !== true) {
    if (listeners.length === 0) throw new UsageError('attach needs --qmp ADDRESS, or --take-over');
    return await serve({ ...common, listeners, attach: address });
  }
  const path = pathOf(address);
  const taken = await takeOver(path);
  try {
    return await serve({ ...common, listeners: [`unix:${path}`, ...listeners], attach: taken.upstream });
  } finally {
    await taken.giveBack();
  }
}

async function serve(options: Parameters<typeof startServer>[0]): Promise<number> {
  outliveReaders();
  const server = await startServer(options);
  endOnSignals(server);
  announce(server);
  return await server.ended;
}

function pathOf(address: string): string {
  const path = address.startsWith('unix:') ? address.slice('unix:'.length) : address;
  if (path === '' || path.startsWith('@') || path.includes(',') || address.startsWith('tcp:')) {
    throw new UsageError(
      `--take-over needs the path of a unix socket, as in unix:/run/vm.qmp, not '${address}'`,
    );
  }
  return path;
}

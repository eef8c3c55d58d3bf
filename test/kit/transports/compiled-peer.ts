// Compiles peer.c beside it once per test process: a sender that can be killed by the hundred without the start-up
// time of Node.

import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository, seen from dist/test/kit/transports. */
const root: string = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../..');

/** The path of the executable, in `directory`. */
export function compilePeer(directory: string): string {
  const executable = path.join(directory, 'peer');
  const source = path.join(root, 'test/kit/transports/peer.c');
  execFileSync(process.env.CC ?? 'cc', ['-O1', '-o', executable, source], { stdio: 'inherit' });
  return executable;
}

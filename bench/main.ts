// `npm run bench [-- --json]`: qmpd against the QEMU that is installed, in one run, as ratios. Figures of different
// runs cannot be compared: the machines that this runs on are shared.

import { descriptorsPerSecond } from './descriptors.ts';
import { type LoadResult, load } from './load.ts';
import { startQemu, startQmpd } from './peers.ts';
import { connectionsPerSecond, eventToAllMs, idleBytesPerSession } from './sessions.ts';

interface Comparison {
  readonly name: string;
  readonly qmpd: LoadResult;
  readonly qemu: LoadResult;
  readonly ratio: number;
}

const secondsEach = 2;
const json = process.argv.includes('--json');

async function compare(
  command: string,
  window: number,
  paths: { qmpd: string; qemu: string },
): Promise<Comparison> {
  const [first, second] = [
    await load(paths.qemu, command, window, secondsEach),
    await load(paths.qmpd, command, window, secondsEach),
  ];
  const name = `${command}, ${window} in flight`;
  return { name, qmpd: second, qemu: first, ratio: second.perSecond / first.perSecond };
}

await using qmpd = await startQmpd();
await using qemu = await startQemu();
const paths = { qmpd: qmpd.socket, qemu: qemu.socket };
await load(qmpd.socket, 'query-status', 64, 1); // both have compiled and cached what they will
const comparisons: Comparison[] = [];
for (const command of ['query-status', 'query-qmp-schema']) {
  for (const window of [1, 64]) comparisons.push(await compare(command, window, paths));
}
const connections = {
  qmpd: await connectionsPerSecond(qmpd.socket, secondsEach),
  qemu: await connectionsPerSecond(qemu.socket, secondsEach),
};
const descriptors = {
  qmpd: await descriptorsPerSecond(qmpd.socket, secondsEach),
  qemu: await descriptorsPerSecond(qemu.socket, secondsEach),
};
const idleBytes = await idleBytesPerSession(qmpd, 1000);
const eventMs = await eventToAllMs(qmpd, 1000, 11);

if (json) {
  console.log(
    JSON.stringify(
      {
        comparisons,
        connections,
        descriptors,
        idleBytesPerSession: idleBytes,
        eventTo1000SessionsMs: eventMs,
      },
      null,
      2,
    ),
  );
} else {
  const rate = ({ perSecond, p50Us, p99Us }: LoadResult): string =>
    `${Math.round(perSecond).toLocaleString('en')}/s (p50 ${Math.round(p50Us)} us, p99 ${Math.round(p99Us)} us)`;
  for (const { name, qmpd: ours, qemu: theirs, ratio } of comparisons) {
    console.log(`${name}: qmpd ${rate(ours)}, QEMU ${rate(theirs)}: ${ratio.toFixed(1)} times`);
  }
  const { qmpd: ours, qemu: theirs } = connections;
  console.log(
    `connections: qmpd ${Math.round(ours)}/s, QEMU ${Math.round(theirs)}/s: ${(ours / theirs).toFixed(1)} times`,
  );
  const { qmpd: handed = 0, qemu: handedToQemu = Number.NaN } = descriptors;
  console.log(
    `getfd with closefd: qmpd ${Math.round(handed)}/s, QEMU ${Math.round(handedToQemu)}/s: ${(handed / handedToQemu).toFixed(1)} times`,
  );
  console.log(`memory of an idle session, 1,000 of them: ${(idleBytes / 1024).toFixed(1)} KiB`);
  console.log(`one event to 1,000 sessions: ${eventMs.toFixed(1)} ms until the last one has it`);
}

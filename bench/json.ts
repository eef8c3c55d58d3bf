// How fast messages are read and answers printed, beside what a program would do with JSON.parse and JSON.stringify
// on lines. Figures are the best of several rounds, because other work on the machine only ever makes them worse.
// Run it by itself: `node dist/bench/json.js`, or with --json for a program to read.

import { MessageParser, type MessageSink } from '../src/json/message-parser.ts';
import { print } from '../src/json/print.ts';
import { jsonObject } from '../src/json/value.ts';

const rounds = 9;
const roundMs = 60;
const pipelined = 64;

interface Figure {
  readonly name: string;
  readonly perSecond: number;
}

/** The rate of what `work` counts, of the best round. */
function measure(name: string, work: () => number): Figure {
  let best = 0;
  for (let round = 0; round < rounds; round++) {
    const begin = performance.now();
    let count = 0;
    let elapsed = 0;
    while (elapsed < roundMs) {
      count += work();
      elapsed = performance.now() - begin;
    }
    best = Math.max(best, (count / elapsed) * 1000);
  }
  return { name, perSecond: Math.round(best) };
}

/** Messages a second: our parser, and lines given to JSON.parse. */
function reading(what: string, line: string, copies: number): Figure[] {
  const chunk = Buffer.from(line.repeat(copies));
  const parser = new MessageParser();
  let messages = 0;
  const sink: MessageSink = {
    message() {
      messages++;
    },
    error(desc) {
      throw new Error(desc);
    },
  };
  const ours = measure(`read ${what}`, () => {
    const before = messages;
    parser.feed(chunk, sink);
    return messages - before;
  });
  const theirs = measure(`JSON.parse ${what}`, () => {
    let lines = 0;
    for (const text of chunk.toString('latin1').split('\n')) {
      if (text === '') continue;
      JSON.parse(text);
      lines++;
    }
    return lines;
  });
  return [ours, theirs];
}

function printing(): Figure[] {
  const answer = jsonObject({
    return: jsonObject({ running: true, status: 'running' }),
    id: 'libvirt-17',
  });
  const repeat = (work: () => unknown): number => {
    for (let i = 0; i < 100; i++) work();
    return 100;
  };
  return [
    measure('print an answer', () => repeat(() => print(answer))),
    measure('JSON.stringify an answer', () => repeat(() => JSON.stringify(answer))),
  ];
}

const members = Array.from({ length: 400 }, (_, i) => ({ name: `member-${i}`, type: 'str', default: null }));
const large = `${JSON.stringify({ return: [{ 'meta-type': 'object', members }], id: 1 })}\n`;
const withArguments =
  '{"execute":"qom-get","arguments":{"path":"/machine","property":"type"},"id":"libvirt-17"}\n';

const figures: Figure[] = [
  ...reading(`query-status, ${pipelined} in a chunk`, '{"execute": "query-status"}\n', pipelined),
  ...reading(`qom-get with arguments, ${pipelined} in a chunk`, withArguments, pipelined),
  ...reading('query-status, one in a chunk', '{"execute": "query-status"}\n', 1),
  ...reading(`an answer of ${large.length} bytes`, large, 1),
  ...printing(),
];

if (process.argv.includes('--json')) {
  console.log(JSON.stringify(figures));
} else {
  for (const { name, perSecond } of figures) {
    console.log(`${perSecond.toLocaleString('en').padStart(12)} a second  ${name}`);
  }
}

// Reads the transcripts of a documentation page and has their conversations with a real qmpd.
//
//   start PROGRAM [OPTION ...]  in the directory of the conversation; qmpd again after it was killed finds its state
//   continue                    goes on where the block before ended
//   connect M SOCKET            client M connects to this socket in the directory in place of qmpd's listener
//   view V SOCKET               a terminal: V -> "typed", V <- "seen next, or later"
//   kill -9 qmpd | kill -9 A    ends the process at once; each client is a process of its own
//   A -> JSON                   client A connects if it has not, and sends
//   A -> [descriptor of FILE] JSON
//   A <- JSON                   what A reads next, or later: lines in between that are not shown are passed over
//   A <- end of file

import assert from 'node:assert/strict';

export interface Step {
  /** Line of the page, from 1. */
  readonly line: number;
  readonly text: string;
}

/** The steps of each ```transcript block, in order. */
export function transcriptsOf(page: string): Step[][] {
  const blocks: Step[][] = [];
  let block: Step[] | undefined;
  for (const [index, text] of page.split('\n').entries()) {
    if (text === '```transcript') block = [];
    else if (text === '```' && block !== undefined) {
      blocks.push(block);
      block = undefined;
    } else if (text !== '') block?.push({ line: index + 1, text });
  }
  return blocks;
}

/** Whether the value is what the page shows: members shown must be there, "..." is anything. */
export function matches(shown: unknown, value: unknown): boolean {
  if (shown === '...') return true;
  if (typeof shown === 'string' && typeof value === 'string') return matchesText(shown, value);
  if (Array.isArray(shown)) {
    if (!Array.isArray(value)) return false;
    const open = shown.at(-1) === '...';
    const items = open ? shown.slice(0, -1) : shown;
    if (open ? value.length < items.length : value.length !== items.length) return false;
    return items.every((item, index) => matches(item, value[index]));
  }
  if (typeof shown === 'object' && shown !== null) {
    if (typeof value !== 'object' || value === null) return false;
    return Object.entries(shown).every(([key, member]) => matches(member, Reflect.get(value, key)));
  }
  return Object.is(shown, value);
}

function matchesText(shown: string, value: string): boolean {
  const parts = shown.split('...');
  let at = 0;
  for (const [index, part] of parts.entries()) {
    const found = index === 0 ? (value.startsWith(part) ? 0 : -1) : value.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return parts.length > 1 || at === value.length;
}

export function parseShown(step: Step, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    assert.fail(`line ${step.line}: not JSON: ${String(cause)}`);
  }
}

// How the JSON parsers of QEMU's releases differ where a client can see it: the words of their errors, the place in
// front of them, and when an error is answered. One record each; the lexer and the values are the same in all of them.
// (QEMU: qobject/json-parser.c, json-streamer.c. Up to 11.0 a message is parsed when its brackets are balanced; since
// 11.1 token by token.)

/** What the next token of a message must be. */
export type Expected =
  | 'value'
  | 'element or ]'
  | 'element'
  | ', or ]'
  | 'key or }'
  | 'key'
  | ':'
  | 'member value'
  | ', or }';

export interface JsonDialect {
  /** The words for a token that cannot stand where it does. */
  readonly complaints: Readonly<Record<Expected, string>>;
  /** The words for a value that stands where a key must: told at once, or once the value is complete. */
  readonly notAKey: { readonly words: string; readonly when: 'at once' | 'complete' };
  /** "LINE:COL: " stands in front of a parse error. */
  readonly places: boolean;
  /**
   * `message`: an error is answered where its message ends, and a limit makes a new message of what follows. `token`:
   * an error is answered as soon as its token is complete; what is left of the message is skipped in silence, to the
   * end of its brackets or to a stray byte.
   */
  readonly answersBehind: 'message' | 'token';
}

const beforeTokens: JsonDialect = {
  complaints: {
    value: 'expecting value',
    'element or ]': 'expecting value',
    element: 'expecting value',
    'member value': 'expecting value',
    'key or }': 'expecting value',
    key: 'expecting value',
    ':': 'missing : in object pair',
    ', or ]': 'expected separator in list',
    ', or }': 'expected separator in dict',
  },
  notAKey: { words: 'key is not a string in object', when: 'complete' },
  places: false,
  answersBehind: 'message',
};

const byToken: JsonDialect = {
  complaints: {
    ...beforeTokens.complaints,
    'key or }': 'expecting key',
    key: 'expecting key',
    ':': "expecting ':'",
    ', or ]': "expected ',' or ']'",
    ', or }': "expected ',' or '}'",
  },
  notAKey: { words: 'expecting key', when: 'at once' },
  places: true,
  answersBehind: 'token',
};

/** The eldest release first; each dialect holds from `since` on. */
export const jsonDialects: readonly {
  readonly since: readonly [major: number, minor: number];
  readonly dialect: JsonDialect;
}[] = [
  { since: [0, 0], dialect: beforeTokens },
  { since: [11, 1], dialect: byToken },
];

/** That of QEMU 10.0, whose wire qmpd follows where no QEMU says otherwise. */
export const followedDialect: JsonDialect = beforeTokens;

/** The dialect that a QEMU of this version speaks. */
export function jsonDialectOf({
  major,
  minor,
}: {
  readonly major: number;
  readonly minor: number;
}): JsonDialect {
  const spoken = jsonDialects.findLast(
    ({ since }) => major > since[0] || (major === since[0] && minor >= since[1]),
  );
  return spoken?.dialect ?? followedDialect;
}

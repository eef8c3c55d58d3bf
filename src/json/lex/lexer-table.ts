// The lexer as a table: which state each byte leads to (QEMU: qobject/json-lexer.c). Beyond JSON it knows strings in
// single quotes; it finds where a token ends and leaves its meaning to the literals. Short of JSON, `0e1` is no
// number. Interpolation (`%d`) exists only inside QEMU, so `%` outside a string is a stray byte.

/** Inside a token; `start` is between tokens and `recovery` is after a stray byte. */
export const state = {
  start: 0,
  recovery: 1,
  doubleQuoted: 2,
  doubleQuotedEscape: 3,
  singleQuoted: 4,
  singleQuotedEscape: 5,
  minus: 6,
  zero: 7,
  digits: 8,
  point: 9,
  fraction: 10,
  exponent: 11,
  exponentSign: 12,
  exponentDigits: 13,
  keyword: 14,
} as const;

/** Where a token ends. From `integer` on the byte is after the token; up to `string` it is the token's last. */
export const ending = { error: 32, string: 33, integer: 34, double: 35, keyword: 36 } as const;

/** What a byte means between tokens. */
export const role = { other: 0, space: 1, structure: 2, quote: 3 } as const;

const stateCount = 15;

const space: readonly number[] = [...' \t\r\n'].map((letter) => letter.charCodeAt(0));
const structure: readonly number[] = [...'{}[]:,'].map((letter) => letter.charCodeAt(0));

/** `transitions[state * 256 + byte]` is the next state or an ending. */
export const transitions: Uint8Array = buildTransitions();
/** `roles[byte]` between tokens. */
export const roles: Uint8Array = buildRoles();
/** 1 for a byte that may stand in a string, in either quotes, as itself: printable ASCII but \ " '. */
export const plain: Uint8Array = buildPlain();
/** 1 for a byte at which recovery ends; it is then read as the first of a token. */
export const resync: Uint8Array = buildResync();

function buildTransitions(): Uint8Array {
  const table = new Uint8Array(stateCount * 256).fill(ending.error);
  const on = (from: number, bytes: string, to: number): void => {
    for (const letter of bytes) table[from * 256 + letter.charCodeAt(0)] = to;
  };
  const otherwise = (from: number, to: number, first = 0, last = 0xff): void => {
    table.fill(to, from * 256 + first, from * 256 + last + 1);
  };
  const digits = '0123456789';
  const lowerCase = 'abcdefghijklmnopqrstuvwxyz';
  on(state.start, '"', state.doubleQuoted);
  on(state.start, "'", state.singleQuoted);
  on(state.start, '-', state.minus);
  on(state.start, digits, state.digits);
  on(state.start, '0', state.zero);
  on(state.start, lowerCase, state.keyword);
  // Any byte that is not a control character may be in a string; FE and FF never are.
  otherwise(state.doubleQuoted, state.doubleQuoted, 0x20, 0xfd);
  on(state.doubleQuoted, '"', ending.string);
  on(state.doubleQuoted, '\\', state.doubleQuotedEscape);
  otherwise(state.doubleQuotedEscape, state.doubleQuoted, 0x20, 0xfd);
  otherwise(state.singleQuoted, state.singleQuoted, 0x20, 0xfd);
  on(state.singleQuoted, "'", ending.string);
  on(state.singleQuoted, '\\', state.singleQuotedEscape);
  otherwise(state.singleQuotedEscape, state.singleQuoted, 0x20, 0xfd);
  on(state.minus, digits, state.digits);
  on(state.minus, '0', state.zero);
  otherwise(state.zero, ending.integer);
  on(state.zero, digits, ending.error);
  on(state.zero, '.', state.point);
  otherwise(state.digits, ending.integer);
  on(state.digits, digits, state.digits);
  on(state.digits, '.', state.point);
  on(state.digits, 'eE', state.exponent);
  on(state.point, digits, state.fraction);
  otherwise(state.fraction, ending.double);
  on(state.fraction, digits, state.fraction);
  on(state.fraction, 'eE', state.exponent);
  on(state.exponent, '+-', state.exponentSign);
  on(state.exponent, digits, state.exponentDigits);
  on(state.exponentSign, digits, state.exponentDigits);
  otherwise(state.exponentDigits, ending.double);
  on(state.exponentDigits, digits, state.exponentDigits);
  otherwise(state.keyword, ending.keyword);
  on(state.keyword, lowerCase, state.keyword);
  return table;
}

function buildRoles(): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of space) table[byte] = role.space;
  for (const byte of structure) table[byte] = role.structure;
  table[0x22] = role.quote;
  table[0x27] = role.quote;
  return table;
}

function buildPlain(): Uint8Array {
  const table = new Uint8Array(256).fill(1, 0x20, 0x7f);
  for (const letter of '\\"\'') table[letter.charCodeAt(0)] = 0;
  return table;
}

function buildResync(): Uint8Array {
  const table = new Uint8Array(256).fill(1, 0, 0x20);
  table[0x09] = 0;
  for (const byte of structure) table[byte] = 1;
  table.fill(1, 0xfe, 0x100);
  return table;
}

// The scan codes of QEMU's key names (QKeyCode, qapi/ui.json) as a PC keyboard of the second generation sends them in
// set 1: one byte, or 0xe0 and a byte. IBM PS/2 technical reference, keyboard; Microsoft's scan code specification
// for the multimedia keys.

/** Codes above 0xff stand for 0xe0 and their low byte. */
const codes: Readonly<Record<string, number>> = {
  ...row(0x01, ['esc', '1', '2', '3', '4', '5', '6', '7', '8', '9', '0', 'minus', 'equal', 'backspace']),
  ...row(0x0f, [
    'tab',
    'q',
    'w',
    'e',
    'r',
    't',
    'y',
    'u',
    'i',
    'o',
    'p',
    'bracket_left',
    'bracket_right',
    'ret',
  ]),
  ...row(0x1d, [
    'ctrl',
    'a',
    's',
    'd',
    'f',
    'g',
    'h',
    'j',
    'k',
    'l',
    'semicolon',
    'apostrophe',
    'grave_accent',
  ]),
  ...row(0x2a, ['shift', 'backslash', 'z', 'x', 'c', 'v', 'b', 'n', 'm', 'comma', 'dot', 'slash', 'shift_r']),
  ...row(0x37, ['kp_multiply', 'alt', 'spc', 'caps_lock']),
  ...row(0x3b, ['f1', 'f2', 'f3', 'f4', 'f5', 'f6', 'f7', 'f8', 'f9', 'f10', 'num_lock', 'scroll_lock']),
  ...row(0x47, [
    'kp_7',
    'kp_8',
    'kp_9',
    'kp_subtract',
    'kp_4',
    'kp_5',
    'kp_6',
    'kp_add',
    'kp_1',
    'kp_2',
    'kp_3',
  ]),
  ...row(0x52, ['kp_0', 'kp_decimal', 'sysrq']),
  ...row(0x56, ['less', 'f11', 'f12', 'kp_equals']),
  ...row(0x64, ['f13', 'f14', 'f15', 'f16', 'f17', 'f18', 'f19', 'f20', 'f21', 'f22', 'f23']),
  asterisk: 0x37,
  f24: 0x76,
  katakanahiragana: 0x70,
  lang2: 0x71,
  lang1: 0x72,
  ro: 0x73,
  hiragana: 0x77,
  henkan: 0x79,
  muhenkan: 0x7b,
  yen: 0x7d,
  kp_comma: 0x7e,
  audioprev: 0x110,
  audionext: 0x119,
  kp_enter: 0x11c,
  ctrl_r: 0x11d,
  audiomute: 0x120,
  calculator: 0x121,
  audioplay: 0x122,
  audiostop: 0x124,
  volumedown: 0x12e,
  volumeup: 0x130,
  ac_home: 0x132,
  kp_divide: 0x135,
  print: 0x137,
  alt_r: 0x138,
  home: 0x147,
  up: 0x148,
  pgup: 0x149,
  left: 0x14b,
  right: 0x14d,
  end: 0x14f,
  down: 0x150,
  pgdn: 0x151,
  insert: 0x152,
  delete: 0x153,
  meta_l: 0x15b,
  meta_r: 0x15c,
  menu: 0x15d,
  compose: 0x15d,
  power: 0x15e,
  sleep: 0x15f,
  wake: 0x163,
  ac_bookmarks: 0x166,
  ac_refresh: 0x167,
  ac_forward: 0x169,
  ac_back: 0x16a,
  computer: 0x16b,
  mail: 0x16c,
  mediaselect: 0x16d,
};

const extended = 0x100;
const released = 0x80;
/** Pause has no code for its release: both go out when it is pressed. */
const pauseBytes: readonly number[] = [0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5];

/** Keys next to each other have codes that count up. */
function row(first: number, names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name, index) => [name, first + index]));
}

/** The bytes for a key of that name; none for one that a PC keyboard has not. */
export function scanCodes(name: string, down: boolean): readonly number[] {
  if (name === 'pause') return down ? pauseBytes : [];
  const code = codes[name];
  return code === undefined ? [] : bytesOf(code, down);
}

/** A key by its number, which is the scan code, with 0x80 for 0xe0 before it. */
export function numberedScanCodes(number: number, down: boolean): readonly number[] {
  const code = number & 0x7f;
  return bytesOf((number & 0x80) !== 0 ? extended | code : code, down);
}

function bytesOf(code: number, down: boolean): readonly number[] {
  const byte = (code & 0x7f) | (down ? 0 : released);
  return code >= extended ? [0xe0, byte] : [byte];
}

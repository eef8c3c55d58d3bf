// What the chardev commands answer, as sequences of commands that run on QEMU and on ours. DIR stands for the directory
// of the side. Where ours is different on purpose, `ours` says what it answers and `note` why.

export interface Step {
  readonly command: string;
  readonly args: Record<string, unknown>;
  readonly ours?: unknown;
  readonly note?: string;
  /** First QEMU version that has this. */
  readonly since?: 10;
  /** First QEMU version that has it no more. */
  readonly before?: 11;
}

export interface CommandScenario {
  readonly name: string;
  readonly steps: readonly Step[];
}

type Data = Record<string, unknown>;
type More = Pick<Step, 'ours' | 'note' | 'since' | 'before'>;

function add(id: string, type: string, data: Data = {}, more: More = {}): Step {
  return { command: 'chardev-add', args: { id, backend: { type, data } }, ...more };
}

function change(id: string, type: string, data: Data = {}, more: More = {}): Step {
  return { command: 'chardev-change', args: { id, backend: { type, data } }, ...more };
}

function remove(id: string): Step {
  return { command: 'chardev-remove', args: { id } };
}

function read(device: string, size: number, format?: string): Step {
  return { command: 'ringbuf-read', args: { device, size, ...(format ? { format } : {}) } };
}

function write(device: string, data: string, format?: string): Step {
  return { command: 'ringbuf-write', args: { device, data, ...(format ? { format } : {}) } };
}

const query: Step = { command: 'query-chardev', args: {} };

const unix = (path: string): Data => ({ type: 'unix', data: { path } });
const inet = (host: string, port: string, more: Data = {}): Data => ({
  type: 'inet',
  data: { host, port, ...more },
});
const socket = (id: string, data: Data, more: More = {}): Step => add(id, 'socket', data, more);

const longPath = `DIR/${'x'.repeat(120)}`;

export const commandScenarios: readonly CommandScenario[] = [
  {
    name: 'null, and what ids may be',
    steps: [
      add('', 'null'),
      add('a/b', 'null'),
      add('a b', 'null'),
      add('ü', 'null'),
      add('a b', 'null'),
      query,
    ],
  },
  {
    name: 'missing ids',
    steps: [remove('x'), change('x', 'null'), { command: 'chardev-send-break', args: { id: 'x' } }],
  },
  {
    name: 'a chardev in use',
    steps: [
      remove('serial'),
      { command: 'chardev-send-break', args: { id: 'serial' } },
      add('serial', 'null'),
      query,
    ],
  },
  {
    name: 'sizes of ring buffers',
    steps: [
      add('r0', 'ringbuf', { size: 100 }),
      add('r1', 'ringbuf', { size: -1 }),
      add('r2', 'ringbuf', { size: 16 }),
      add('r3', 'memory', { size: 64 }),
      add('r4', 'ringbuf'),
      query,
      remove('r2'),
      remove('r2'),
    ],
  },
  {
    name: 'what a ring buffer holds',
    steps: [
      add('r', 'ringbuf', { size: 16 }),
      read('r', 10),
      write('r', 'hello world, 12345'),
      read('r', 0),
      read('r', -1),
      read('r', 5),
      read('r', 500),
      write('r', '!!!!', 'base64'),
      write('r', '/+8AYQ==', 'base64'),
      read('r', 50),
      write('r', '/+8AYQ==', 'base64'),
      read('r', 50, 'base64'),
      write('r', 'w6kA/2E=', 'base64'),
      read('r', 50),
      write('r', 'aGk'),
      write('r', 'aGk', 'base64'),
      write('r', 'aGk=\naGk=', 'base64'),
      read('r', 3),
      read('r', 50),
      write('r', '', 'base64'),
      write('r', 'é\u0000b'),
      read('r', 50, 'base64'),
      write('r', '7aCA9I+/v/CfmIDwn5iA', 'base64'),
      read('r', 50),
    ],
  },
  {
    name: 'ring buffer commands on something else',
    steps: [read('x', 1), write('x', ''), read('serial', 1), write('serial', 'a')],
  },
  {
    name: 'files that cannot be opened',
    steps: [
      add('f', 'file', { out: '/nonexistent/x' }),
      add('f', 'file', { out: 'DIR' }),
      add('f', 'file', { out: 'DIR/out', in: '/nonexistent/y' }),
      add('f', 'null', { logfile: '/nonexistent/log' }),
      add(
        'f',
        'ringbuf',
        { size: 3, logfile: '/nonexistent/log' },
        {
          ours: { error: "Failed to add chardev 'f': size of ringbuf chardev must be power of two" },
          note: 'both are wrong: QEMU opens the log first, ours checks first what needs no opening',
        },
      ),
      add('f', 'pipe', { device: '/nonexistent/p' }),
      add('f', 'serial', { device: '/nonexistent/p' }),
      add('f', 'parallel', { device: '/nonexistent/p' }),
      add('f', 'parallel', { device: '/dev/null' }),
      add('f', 'file', { out: 'DIR/out' }),
      add('g', 'file', { out: 'DIR/out', append: true }),
      add('h', 'pipe', { device: 'DIR/out' }),
      add('i', 'serial', { device: '/dev/null' }),
      query,
    ],
  },
  {
    name: 'multiplexing',
    steps: [
      add('n', 'null'),
      add('m', 'mux', { chardev: 'n' }),
      add('o', 'mux', { chardev: 'x' }),
      add(
        'o',
        'mux',
        { chardev: 'o' },
        {
          ours: { error: "Failed to add chardev 'o': chardevs need each other in a circle: o -> o" },
          note: 'QEMU has not entered o yet',
        },
      ),
      add('o', 'mux', { chardev: 'm' }),
      query,
      remove('n'),
      remove('m'),
      change('n', 'null'),
    ],
  },
  {
    name: 'errors that 10 words differently',
    steps: [
      add('n', 'null', {}, { since: 10 }),
      add('m', 'mux', { chardev: 'n' }, { since: 10 }),
      add('o', 'mux', { chardev: 'n' }, { since: 10 }),
      change('m', 'null', {}, { since: 10 }),
    ],
  },
  {
    name: 'hubs',
    steps: [
      ...[0, 1, 2, 3, 4, 5, 6, 7].map((n) => add(`n${n}`, 'null', {}, { since: 10 })),
      add('h', 'hub', { chardevs: ['n0', 'n1'] }, { since: 10 }),
      add('i', 'hub', { chardevs: ['n0'] }, { since: 10 }),
      add('i', 'hub', { chardevs: ['h'] }, { since: 10 }),
      add('i', 'hub', { chardevs: [] }, { since: 10 }),
      add('i', 'hub', { chardevs: ['x'] }, { since: 10 }),
      add('i', 'hub', { chardevs: ['n2', 'n2'] }, { since: 10 }),
      add('i', 'hub', { chardevs: ['n2', 'n3', 'n4', 'n5', 'n6'] }, { since: 10 }),
      add('m', 'mux', { chardev: 'n7' }, { since: 10 }),
      add('i', 'hub', { chardevs: ['m'] }, { since: 10 }),
      change('h', 'null', {}, { since: 10 }),
      { ...query, since: 10 },
      { ...remove('n0'), since: 10 },
      { ...remove('h'), since: 10 },
      { ...remove('n0'), since: 10 },
    ],
  },
  {
    name: 'datagrams',
    steps: [
      add('u', 'udp', { remote: unix('DIR/u') }),
      add('u', 'udp', { remote: inet('127.0.0.1', '') }),
      add('u', 'udp', { remote: inet('127.0.0.1', 'x9') }),
      add('u', 'udp', { remote: inet('no.such.host.invalid', '9') }),
      add('u', 'udp', { remote: inet('127.0.0.1', '9'), local: inet('1.2.3.4', '99') }),
      add('u', 'udp', { remote: inet('127.0.0.1', '9'), local: inet('127.0.0.1', '0') }),
      add('v', 'udp', { remote: inet('', '9') }),
      query,
    ],
  },
  {
    name: 'socket options that exclude each other',
    steps: [
      socket('s', { addr: unix('DIR/s'), server: false, wait: false }),
      socket('s', { addr: unix('DIR/s'), server: false, wait: true }),
      socket('s', { addr: unix('DIR/s'), server: true, reconnect: 1 }, { before: 11 }),
      socket('s', { addr: unix('DIR/s'), server: true, reconnect: 0 }, { before: 11 }),
      socket('s', { addr: unix('DIR/s'), server: false, websocket: true }),
      socket('s', { addr: inet('127.0.0.1', '0'), 'tls-authz': 'x' }),
      socket('s', { addr: inet('127.0.0.1', '0'), 'tls-creds': 'x' }),
      socket('s', { addr: inet('127.0.0.1', '0'), 'tls-creds': 'x', 'tls-authz': 'x' }),
      socket('s', { addr: { type: 'fd', data: { str: '0' } }, server: false, reconnect: 1 }, { before: 11 }),
      socket('s', { addr: { type: 'fd', data: { str: 'x' } }, server: false }),
      socket('s', { addr: { type: 'fd', data: { str: '77' } } }),
      socket(
        's',
        { addr: inet('127.0.0.1', '1'), server: false, reconnect: 1, 'reconnect-ms': 1 },
        { since: 10, before: 11 },
      ),
    ],
  },
  {
    name: 'addresses that are not available',
    steps: [
      socket('s', { addr: unix('/nonexistent/s') }),
      socket('s', { addr: unix('/nonexistent/s'), server: false }),
      socket('s', { addr: unix(longPath) }),
      socket('s', { addr: unix(longPath), server: false }),
      socket('s', { addr: inet('127.0.0.1', 'x') }),
      socket('s', { addr: inet('127.0.0.1', '0', { ipv4: false }) }),
      socket('s', { addr: inet('1.2.3.4', '5555') }),
      socket('s', { addr: inet('no.such.host.invalid', '9') }),
      socket('s', { addr: inet('no.such.host.invalid', '9'), server: false }),
      socket('s', { addr: inet('127.0.0.1', '9'), server: false }),
      socket('s', { addr: inet('127.0.0.1', '0', { ipv4: false, ipv6: false }) }),
    ],
  },
  {
    name: 'names of listening sockets',
    steps: [
      socket('s0', { addr: unix('DIR/s'), wait: false }),
      socket('s1', { addr: inet('127.0.0.1', '0') }),
      socket('s2', { addr: inet('localhost', '0'), nodelay: true }),
      socket('s3', { addr: inet('', '0', { ipv4: true }) }),
      socket('s4', { addr: inet('::1', '0'), telnet: true }),
      socket('s5', { addr: inet('127.0.0.1', ''), websocket: true }),
      socket('s6', { addr: inet('127.0.0.1', '0', { ipv4: true, ipv6: false }), tn3270: true }),
      socket('s7', { addr: { type: 'unix', data: { path: 'DIR/abstract', abstract: true } } }),
      socket('s8', { addr: unix('DIR/s9'), server: false, reconnect: 60 }, { before: 11 }),
      query,
    ],
  },
  {
    name: 'changing a chardev that a serial port uses',
    steps: [
      change(
        'serial',
        'file',
        { out: '/nonexistent/x' },
        {
          ours: {
            error:
              "Failed to add chardev 'serial': Could not open '/nonexistent/x': No such file or directory",
          },
          note: 'QEMU gives no context here',
        },
      ),
      change('serial', 'ringbuf', { size: 16 }),
      query,
      read('serial', 16),
    ],
  },
];

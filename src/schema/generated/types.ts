// Generated from qapi/*.json by `npm run generate`: changes belong there.

import type { Double, JsonInteger, JsonValue } from '../../json/value.ts';

/** Any JSON number; a double that happens to be integral is kept apart as a `Double`. */
export type JsonNumber = JsonInteger | Double;

/** An object without members. */
export type NoMembers = Record<string, never>;

/**
 * A switch that can be left to the engine.
 *
 * Since: 0.1
 *
 * - `auto`: the engine decides
 * - `on`: switched on
 * - `off`: switched off
 */
export type OnOffAuto = 'auto' | 'on' | 'off';

/**
 * A name, or null for "none here".
 *
 * Since: 0.1
 */
export type StrOrNull = string | null;

/**
 * A moment of the host's wall clock, in the form that events carry.
 *
 * Since: 0.1
 */
export type Timestamp = {
  /** whole seconds since 1970-01-01 00:00 UTC */
  seconds: JsonInteger;
  /** what is beyond the whole second, 0 to 999999 */
  microseconds: JsonInteger;
};

/**
 * The kinds of socket address.
 *
 * Since: 0.1
 *
 * - `inet`: TCP or UDP over IPv4 or IPv6
 * - `unix`: a Unix domain socket
 * - `vsock`: the socket family between a host and its guests
 * - `fd`: a socket that exists already, as a file descriptor
 */
export type SocketAddressType = 'inet' | 'unix' | 'vsock' | 'fd';

/**
 * An address for TCP or UDP.
 *
 * Since: 0.1
 */
export type InetSocketAddress = {
  /** host name or numeric address; an empty one listens on all addresses */
  host: string;
  /** port number or name of a service */
  port: string;
  /** take `host` and `port` as numbers only, so that nothing is looked up (default false) */
  numeric?: boolean;
  /** when listening, the highest port to try if `port` and those between are taken */
  to?: number;
  /** use IPv4 (default: as the addresses of `host` allow) */
  ipv4?: boolean;
  /** use IPv6 (default: as the addresses of `host` allow) */
  ipv6?: boolean;
  /** have the kernel notice a peer that is gone; only for clients (default false) */
  'keep-alive'?: boolean;
  /** use multipath TCP where the kernel has it (default false) */
  mptcp?: boolean;
};

/**
 * An address in the Unix domain.
 *
 * Since: 0.1
 */
export type UnixSocketAddress = {
  /** path in the file system, or name in the abstract name space */
  path: string;
  /** `path` is a name in Linux's abstract name space (default false) */
  abstract?: boolean;
  /** an abstract name ends with its last byte instead of being filled up with zeroes (default true) */
  tight?: boolean;
};

/**
 * An address for sockets between host and guests.
 *
 * Since: 0.1
 */
export type VsockSocketAddress = {
  /** number of the guest or host, as text */
  cid: string;
  /** port number, as text */
  port: string;
};

/**
 * A socket that is there already.
 *
 * Since: 0.1
 */
export type FdSocketAddress = {
  /** a name given by getfd, or the number of a descriptor that the process inherited */
  str: string;
};

/**
 * Wraps an address, as the older form has it.
 *
 * Since: 0.1
 */
export type InetSocketAddressWrapper = {
  /** the address */
  data: InetSocketAddress;
};

/**
 * Wraps an address, as the older form has it.
 *
 * Since: 0.1
 */
export type UnixSocketAddressWrapper = {
  /** the address */
  data: UnixSocketAddress;
};

/**
 * Wraps an address, as the older form has it.
 *
 * Since: 0.1
 */
export type VsockSocketAddressWrapper = {
  /** the address */
  data: VsockSocketAddress;
};

/**
 * Wraps an address, as the older form has it.
 *
 * Since: 0.1
 */
export type FdSocketAddressWrapper = {
  /** the address */
  data: FdSocketAddress;
};

/**
 * A socket address in the older form, whose members lie in 'data'.  Character devices use it.
 *
 * Since: 0.1
 */
export type SocketAddressLegacy =
  | ({ type: 'inet' } & InetSocketAddressWrapper)
  | ({ type: 'unix' } & UnixSocketAddressWrapper)
  | ({ type: 'vsock' } & VsockSocketAddressWrapper)
  | ({ type: 'fd' } & FdSocketAddressWrapper);

/**
 * A socket address, its members beside 'type'.
 *
 * Since: 0.1
 */
export type SocketAddress =
  | ({ type: 'inet' } & InetSocketAddress)
  | ({ type: 'unix' } & UnixSocketAddress)
  | ({ type: 'vsock' } & VsockSocketAddress)
  | ({ type: 'fd' } & FdSocketAddress);

/**
 * What a client can ask for when its session begins.
 *
 * Since: 0.1
 *
 * - `oob`: out-of-band commands (exec-oob), which do not wait for those before them
 */
export type QMPCapability = 'oob';

export type QmpCapabilitiesArguments = {
  /** capabilities to switch on, among those that the greeting offered (default none) */
  enable?: QMPCapability[];
};

/**
 * A release number.
 *
 * Since: 0.1
 */
export type VersionTriple = {
  /** first number */
  major: JsonInteger;
  /** second number */
  minor: JsonInteger;
  /** third number */
  micro: JsonInteger;
};

/**
 * Which QEMU this is, or speaks for.
 *
 * Since: 0.1
 */
export type VersionInfo = {
  /** release of the QEMU behind qmpd; 10.0.0, the release that qmpd follows, when there is none */
  qemu: VersionTriple;
  /** the packager's own words about that QEMU, always ending in qmpd's name and version */
  package: string;
};

/**
 * One command.
 *
 * Since: 0.1
 */
export type CommandInfo = {
  /** its name */
  name: string;
};

export type HumanMonitorCommandArguments = {
  /** the line */
  'command-line': string;
  /** the CPU that the line is about, for lines that are about one (default 0) */
  'cpu-index'?: JsonInteger;
};

/**
 * The kinds of schema entity.
 *
 * Since: 0.1
 *
 * - `builtin`: a type that the language itself has
 * - `enum`: an enumeration
 * - `array`: a list of one element type
 * - `object`: a struct or a union
 * - `alternate`: one of several types, told apart by their JSON kind
 * - `command`: a command
 * - `event`: an event
 */
export type SchemaMetaType = 'builtin' | 'enum' | 'array' | 'object' | 'alternate' | 'command' | 'event';

/**
 * One entity of the schema.
 *
 * Since: 0.1
 */
export type SchemaInfo = {
  /** name of the command or event, number of the type; entities refer to each other by it */
  name: string;
  /** names of its features (default none) */
  features?: string[];
} & (
  // by the tag:
  | ({ 'meta-type': 'builtin' } & SchemaInfoBuiltin)
  | ({ 'meta-type': 'enum' } & SchemaInfoEnum)
  | ({ 'meta-type': 'array' } & SchemaInfoArray)
  | ({ 'meta-type': 'object' } & SchemaInfoObject)
  | ({ 'meta-type': 'alternate' } & SchemaInfoAlternate)
  | ({ 'meta-type': 'command' } & SchemaInfoCommand)
  | ({ 'meta-type': 'event' } & SchemaInfoEvent)
);

/**
 * A type of the language.
 *
 * Since: 0.1
 */
export type SchemaInfoBuiltin = {
  /** how its values look in JSON */
  'json-type': JSONType;
};

/**
 * The kinds of JSON value, with integers apart from other numbers.
 *
 * Since: 0.1
 *
 * - `string`: a string
 * - `number`: a number of any kind
 * - `int`: a number without fraction or exponent
 * - `boolean`: true or false
 * - `null`: null
 * - `object`: an object
 * - `array`: an array
 * - `value`: any of them
 */
export type JSONType = 'string' | 'number' | 'int' | 'boolean' | 'null' | 'object' | 'array' | 'value';

/**
 * An enumeration.
 *
 * Since: 0.1
 */
export type SchemaInfoEnum = {
  /** its values */
  members: SchemaInfoEnumMember[];
  /**
   * the names of its values once more, for clients older than `members`
   *
   * @deprecated `values` says less than `members` does
   */
  values: string[];
};

/**
 * One value of an enumeration.
 *
 * Since: 0.1
 */
export type SchemaInfoEnumMember = {
  /** the string that stands for it on the wire */
  name: string;
  /** names of its features (default none) */
  features?: string[];
};

/**
 * A list.
 *
 * Since: 0.1
 */
export type SchemaInfoArray = {
  /** type of each element */
  'element-type': string;
};

/**
 * An object: a struct, or a union when it has variants.
 *
 * Since: 0.1
 */
export type SchemaInfoObject = {
  /** the members that it always has or may have */
  members: SchemaInfoObjectMember[];
  /** name of the member whose value chooses the variant */
  tag?: string;
  /** what else it has for each value of `tag` */
  variants?: SchemaInfoObjectVariant[];
};

/**
 * One member of an object.
 *
 * Since: 0.1
 */
export type SchemaInfoObjectMember = {
  /** its name */
  name: string;
  /** its type */
  type: string;
  /** there when the member may be left out; null says that no fixed value stands for it then */
  default?: JsonValue;
  /** names of its features (default none) */
  features?: string[];
};

/**
 * What one value of the tag brings along.
 *
 * Since: 0.1
 */
export type SchemaInfoObjectVariant = {
  /** the value of the tag */
  case: string;
  /** an object type whose members are added */
  type: string;
};

/**
 * A choice between types that look different in JSON.
 *
 * Since: 0.1
 */
export type SchemaInfoAlternate = {
  /** the types */
  members: SchemaInfoAlternateMember[];
};

/**
 * One type of a choice.
 *
 * Since: 0.1
 */
export type SchemaInfoAlternateMember = {
  /** the type */
  type: string;
};

/**
 * A command.
 *
 * Since: 0.1
 */
export type SchemaInfoCommand = {
  /** an object type whose members are the arguments */
  'arg-type': string;
  /** type of the answer */
  'ret-type': string;
  /** whether it can be sent out of band (default false) */
  'allow-oob'?: boolean;
};

/**
 * An event.
 *
 * Since: 0.1
 */
export type SchemaInfoEvent = {
  /** an object type whose members are the event's data */
  'arg-type': string;
};

/**
 * What carries a session's bytes.
 *
 * Since: 0.1
 *
 * - `unix`: a Unix domain socket
 * - `tcp`: TCP
 * - `tls`: TLS over TCP
 * - `websocket`: a websocket
 * - `stdio`: standard input and output
 * - `inherited`: a socket that the process was started with
 * - `chardev`: a character device
 */
export type SessionTransport = 'unix' | 'tcp' | 'tls' | 'websocket' | 'stdio' | 'inherited' | 'chardev';

/**
 * How far a session is trusted.  Each role may do what those before it may.
 *
 * Since: 0.1
 *
 * - `observe`: may look
 * - `operate`: may run, stop and use the machine
 * - `admin`: may do everything
 */
export type SessionRole = 'observe' | 'operate' | 'admin';

/**
 * Who is at the other end, as far as the transport can tell.
 *
 * Since: 0.1
 */
export type SessionPeer = {
  /** user of the process that connected */
  uid?: number;
  /** group of that process */
  gid?: number;
  /** that process, at the time when it connected */
  pid?: number;
  /** network address and port */
  address?: string;
  /** distinguished name in the client's TLS certificate */
  certificate?: string;
};

/**
 * One session.
 *
 * Since: 0.1
 */
export type SessionInfo = {
  /** its name, never used twice by one process */
  id: string;
  /** what carries it */
  transport: SessionTransport;
  /** id of the qmp-server or monitor-qmp object that it came from; absent for those of the command line */
  server?: string;
  /** who is at the other end */
  peer: SessionPeer;
  /** how far it is trusted */
  role: SessionRole;
  /** when it began */
  since: Timestamp;
  /** whether it is past its qmp_capabilities */
  negotiated: boolean;
  /** what it switched on */
  capabilities: QMPCapability[];
  /** number of commands that were answered */
  commands: JsonInteger;
  /** bytes that came in */
  'bytes-received': JsonInteger;
  /** bytes that the kernel has taken from us */
  'bytes-sent': JsonInteger;
  /** commands that wait for those before them, the running one included */
  'requests-queued': number;
  /** bytes of output that the peer has not read */
  'bytes-queued': JsonInteger;
  /** number of file descriptors that it holds: unclaimed, named, and in its fd sets */
  fds: number;
};

export type SessionCloseArguments = {
  /** the session, as query-sessions names it */
  id: string;
};

export type SessionSetArguments = {
  /**
   * how long a command that QEMU answers may take, in milliseconds; then the client gets an error, and the
   * answer that comes later goes to nobody.  What the command does is not undone.  0 means without limit, which is
   * what a session begins with.
   */
  'timeout-ms'?: number;
};

/**
 * Why a session ended.
 *
 * Since: 0.1
 *
 * - `peer-closed`: the client closed its end
 * - `transport-error`: the connection broke
 * - `session-close`: a client asked for it
 * - `output-limit`: the client did not read what it was sent
 * - `fds-lost`: descriptors that the client sent did not all arrive, so that no later one could be trusted
 * - `server-removed`: the server object that it belongs to was deleted
 * - `shutdown`: the process ends
 * - `fds-limit`: it held more descriptors than any other when another session needed some (since 0.2)
 * - `internal-error`: a fault of the server in this session's work (since 0.2)
 */
export type SessionCloseReason =
  | 'peer-closed'
  | 'transport-error'
  | 'session-close'
  | 'output-limit'
  | 'fds-lost'
  | 'server-removed'
  | 'shutdown'
  | 'fds-limit'
  | 'internal-error';

export type SessionOpenedData = {
  /** the session */
  id: string;
  /** what carries it */
  transport: SessionTransport;
  /** id of the qmp-server or monitor-qmp object that it came from */
  server?: string;
  /** who is at the other end */
  peer: SessionPeer;
  /** number of SESSION_OPENED and SESSION_CLOSED events that were left out since the last one */
  missed?: JsonInteger;
};

export type SessionClosedData = {
  /** the session */
  id: string;
  /** why */
  reason: SessionCloseReason;
  /** number of file descriptors that were closed with it */
  'fds-closed': number;
  /** number of SESSION_OPENED and SESSION_CLOSED events that were left out since the last one */
  missed?: JsonInteger;
};

export type GetfdArguments = {
  /** the name; it may not begin with a digit */
  fdname: string;
};

export type SetfdArguments = {
  /** the name, given by getfd before */
  fdname: string;
};

export type ClosefdArguments = {
  /** its name */
  fdname: string;
};

/**
 * Where a descriptor went.
 *
 * Since: 0.1
 */
export type AddfdInfo = {
  /** the set */
  'fdset-id': JsonInteger;
  /** its number within the process that holds the set */
  fd: JsonInteger;
};

export type AddFdArguments = {
  /** the set, made if need be (default: a new set with the lowest free number) */
  'fdset-id'?: JsonInteger;
  /** any words, given back by query-fdsets */
  opaque?: string;
};

export type RemoveFdArguments = {
  /** the set */
  'fdset-id': JsonInteger;
  /** number of the descriptor (default: all of the set) */
  fd?: JsonInteger;
};

/**
 * A descriptor in a set.
 *
 * Since: 0.1
 */
export type FdsetFdInfo = {
  /** its number */
  fd: JsonInteger;
  /** the words that add-fd was given */
  opaque?: string;
};

/**
 * A set of descriptors.
 *
 * Since: 0.1
 */
export type FdsetInfo = {
  /** its number */
  'fdset-id': JsonInteger;
  /** what it holds */
  fds: FdsetFdInfo[];
};

/**
 * What has become of a descriptor that a client sent.
 *
 * Since: 0.1
 *
 * - `unclaimed`: it waits in the queue
 * - `named`: getfd gave it a name
 * - `fdset`: add-fd put it into a set
 * - `declared`: it left the session for what the next machine is to have, or for a character device that nobody has opened yet, and may outlive the session (since 0.2)
 */
export type FdClaim = 'unclaimed' | 'named' | 'fdset' | 'declared';

/**
 * What a descriptor refers to.
 *
 * Since: 0.1
 *
 * - `file`: a regular file
 * - `directory`: a directory
 * - `character-device`: a character device of the host
 * - `block-device`: a block device of the host
 * - `pipe`: a pipe or FIFO
 * - `socket`: a socket
 * - `anonymous`: something without a place in the file system, such as an eventfd
 */
export type FdKind =
  | 'file'
  | 'directory'
  | 'character-device'
  | 'block-device'
  | 'pipe'
  | 'socket'
  | 'anonymous';

/**
 * How a descriptor was opened.
 *
 * Since: 0.1
 *
 * - `read-only`: for reading
 * - `write-only`: for writing
 * - `read-write`: for both
 * - `path-only`: as a place only (O_PATH)
 */
export type FdAccess = 'read-only' | 'write-only' | 'read-write' | 'path-only';

/**
 * A descriptor that a client sent.
 *
 * Since: 0.1
 */
export type FdInfo = {
  /** the session that owns it, or, when it is declared, that sent it */
  session: string;
  /** what has become of it */
  claim: FdClaim;
  /** the name that getfd gave it */
  name?: string;
  /** the set that add-fd put it into */
  'fdset-id'?: JsonInteger;
  /** what it refers to */
  kind: FdKind;
  /** how it was opened */
  access: FdAccess;
  /** time since it came in, in milliseconds */
  'age-ms': JsonInteger;
};

export type QueryFdsArguments = {
  /** only those of this session (default: of all sessions) */
  session?: string;
};

/**
 * What the machine is doing.
 *
 * Since: 0.1
 *
 * - `debug`: stopped by a debugger
 * - `inmigrate`: waiting for an incoming migration
 * - `internal-error`: stopped by a fault of the engine
 * - `io-error`: stopped by an error of a drive
 * - `paused`: stopped by the stop command
 * - `postmigrate`: stopped after a migration that succeeded
 * - `prelaunch`: created, and never started
 * - `finish-migrate`: stopped for the last part of a migration
 * - `restore-vm`: stopped while a snapshot is loaded
 * - `running`: running
 * - `save-vm`: stopped while a snapshot is saved
 * - `shutdown`: the guest powered off, and the machine was told to stay
 * - `suspended`: the guest suspended to memory
 * - `watchdog`: stopped by a watchdog
 * - `guest-panicked`: stopped since the guest's system panicked
 * - `colo`: stopped for a replication step
 */
export type RunState =
  | 'debug'
  | 'inmigrate'
  | 'internal-error'
  | 'io-error'
  | 'paused'
  | 'postmigrate'
  | 'prelaunch'
  | 'finish-migrate'
  | 'restore-vm'
  | 'running'
  | 'save-vm'
  | 'shutdown'
  | 'suspended'
  | 'watchdog'
  | 'guest-panicked'
  | 'colo';

/**
 * Who wanted a machine to stop or to start again.
 *
 * Since: 0.1
 *
 * - `none`: nobody yet
 * - `host-error`: an error on the host
 * - `host-qmp-quit`: the command quit
 * - `host-qmp-system-reset`: the command system_reset
 * - `host-signal`: a signal, such as SIGINT
 * - `host-ui`: a user interface on the host
 * - `guest-shutdown`: the guest powered off
 * - `guest-reset`: the guest asked for a reset, or for a power-off that is turned into one
 * - `guest-panic`: the guest's system panicked
 * - `subsystem-reset`: a part of the machine, without the guest seeing a reset
 * - `snapshot-load`: a snapshot that is being loaded
 */
export type ShutdownCause =
  | 'none'
  | 'host-error'
  | 'host-qmp-quit'
  | 'host-qmp-system-reset'
  | 'host-signal'
  | 'host-ui'
  | 'guest-shutdown'
  | 'guest-reset'
  | 'guest-panic'
  | 'subsystem-reset'
  | 'snapshot-load';

/**
 * Whether the machine runs.
 *
 * Since: 0.1
 */
export type StatusInfo = {
  /** whether its CPUs run */
  running: boolean;
  /** its run state */
  status: RunState;
};

/**
 * What happens when the guest asks for a reset.
 *
 * Since: 0.1
 *
 * - `reset`: the machine is reset
 * - `shutdown`: the machine ends as if the guest had powered off
 */
export type RebootAction = 'reset' | 'shutdown';

/**
 * What happens when the guest powers off.
 *
 * Since: 0.1
 *
 * - `poweroff`: the machine ends
 * - `pause`: the machine stays, stopped
 */
export type ShutdownAction = 'poweroff' | 'pause';

/**
 * What happens when the guest's system panics.
 *
 * Since: 0.1
 *
 * - `pause`: the machine stays, stopped
 * - `shutdown`: the machine ends, or stays, as for a power-off
 * - `exit-failure`: the machine ends with a failure
 * - `none`: nothing
 */
export type PanicAction = 'pause' | 'shutdown' | 'exit-failure' | 'none';

/**
 * What happens when a watchdog of the machine is not fed.
 *
 * Since: 0.1
 *
 * - `reset`: the machine is reset
 * - `shutdown`: the power button is pressed
 * - `poweroff`: the machine ends
 * - `pause`: the machine is stopped
 * - `debug`: a message is printed
 * - `none`: nothing
 * - `inject-nmi`: the guest gets a non-maskable interrupt
 */
export type WatchdogAction = 'reset' | 'shutdown' | 'poweroff' | 'pause' | 'debug' | 'none' | 'inject-nmi';

export type SetActionArguments = {
  /** when the guest asks for a reset */
  reboot?: RebootAction;
  /** when the guest powers off */
  shutdown?: ShutdownAction;
  /** when the guest's system panics */
  panic?: PanicAction;
  /** when a watchdog is not fed */
  watchdog?: WatchdogAction;
};

export type ShutdownData = {
  /** whether the guest wanted it */
  guest: boolean;
  /** who wanted it */
  reason: ShutdownCause;
};

export type ResetData = {
  /** whether the guest wanted it */
  guest: boolean;
  /** who wanted it */
  reason: ShutdownCause;
};

/**
 * What was done about a panic.
 *
 * Since: 0.1
 *
 * - `pause`: the machine was stopped
 * - `poweroff`: the machine ends
 * - `run`: nothing; the machine runs on
 */
export type GuestPanicAction = 'pause' | 'poweroff' | 'run';

/**
 * The kinds of report about a panic.
 *
 * Since: 0.1
 *
 * - `hyper-v`: the guest reported it by Hyper-V's crash registers
 * - `s390`: the guest is on an s390 machine
 */
export type GuestPanicInformationType = 'hyper-v' | 's390';

/**
 * What is known about a panic.
 *
 * Since: 0.1
 */
export type GuestPanicInformation =
  | ({ type: 'hyper-v' } & GuestPanicInformationHyperV)
  | ({ type: 's390' } & GuestPanicInformationS390);

/**
 * The contents of the five crash registers, whose meaning is the guest system's own.
 *
 * Since: 0.1
 */
export type GuestPanicInformationHyperV = {
  /** first register */
  arg1: JsonInteger;
  /** second register */
  arg2: JsonInteger;
  /** third register */
  arg3: JsonInteger;
  /** fourth register */
  arg4: JsonInteger;
  /** fifth register */
  arg5: JsonInteger;
};

/**
 * Why an s390 guest stopped.
 *
 * Since: 0.1
 *
 * - `unknown`: not known
 * - `disabled-wait`: it waits for an interrupt that cannot come
 * - `extint-loop`: its external interrupts lead to themselves
 * - `pgmint-loop`: its program interrupts lead to themselves
 * - `opint-loop`: its handler for invalid instructions leads to itself
 */
export type S390CrashReason = 'unknown' | 'disabled-wait' | 'extint-loop' | 'pgmint-loop' | 'opint-loop';

/**
 * The state of an s390 CPU that stopped.
 *
 * Since: 0.1
 */
export type GuestPanicInformationS390 = {
  /** number of the CPU */
  core: number;
  /** flags of its program status word */
  'psw-mask': JsonInteger;
  /** address in its program status word */
  'psw-addr': JsonInteger;
  /** why it stopped */
  reason: S390CrashReason;
};

export type GuestPanickedData = {
  /** what was done about it */
  action: GuestPanicAction;
  /** what is known about it */
  info?: GuestPanicInformation;
};

/**
 * What can run a machine.
 *
 * Since: 0.1
 *
 * - `qemu`: a QEMU process
 * - `embedded`: the PC emulator inside qmpd
 */
export type MachineEngine = 'qemu' | 'embedded';

/**
 * Where the machine is between nothing and nothing.
 *
 * Since: 0.1
 *
 * - `blank`: there is no machine; the next one is being declared
 * - `creating`: it is being created
 * - `created`: it is there; its run state tells more
 * - `ending`: it is being taken down
 */
export type MachinePhase = 'blank' | 'creating' | 'created' | 'ending';

/**
 * A command that the engine has not answered yet.
 *
 * Since: 0.1
 */
export type InFlightCommand = {
  /**
   * the session that waits for the answer; absent when that session is gone or the command is qmpd's own
   */
  session?: string;
  /** name of the command */
  command: string;
  /** time since the engine was given it, in milliseconds */
  'age-ms': JsonInteger;
};

/**
 * How the machine before this one ended.
 *
 * Since: 0.1
 */
export type MachineEnd = {
  /** what happened, in words */
  reason: string;
  /** exit status of its process, or the negative number of the signal that ended it */
  status?: JsonInteger;
  /** when */
  time: Timestamp;
};

/**
 * The machine, or that there is none.
 *
 * Since: 0.1
 */
export type MachineInstance = {
  /** where it is */
  phase: MachinePhase;
  /** what runs it; in phase blank, what would run it */
  engine: MachineEngine;
  /** release of that engine, as far as it is known */
  version?: string;
  /** its process, if it has one of its own */
  pid?: number;
  /** time since its creation, in milliseconds */
  'uptime-ms'?: JsonInteger;
  /** commands that its engine has not answered yet, oldest first */
  'in-flight': InFlightCommand[];
  /** how the machine before ended; absent if there was none or it was ended by a command */
  'last-end'?: MachineEnd;
};

export type PhaseChangedData = {
  /** the phase before */
  from: MachinePhase;
  /** the phase now */
  to: MachinePhase;
  /** why, when nobody had asked for it */
  reason?: string;
  /** exit status of the machine's process, or the negative number of the signal that ended it */
  status?: JsonInteger;
};

/**
 * The machine's name.
 *
 * Since: 0.1
 */
export type NameInfo = {
  /** the name; absent when it has none */
  name?: string;
};

/**
 * The machine's UUID.
 *
 * Since: 0.1
 */
export type UuidInfo = {
  /** the UUID; all zeroes when none was set */
  UUID: string;
};

/**
 * A property that a machine type sets for older guests' sake.
 *
 * Since: 0.1
 */
export type CompatProperty = {
  /** type of the objects that it is set on */
  'qom-type': string;
  /** its name */
  property: string;
  /** its value, as text */
  value: string;
};

/**
 * A machine type.
 *
 * Since: 0.1
 */
export type MachineInfo = {
  /** its name */
  name: string;
  /** another name for it */
  alias?: string;
  /** whether it is taken when none is named; absent means no */
  'is-default'?: boolean;
  /** number of CPUs that it can have */
  'cpu-max': JsonInteger;
  /** whether CPUs can be added while it runs */
  'hotpluggable-cpus': boolean;
  /** whether a NUMA node can be given an amount of memory instead of a memory object */
  'numa-mem-supported': boolean;
  /** whether it will go away */
  deprecated: boolean;
  /** type of its CPUs when none is named */
  'default-cpu-type'?: string;
  /** name of its memory object when none is named */
  'default-ram-id'?: string;
  /** whether it can have ACPI tables */
  acpi: boolean;
  /**
   * what it sets for older guests' sake; only when asked for
   *
   * @experimental `compat-props` is for testing
   */
  'compat-props'?: CompatProperty[];
};

export type QueryMachinesArguments = {
  /**
   * tell what each type sets for older guests' sake (default false)
   *
   * @experimental `compat-props` is for testing
   */
  'compat-props'?: boolean;
};

/**
 * The processors that QEMU can emulate a machine for.
 *
 * Since: 0.1
 */
export type SysEmuTarget =
  | 'aarch64'
  | 'alpha'
  | 'arm'
  | 'avr'
  | 'hppa'
  | 'i386'
  | 'loongarch64'
  | 'm68k'
  | 'microblaze'
  | 'microblazeel'
  | 'mips'
  | 'mips64'
  | 'mips64el'
  | 'mipsel'
  | 'or1k'
  | 'ppc'
  | 'ppc64'
  | 'riscv32'
  | 'riscv64'
  | 'rx'
  | 's390x'
  | 'sh4'
  | 'sh4eb'
  | 'sparc'
  | 'sparc64'
  | 'tricore'
  | 'x86_64'
  | 'xtensa'
  | 'xtensaeb';

/**
 * Where a CPU sits.  What the machine does not know of is absent.
 *
 * Since: 0.1
 */
export type CpuInstanceProperties = {
  /** NUMA node */
  'node-id'?: JsonInteger;
  /** drawer within the node */
  'drawer-id'?: JsonInteger;
  /** book within the drawer */
  'book-id'?: JsonInteger;
  /** socket within the book */
  'socket-id'?: JsonInteger;
  /** die within the socket */
  'die-id'?: JsonInteger;
  /** cluster within the die */
  'cluster-id'?: JsonInteger;
  /** module within the cluster */
  'module-id'?: JsonInteger;
  /** core within the module */
  'core-id'?: JsonInteger;
  /** thread within the core */
  'thread-id'?: JsonInteger;
};

/**
 * What an s390 CPU is doing.
 *
 * Since: 0.1
 *
 * - `uninitialized`: not set up
 * - `stopped`: stopped
 * - `check-stop`: stopped by a fault of its own
 * - `operating`: running
 * - `load`: loading its first program
 */
export type S390CpuState = 'uninitialized' | 'stopped' | 'check-stop' | 'operating' | 'load';

/**
 * How much of a real CPU an s390 CPU is entitled to.
 *
 * Since: 0.1
 *
 * - `auto`: the host decides
 * - `low`: little
 * - `medium`: a middling share
 * - `high`: much
 */
export type S390CpuEntitlement = 'auto' | 'low' | 'medium' | 'high';

/**
 * What is told about s390 CPUs only.
 *
 * Since: 0.1
 */
export type CpuInfoS390 = {
  /** what it is doing */
  'cpu-state': S390CpuState;
  /** whether it has a real CPU to itself */
  dedicated?: boolean;
  /** how much of a real CPU it is entitled to */
  entitlement?: S390CpuEntitlement;
};

/**
 * A CPU of the machine.
 *
 * Since: 0.1
 */
export type CpuInfoFast = {
  /** its number */
  'cpu-index': JsonInteger;
  /** its place in the object tree */
  'qom-path': string;
  /** number of the host's thread that runs it */
  'thread-id': JsonInteger;
  /** where it sits */
  props?: CpuInstanceProperties;
} & (
  // by the tag:
  | ({ target: 's390x' } & CpuInfoS390)
  | { target: 'aarch64' | 'alpha' | 'arm' | 'avr' | 'hppa' | 'i386' | 'loongarch64' | 'm68k' | 'microblaze' | 'microblazeel' | 'mips' | 'mips64' | 'mips64el' | 'mipsel' | 'or1k' | 'ppc' | 'ppc64' | 'riscv32' | 'riscv64' | 'rx' | 'sh4' | 'sh4eb' | 'sparc' | 'sparc64' | 'tricore' | 'x86_64' | 'xtensa' | 'xtensaeb' }
);

export type MemsaveArguments = {
  /** virtual address of the first byte */
  val: JsonInteger;
  /** number of bytes */
  size: JsonInteger;
  /** the file; it is replaced */
  filename: string;
  /** the CPU whose view counts (default 0) */
  'cpu-index'?: JsonInteger;
};

export type PmemsaveArguments = {
  /** physical address of the first byte */
  val: JsonInteger;
  /** number of bytes */
  size: JsonInteger;
  /** the file; it is replaced */
  filename: string;
};

/**
 * Amounts of memory.
 *
 * Since: 0.1
 */
export type MemoryInfo = {
  /** bytes that the machine was created with */
  'base-memory': JsonInteger;
  /** bytes that were added since; absent when the machine cannot be given any */
  'plugged-memory'?: JsonInteger;
};

/**
 * What happens at the four ways in which a guest can come to an end.
 *
 * Since: 0.1
 */
export type MachineAction = {
  /** when the guest asks for a reset (default reset) */
  reboot?: RebootAction;
  /** when the guest powers off (default poweroff) */
  shutdown?: ShutdownAction;
  /** when the guest's system panics (default shutdown) */
  panic?: PanicAction;
  /** when a watchdog is not fed (default reset) */
  watchdog?: WatchdogAction;
};

/**
 * The options of a machine.
 *
 * Since: 0.1
 */
export type MachineOptions = {
  /** what runs it (default: qemu if there is one, else embedded) */
  engine?: MachineEngine;
  /** its type and the properties of it */
  machine?: MachineTypeOptions;
  /** ways to carry out the guest's instructions; the first that works is taken */
  accel?: MachineAccelerator[];
  /** model of its CPUs */
  cpu?: MachineCpu;
  /** number of its CPUs */
  smp?: MachineSmp;
  /** its NUMA nodes */
  numa?: NumaOptions[];
  /** time by the number of instructions */
  icount?: MachineIcount;
  /** its memory */
  memory?: MachineMemory;
  /** its name */
  name?: string;
  /** its UUID */
  uuid?: string;
  /** file with its firmware */
  firmware?: string;
  /** file with the firmware of its graphics card */
  'vga-firmware'?: string;
  /** its flash memories, the first of which usually holds firmware */
  pflash?: MachineDriveSource[];
  /** file with a kernel to boot */
  kernel?: string;
  /** file with the kernel's first file system */
  initrd?: string;
  /** the kernel's command line */
  append?: string;
  /** file with a device tree for the kernel */
  dtb?: string;
  /** file with the loader that checks the kernel's signature */
  shim?: string;
  /** what is booted and how */
  boot?: MachineBoot;
  /** further option ROMs */
  'option-rom'?: MachineOptionRom[];
  /** further ACPI tables */
  acpitable?: MachineAcpiTable[];
  /** SMBIOS tables */
  smbios?: MachineSmbiosTable[];
  /** files in the firmware's configuration device */
  'fw-cfg'?: MachineFwCfg[];
  /** variables of Open Firmware */
  'prom-env'?: MachinePromVariable[];
  /** its clock */
  rtc?: MachineRtc;
  /** have the devices that the machine type has unless told otherwise (default false) */
  defaults?: boolean;
  /** read the files of QEMU's installation that change defaults (default false) */
  'user-config'?: boolean;
  /** defaults for properties of devices; a later one wins */
  global?: MachineGlobal[];
  /**
   * its serial ports: for each the id of a character device, which may be declared later, or null for a port
   * that is not there
   */
  serial?: StrOrNull[];
  /** its parallel ports, in the same way */
  parallel?: StrOrNull[];
  /** id of the character device for the firmware's debugging messages */
  debugcon?: string;
  /** ids of the character devices on which QEMU's human monitor is */
  'human-monitor'?: string[];
  /** number of the control character that a mux obeys (default 1, ctrl-a) */
  'mux-escape'?: number;
  /** first floppy drive */
  fda?: MachineDriveSource;
  /** second floppy drive */
  fdb?: MachineDriveSource;
  /** first hard disk */
  hda?: MachineDriveSource;
  /** second hard disk */
  hdb?: MachineDriveSource;
  /** third hard disk, in the place of the CD drive */
  hdc?: MachineDriveSource;
  /** fourth hard disk */
  hdd?: MachineDriveSource;
  /** CD drive */
  cdrom?: MachineDriveSource;
  /** further drives */
  drive?: MachineDriveOptions[];
  /** forget at the end what the guest wrote to any image (default false) */
  snapshot?: boolean;
  /** directories of the host for 9p devices */
  fsdev?: MachineFsdev[];
  /** its network cards */
  nic?: MachineNic[];
  /** have a USB controller (default: as the machine type has it) */
  usb?: boolean;
  /** audio backend of devices that name none */
  audio?: MachineAudio;
  /** audio backends */
  audiodev?: MachineAudiodev[];
  /** TPM backends */
  tpmdev?: MachineTpmdev[];
  /** its graphics card (default: the machine type's own) */
  vga?: VgaModel;
  /** a window on the host (default none) */
  display?: MachineDisplay;
  /** a VNC server */
  vnc?: MachineVnc;
  /** a SPICE server */
  spice?: MachineSpice;
  /** keyboard layout for VNC and the like, such as fr */
  'keyboard-layout'?: string;
  /** the screen that firmware sets up on some machines */
  'graphics-mode'?: MachineGraphicsMode;
  /** degrees by which a handheld's screen is turned */
  rotate?: number;
  /** what happens when the guest ends, panics or hangs */
  action?: MachineAction;
  /** start it once it is created (default false) */
  autostart?: boolean;
  /** where it waits for a migration, or defer; fd:NAME is a descriptor that getfd brought */
  incoming?: string;
  /** snapshot that it begins with */
  loadvm?: string;
  /** refuse devices that cannot be migrated (default false) */
  'only-migratable'?: boolean;
  /** QEMU's own log */
  log?: MachineLog;
  /** trace points of QEMU */
  trace?: MachineTrace;
  /** id of the character device for a debugger */
  gdb?: string;
  /** records for the host's profilers */
  profile?: MachineProfile;
  /** plugins of QEMU's translator */
  plugin?: MachinePlugin[];
  /** a socket for QEMU's own tests */
  qtest?: MachineQtest;
  /** how error messages look */
  messages?: MachineMessages;
  /** what is done with what is deprecated or unstable */
  compat?: CompatPolicy;
  /** where random numbers of the guest begin */
  seed?: JsonInteger;
  /** directories of firmware and keyboard layouts, before QEMU's own */
  'data-directories'?: string[];
  /** the process that runs it */
  process?: MachineProcess;
  /** how it bears with a host that promised more than it has */
  overcommit?: MachineOvercommit;
  /** a filter for system calls */
  sandbox?: MachineSandbox;
  /** a machine under Xen */
  xen?: MachineXen;
  /** calls by which a guest without a system uses the host */
  semihosting?: MachineSemihosting;
  /** give the kernel its parameters in the old way of ARM (default false) */
  'old-param'?: boolean;
};

/**
 * The members of `MachineOptions`.
 *
 * Since: 0.1
 */
export type MachineOptionName =
  | 'engine'
  | 'machine'
  | 'accel'
  | 'cpu'
  | 'smp'
  | 'numa'
  | 'icount'
  | 'memory'
  | 'name'
  | 'uuid'
  | 'firmware'
  | 'vga-firmware'
  | 'pflash'
  | 'kernel'
  | 'initrd'
  | 'append'
  | 'dtb'
  | 'shim'
  | 'boot'
  | 'option-rom'
  | 'acpitable'
  | 'smbios'
  | 'fw-cfg'
  | 'prom-env'
  | 'rtc'
  | 'defaults'
  | 'user-config'
  | 'global'
  | 'serial'
  | 'parallel'
  | 'debugcon'
  | 'human-monitor'
  | 'mux-escape'
  | 'fda'
  | 'fdb'
  | 'hda'
  | 'hdb'
  | 'hdc'
  | 'hdd'
  | 'cdrom'
  | 'drive'
  | 'snapshot'
  | 'fsdev'
  | 'nic'
  | 'usb'
  | 'audio'
  | 'audiodev'
  | 'tpmdev'
  | 'vga'
  | 'display'
  | 'vnc'
  | 'spice'
  | 'keyboard-layout'
  | 'graphics-mode'
  | 'rotate'
  | 'action'
  | 'autostart'
  | 'incoming'
  | 'loadvm'
  | 'only-migratable'
  | 'log'
  | 'trace'
  | 'gdb'
  | 'profile'
  | 'plugin'
  | 'qtest'
  | 'messages'
  | 'compat'
  | 'seed'
  | 'data-directories'
  | 'process'
  | 'overcommit'
  | 'sandbox'
  | 'xen'
  | 'semihosting'
  | 'old-param';

/**
 * The machine type and its properties.
 *
 * Since: 0.1
 */
export type MachineTypeOptions = {
  /** name of the type (default: the engine's own) */
  type?: string;
  /**
   * an object with further properties of the type; their names and kinds are those of qom-list on /machine
   */
  properties?: JsonValue;
};

/**
 * What can carry out the guest's instructions.
 *
 * Since: 0.1
 *
 * - `hvf`: macOS
 * - `kvm`: Linux
 * - `nvmm`: NetBSD
 * - `qtest`: nothing; for testing
 * - `tcg`: QEMU's own translator
 * - `whpx`: Windows
 * - `xen`: Xen
 */
export type AcceleratorType = 'hvf' | 'kvm' | 'nvmm' | 'qtest' | 'tcg' | 'whpx' | 'xen';

/**
 * A way to carry out the guest's instructions.
 *
 * Since: 0.1
 */
export type MachineAccelerator = {
  /** which */
  type: AcceleratorType;
  /** an object with properties of it, such as tcg's "thread" */
  properties?: JsonValue;
};

/**
 * The model of the CPUs.
 *
 * Since: 0.1
 */
export type MachineCpu = {
  /** name of the model */
  model: string;
  /** an object with properties of the model, such as features that are switched on (true) or off (false) */
  properties?: JsonValue;
};

/**
 * The CPUs and how they sit in each other.  What is left out is worked out from the rest.
 *
 * Since: 0.1
 */
export type MachineSmp = {
  /** number of CPUs from the beginning */
  cpus?: JsonInteger;
  /** number of drawers */
  drawers?: JsonInteger;
  /** number of books in a drawer */
  books?: JsonInteger;
  /** number of sockets in a book */
  sockets?: JsonInteger;
  /** number of dies in a socket */
  dies?: JsonInteger;
  /** number of clusters in a die */
  clusters?: JsonInteger;
  /** number of modules in a cluster */
  modules?: JsonInteger;
  /** number of cores in a module */
  cores?: JsonInteger;
  /** number of threads in a core */
  threads?: JsonInteger;
  /** number of CPUs that there can be later */
  maxcpus?: JsonInteger;
};

/**
 * The kinds of statement about NUMA nodes.
 *
 * Since: 0.1
 *
 * - `node`: a node
 * - `dist`: a distance between two nodes
 * - `cpu`: the node of a CPU
 * - `hmat-lb`: latency or bandwidth between two nodes
 * - `hmat-cache`: a cache in front of a node's memory
 */
export type NumaOptionsType = 'node' | 'dist' | 'cpu' | 'hmat-lb' | 'hmat-cache';

/**
 * A NUMA node.
 *
 * Since: 0.1
 */
export type NumaNodeOptions = {
  /** its number (default: one more than the one before) */
  nodeid?: number;
  /** the CPUs that belong to it */
  cpus?: number[];
  /** bytes of memory that belong to it; only for older machine types */
  mem?: JsonInteger;
  /** id of the memory backend object that is its memory */
  memdev?: string;
  /** the node with the CPUs that are next to this one's memory */
  initiator?: number;
};

/**
 * A distance between two NUMA nodes.
 *
 * Since: 0.1
 */
export type NumaDistOptions = {
  /** the one node */
  src: number;
  /** the other node */
  dst: number;
  /** the distance; 10 is that of a node to itself */
  val: number;
};

/**
 * The NUMA node of one or several CPUs.
 *
 * Since: 0.1
 */
export type NumaCpuOptions = CpuInstanceProperties;

/**
 * Levels of memory.
 *
 * Since: 0.1
 *
 * - `memory`: memory itself
 * - `first-level`: cache of the first level
 * - `second-level`: cache of the second level
 * - `third-level`: cache of the third level
 */
export type HmatLBMemoryHierarchy = 'memory' | 'first-level' | 'second-level' | 'third-level';

/**
 * What is told about the way to memory.
 *
 * Since: 0.1
 *
 * - `access-latency`: latency of reading and writing
 * - `read-latency`: latency of reading
 * - `write-latency`: latency of writing
 * - `access-bandwidth`: bandwidth of reading and writing
 * - `read-bandwidth`: bandwidth of reading
 * - `write-bandwidth`: bandwidth of writing
 */
export type HmatLBDataType =
  | 'access-latency'
  | 'read-latency'
  | 'write-latency'
  | 'access-bandwidth'
  | 'read-bandwidth'
  | 'write-bandwidth';

/**
 * Latency or bandwidth between two NUMA nodes.
 *
 * Since: 0.1
 */
export type NumaHmatLBOptions = {
  /** the node with CPUs */
  initiator: number;
  /** the node with memory */
  target: number;
  /** level of the memory */
  hierarchy: HmatLBMemoryHierarchy;
  /** what is told */
  'data-type': HmatLBDataType;
  /** the latency in nanoseconds */
  latency?: JsonInteger;
  /** the bandwidth in bytes a second */
  bandwidth?: JsonInteger;
};

/**
 * How memory is spread over a cache.
 *
 * Since: 0.1
 *
 * - `none`: not at all
 * - `direct`: each address has one place
 * - `complex`: each address has several places
 */
export type HmatCacheAssociativity = 'none' | 'direct' | 'complex';

/**
 * What a cache does with what is written.
 *
 * Since: 0.1
 *
 * - `none`: it is not a cache for that
 * - `write-back`: it keeps it
 * - `write-through`: it passes it on
 */
export type HmatCacheWritePolicy = 'none' | 'write-back' | 'write-through';

/**
 * A cache in front of a NUMA node's memory.
 *
 * Since: 0.1
 */
export type NumaHmatCacheOptions = {
  /** the node */
  'node-id': number;
  /** bytes of the cache */
  size: JsonInteger;
  /** its level, from 1 */
  level: number;
  /** how memory is spread over it */
  associativity: HmatCacheAssociativity;
  /** what it does with what is written */
  policy: HmatCacheWritePolicy;
  /** bytes of a cache line */
  line: number;
};

/**
 * A statement about NUMA nodes.
 *
 * Since: 0.1
 */
export type NumaOptions =
  | ({ type: 'node' } & NumaNodeOptions)
  | ({ type: 'dist' } & NumaDistOptions)
  | ({ type: 'cpu' } & NumaCpuOptions)
  | ({ type: 'hmat-lb' } & NumaHmatLBOptions)
  | ({ type: 'hmat-cache' } & NumaHmatCacheOptions);

/**
 * How long an instruction takes when instructions are counted.
 *
 * Since: 0.1
 */
export type IcountShift = number | IcountMode;

/**
 * Rules for the length of an instruction.
 *
 * Since: 0.1
 *
 * - `auto`: such that the machine's time keeps up with the host's
 */
export type IcountMode = 'auto';

/**
 * What is done with the inputs of a machine whose instructions are counted.
 *
 * Since: 0.1
 *
 * - `record`: they are recorded
 * - `replay`: they come from a record
 */
export type ReplayMode = 'record' | 'replay';

/**
 * Time by the number of instructions.
 *
 * Since: 0.1
 */
export type MachineIcount = {
  /** how long an instruction takes (default auto) */
  shift?: IcountShift;
  /** slow down when the machine is ahead of the host's time (default false) */
  align?: boolean;
  /** wait for timers when the machine is idle, instead of skipping to the next (default true) */
  sleep?: boolean;
  /** record or replay */
  rr?: ReplayMode;
  /** file of the record */
  rrfile?: string;
  /** snapshot that is made when recording begins, and loaded when replaying */
  rrsnapshot?: string;
};

/**
 * What drives the machine's clock.
 *
 * Since: 0.1
 *
 * - `host`: the host's wall clock
 * - `rt`: the host's clock that cannot be set
 * - `vm`: the machine's own time, which stands still while it is stopped
 */
export type RtcClock = 'host' | 'rt' | 'vm';

/**
 * What is done about ticks that the guest missed.
 *
 * Since: 0.1
 *
 * - `none`: nothing
 * - `slew`: they are made up for, a few at a time
 */
export type RtcDriftFix = 'none' | 'slew';

/**
 * The machine's clock.
 *
 * Since: 0.1
 */
export type MachineRtc = {
  /**
   * what it shows at the beginning: utc, localtime, or a moment such as 2006-06-17T16:01:21 (default utc)
   */
  base?: string;
  /** what drives it (default host) */
  clock?: RtcClock;
  /** what is done about missed ticks (default none) */
  driftfix?: RtcDriftFix;
};

/**
 * The machine's memory.
 *
 * Since: 0.1
 */
export type MachineMemory = {
  /** bytes that it has from the beginning */
  size?: JsonInteger;
  /** number of memory devices that can be added later (default 0) */
  slots?: JsonInteger;
  /** bytes that it can grow to (default `size`) */
  'max-size'?: JsonInteger;
  /** file or directory of a file system on the host that holds the memory */
  path?: string;
  /** take all of it from the host at once (default false) */
  prealloc?: boolean;
  /** id of a memory backend object of the same size, which may be declared later */
  backend?: string;
};

/**
 * What a PC can be booted from.
 *
 * Since: 0.1
 *
 * - `floppy`: a floppy disk
 * - `disk`: a hard disk
 * - `cdrom`: a CD
 * - `network`: a server in the network
 */
export type BootDevice = 'floppy' | 'disk' | 'cdrom' | 'network';

/**
 * What is booted and how.
 *
 * Since: 0.1
 */
export type MachineBoot = {
  /** what to try, first things first */
  order?: BootDevice[];
  /** what to try at the first boot only */
  once?: BootDevice[];
  /** have the firmware offer a choice */
  menu?: boolean;
  /** picture that the firmware shows */
  splash?: string;
  /** how long it shows it, in milliseconds */
  'splash-time'?: JsonInteger;
  /** when nothing could be booted, time until the next try, in milliseconds; -1 for never */
  'reboot-timeout'?: JsonInteger;
  /** try nothing that is not in the order */
  strict?: boolean;
  /** look for the mark of a boot sector on floppy disks (default true) */
  'floppy-check'?: boolean;
};

/**
 * A further ACPI table. What is left out of its header is taken from the machine's own tables.
 *
 * Since: 0.1
 */
export type MachineAcpiTable = {
  /** its signature, four letters */
  sig?: string;
  /** its revision */
  rev?: number;
  /** maker of the machine, at most six letters */
  'oem-id'?: string;
  /** maker's name for it, at most eight letters */
  'oem-table-id'?: string;
  /** maker's revision */
  'oem-rev'?: number;
  /** maker of the compiler, at most four letters */
  'asl-compiler-id'?: string;
  /** revision of the compiler */
  'asl-compiler-rev'?: number;
  /** files with whole tables, header included, which are put together */
  file?: string[];
  /** files with the part after the header, which are put together */
  data?: string[];
};

/**
 * An SMBIOS table: fields of one that the machine makes, or a file.
 *
 * Since: 0.1
 */
export type MachineSmbiosTable = {
  /** number of its type */
  type?: number;
  /** an object with the fields, named as QEMU's -smbios does; a list gives a field several times */
  fields?: JsonValue;
  /** file with a whole table */
  file?: string;
};

/**
 * A file in the firmware's configuration device. One of `file`, `string` and `gen-id` has to be given.
 *
 * Since: 0.1
 */
export type MachineFwCfg = {
  /** its name, by convention beginning with opt/ */
  name: string;
  /** file with its contents */
  file?: string;
  /** its contents */
  string?: string;
  /** id of the object that makes its contents */
  'gen-id'?: string;
};

/**
 * A further option ROM.
 *
 * Since: 0.1
 */
export type MachineOptionRom = {
  /** the file */
  file: string;
  /** its place in the order of booting */
  bootindex?: number;
};

/**
 * A variable of Open Firmware.
 *
 * Since: 0.1
 */
export type MachinePromVariable = {
  /** its name */
  name: string;
  /** its value */
  value: string;
};

/**
 * An image in a drive.
 *
 * Since: 0.1
 */
export type MachineDrive = {
  /** path of the image */
  file: string;
  /** its format (default raw) */
  format?: string;
  /** whether the guest may only read it (default false; true for a CD) */
  'read-only'?: boolean;
};

/**
 * What is in a drive.
 *
 * Since: 0.1
 */
export type MachineDriveSource = string | MachineDrive | null;

/**
 * What a drive is attached to.
 *
 * Since: 0.1
 *
 * - `ide`: IDE or SATA
 * - `scsi`: SCSI
 * - `floppy`: a floppy disk controller
 * - `pflash`: the place of flash memory
 * - `mtd`: flash memory of the board
 * - `sd`: the place of an SD card
 * - `virtio`: virtio-blk
 * - `xen`: Xen
 * - `none`: nothing yet; a device can be
 */
export type BlockInterfaceType =
  | 'ide'
  | 'scsi'
  | 'floppy'
  | 'pflash'
  | 'mtd'
  | 'sd'
  | 'virtio'
  | 'xen'
  | 'none';

/**
 * How the host's cache is used, and when the guest's data is safe on disk.
 *
 * Since: 0.1
 *
 * - `none`: past the cache; when the guest asks
 * - `writeback`: through the cache; when the guest asks
 * - `writethrough`: through the cache; at once
 * - `directsync`: past the cache; at once
 * - `unsafe`: through the cache; never
 */
export type DriveCache = 'none' | 'writeback' | 'writethrough' | 'directsync' | 'unsafe';

/**
 * What is done about a drive's error.
 *
 * Since: 0.1
 *
 * - `ignore`: nothing; the guest does not know
 * - `report`: the guest is told
 * - `stop`: the machine is stopped
 * - `enospc`: the machine is stopped when the host has no space left; else the guest is told
 */
export type DriveErrorPolicy = 'ignore' | 'report' | 'stop' | 'enospc';

/**
 * Limits of a drive.
 *
 * Since: 0.1
 */
export type MachineDriveThrottle = {
  /** bytes a second */
  bps?: JsonInteger;
  /** bytes read a second */
  'bps-rd'?: JsonInteger;
  /** bytes written a second */
  'bps-wr'?: JsonInteger;
  /** requests a second */
  iops?: JsonInteger;
  /** read requests a second */
  'iops-rd'?: JsonInteger;
  /** write requests a second */
  'iops-wr'?: JsonInteger;
  /** bytes a second in a burst */
  'bps-max'?: JsonInteger;
  /** bytes read a second in a burst */
  'bps-rd-max'?: JsonInteger;
  /** bytes written a second in a burst */
  'bps-wr-max'?: JsonInteger;
  /** requests a second in a burst */
  'iops-max'?: JsonInteger;
  /** read requests a second in a burst */
  'iops-rd-max'?: JsonInteger;
  /** write requests a second in a burst */
  'iops-wr-max'?: JsonInteger;
  /** bytes that count as one request */
  'iops-size'?: JsonInteger;
  /** name of the drives that share the limits */
  group?: string;
};

/**
 * A drive with all that QEMU's -drive can say.
 *
 * Since: 0.1
 */
export type MachineDriveOptions = {
  /** its name */
  id?: string;
  /** what it is attached to (default: as the machine type has it) */
  if?: BlockInterfaceType;
  /** number of the bus */
  bus?: JsonInteger;
  /** number on the bus */
  unit?: JsonInteger;
  /** number among those that are attached to the same kind of thing; instead of `bus` and `unit` */
  index?: JsonInteger;
  /** what kind of drive it is (default disk) */
  media?: MachineDriveMedia;
  /** path of the image (default: the drive is empty) */
  file?: string;
  /** format of the image (default: as it looks) */
  format?: string;
  /** whether the guest may only read it (default false) */
  'read-only'?: boolean;
  /** forget at the end what the guest wrote (default false) */
  snapshot?: boolean;
  /** how the host's cache is used (default writeback) */
  cache?: DriveCache;
  /** how requests are handed to the host (default threads) */
  aio?: BlockdevAioOptions;
  /** what to do with data that the guest no longer needs (default ignore) */
  discard?: BlockdevDiscardOptions;
  /** what to do with zeroes (default off) */
  'detect-zeroes'?: BlockdevDetectZeroesOptions;
  /** copy what is read from the images below into the one on top (default false) */
  'copy-on-read'?: boolean;
  /** what is done about errors of writing (default enospc) */
  werror?: DriveErrorPolicy;
  /** what is done about errors of reading (default report) */
  rerror?: DriveErrorPolicy;
  /** its limits */
  throttling?: MachineDriveThrottle;
  /** an object with options of the format and the protocol, with dotted keys */
  properties?: JsonValue;
};

/**
 * The kinds of drive.
 *
 * Since: 0.1
 *
 * - `disk`: a disk
 * - `cdrom`: a CD drive
 */
export type MachineDriveMedia = 'disk' | 'cdrom';

/**
 * How a directory is shared.
 *
 * Since: 0.1
 *
 * - `local`: qmpd's host does as the guest asks
 * - `synth`: a made-up file system, for testing
 */
export type FsDriver = 'local' | 'synth';

/**
 * What becomes of the owners and permissions that the guest sets.
 *
 * Since: 0.1
 *
 * - `none`: they are tried; a failure is not an error
 * - `passthrough`: they are set on the host
 * - `mapped-xattr`: they are kept in extended attributes
 * - `mapped-file`: they are kept in hidden files
 */
export type FsSecurityModel = 'none' | 'passthrough' | 'mapped-xattr' | 'mapped-file';

/**
 * A directory of the host for a 9p device, which has to be added.
 *
 * Since: 0.1
 */
export type MachineFsdev = {
  /** its id */
  id: string;
  /** how it is shared */
  driver: FsDriver;
  /** the directory */
  path?: string;
  /** what becomes of owners and permissions */
  'security-model'?: FsSecurityModel;
  /** wait for data to be on its way to the disk (default false) */
  writeout?: boolean;
  /** whether the guest may only read (default false) */
  readonly?: boolean;
  /** permissions of new files */
  fmode?: JsonInteger;
  /** permissions of new directories */
  dmode?: JsonInteger;
  /** its limits */
  throttling?: MachineDriveThrottle;
};

/**
 * What to do with zeroes that the guest writes.
 *
 * Since: 0.1
 *
 * - `off`: write them
 * - `on`: tell the layer below that they are zeroes
 * - `unmap`: let the layer below free the space
 */
export type BlockdevDetectZeroesOptions = 'off' | 'on' | 'unmap';

/**
 * What to do with the guest's word that it no longer needs some data.
 *
 * Since: 0.1
 *
 * - `ignore`: nothing
 * - `unmap`: free the space
 */
export type BlockdevDiscardOptions = 'ignore' | 'unmap';

/**
 * How the host's cache is used.
 *
 * Since: 0.1
 */
export type BlockdevCacheOptions = {
  /** go past it (default false) */
  direct?: boolean;
  /** ignore the guest's wish that data be safe on disk (default false) */
  'no-flush'?: boolean;
};

/**
 * How caches are used.
 *
 * Since: 0.1
 */
export type BlockdevCacheInfo = {
  /** the guest has to ask for data to be safe on disk */
  writeback: boolean;
  /** the host's cache is not used */
  direct: boolean;
  /** the guest's wish that data be safe on disk is ignored */
  'no-flush': boolean;
};

/**
 * A snapshot inside an image.
 *
 * Since: 0.1
 */
export type SnapshotInfo = {
  /** its number */
  id: string;
  /** its name */
  name: string;
  /** bytes of the machine's state in it */
  'vm-state-size': JsonInteger;
  /** when it was made, in seconds since 1970 */
  'date-sec': JsonInteger;
  /** what is beyond the second, in nanoseconds */
  'date-nsec': JsonInteger;
  /** for how long the machine had run by then, in seconds */
  'vm-clock-sec': JsonInteger;
  /** what is beyond the second, in nanoseconds */
  'vm-clock-nsec': JsonInteger;
  /** number of instructions that it had carried out, if they were counted */
  icount?: JsonInteger;
};

/**
 * The drivers that tell more about an image than others.
 *
 * Since: 0.1
 *
 * - `file`: files of the host
 */
export type ImageInfoSpecificKind = 'file';

/**
 * What is known about a file of the host.
 *
 * Since: 0.1
 */
export type ImageInfoSpecificFile = {
  /** the file system's unit of allocation for it */
  'extent-size-hint'?: JsonInteger;
};

/**
 * Wraps what `ImageInfoSpecificFile` has.
 *
 * Since: 0.1
 */
export type ImageInfoSpecificFileWrapper = {
  /** the members */
  data: ImageInfoSpecificFile;
};

/**
 * What only some drivers can tell about an image.
 *
 * Since: 0.1
 */
export type ImageInfoSpecific =
  | ({ type: 'file' } & ImageInfoSpecificFileWrapper);

/**
 * The image that a block node reads.
 *
 * Since: 0.1
 */
export type BlockNodeInfo = {
  /** its name */
  filename: string;
  /** its format */
  format: string;
  /** whether it was not closed properly */
  'dirty-flag'?: boolean;
  /** bytes that it takes up on the host */
  'actual-size'?: JsonInteger;
  /** bytes that the guest sees */
  'virtual-size': JsonInteger;
  /** bytes of one unit of allocation */
  'cluster-size'?: JsonInteger;
  /** whether it is encrypted */
  encrypted?: boolean;
  /** whether it is compressed */
  compressed?: boolean;
  /** the image below, as this one names it */
  'backing-filename'?: string;
  /** where the image below is */
  'full-backing-filename'?: string;
  /** format of the image below */
  'backing-filename-format'?: string;
  /** the snapshots in it */
  snapshots?: SnapshotInfo[];
  /** what only its driver can tell */
  'format-specific'?: ImageInfoSpecific;
};

/**
 * An image and those below it.
 *
 * Since: 0.1
 */
export type ImageInfo = BlockNodeInfo & {
  /** the image below */
  'backing-image'?: ImageInfo;
};

/**
 * A record of which parts of a node were written to.
 *
 * Since: 0.1
 */
export type BlockDirtyInfo = {
  /** its name */
  name?: string;
  /** bytes that are marked */
  count: JsonInteger;
  /** bytes that one mark stands for */
  granularity: number;
  /** whether writes are marked at present */
  recording: boolean;
  /** whether a job uses it */
  busy: boolean;
  /** whether it is kept in the image */
  persistent: boolean;
  /** whether it was kept badly, so that it can only be removed */
  inconsistent?: boolean;
};

/**
 * A block node.  Limits are 0 where there is none; those that end in _max allow bursts, for the seconds that
 * _max_length tells.
 *
 * Since: 0.1
 */
export type BlockDeviceInfo = {
  /** name of the image */
  file: string;
  /** name of the node */
  'node-name'?: string;
  /** whether it is read-only */
  ro: boolean;
  /** its driver */
  drv: string;
  /** name of the image below */
  backing_file?: string;
  /** number of images below */
  backing_file_depth: JsonInteger;
  /** whether it is encrypted */
  encrypted: boolean;
  /** whether this process may write to it, and not the other end of a migration */
  active: boolean;
  /** what is done with zeroes */
  detect_zeroes: BlockdevDetectZeroesOptions;
  /** limit for bytes a second */
  bps: JsonInteger;
  /** limit for bytes read a second */
  bps_rd: JsonInteger;
  /** limit for bytes written a second */
  bps_wr: JsonInteger;
  /** limit for requests a second */
  iops: JsonInteger;
  /** limit for read requests a second */
  iops_rd: JsonInteger;
  /** limit for write requests a second */
  iops_wr: JsonInteger;
  /** the image and those below it */
  image: ImageInfo;
  /** burst of bytes */
  bps_max?: JsonInteger;
  /** burst of bytes read */
  bps_rd_max?: JsonInteger;
  /** burst of bytes written */
  bps_wr_max?: JsonInteger;
  /** burst of requests */
  iops_max?: JsonInteger;
  /** burst of read requests */
  iops_rd_max?: JsonInteger;
  /** burst of write requests */
  iops_wr_max?: JsonInteger;
  /** how long `bps_max` may last */
  bps_max_length?: JsonInteger;
  /** how long `bps_rd_max` may last */
  bps_rd_max_length?: JsonInteger;
  /** how long `bps_wr_max` may last */
  bps_wr_max_length?: JsonInteger;
  /** how long `iops_max` may last */
  iops_max_length?: JsonInteger;
  /** how long `iops_rd_max` may last */
  iops_rd_max_length?: JsonInteger;
  /** how long `iops_wr_max` may last */
  iops_wr_max_length?: JsonInteger;
  /** bytes that count as one request */
  iops_size?: JsonInteger;
  /** group of drives that share the limits */
  group?: string;
  /** how caches are used */
  cache: BlockdevCacheInfo;
  /** offset beyond which a write is reported; 0 for none */
  write_threshold: JsonInteger;
  /** records of what was written */
  'dirty-bitmaps'?: BlockDirtyInfo[];
};

/**
 * Whether a drive works.
 *
 * Since: 0.1
 *
 * - `ok`: it does
 * - `failed`: a request failed and the machine was stopped
 * - `nospace`: the host had no space left and the machine was stopped
 */
export type BlockDeviceIoStatus = 'ok' | 'failed' | 'nospace';

/**
 * A drive of the machine.
 *
 * Since: 0.1
 */
export type BlockInfo = {
  /** name of the drive; empty when it has none */
  device: string;
  /** id or place in the object tree of the device that it is */
  qdev?: string;
  /** always "unknown"; kept for clients that expect it */
  type: string;
  /** whether it takes media */
  removable: boolean;
  /** whether the guest has locked the tray */
  locked: boolean;
  /** the medium; absent when there is none */
  inserted?: BlockDeviceInfo;
  /** whether the tray is open; absent when there is no tray */
  tray_open?: boolean;
  /** whether it works; absent when it does not tell */
  'io-status'?: BlockDeviceIoStatus;
};

export type QueryNamedBlockNodesArguments = {
  /** leave out what lies below each node's image (default false) */
  flat?: boolean;
};

/**
 * The drivers that qmpd itself has.  QEMU has more.
 *
 * Since: 0.1
 *
 * - `file`: a file of the host
 * - `null-co`: nothing; reads give zeroes or anything, writes are lost
 * - `raw`: a disk image that is the disk's bytes and no more
 */
export type BlockdevDriver = 'file' | 'null-co' | 'raw';

/**
 * How requests are handed to the host.
 *
 * Since: 0.1
 *
 * - `threads`: by a pool of threads
 * - `native`: by the kernel's older asynchronous interface
 * - `io_uring`: by io_uring
 */
export type BlockdevAioOptions = 'threads' | 'native' | 'io_uring';

/**
 * A file of the host.
 *
 * Since: 0.1
 *
 * Feature `dynamic-auto-read-only`: with auto-read-only the file is opened for writing only while somebody wants to write
 */
export type BlockdevOptionsFile = {
  /** its path */
  filename: string;
  /** id of the object that handles SCSI persistent reservations */
  'pr-manager'?: string;
  /** keep other processes from using it; auto does so where the host can (default auto) */
  locking?: OnOffAuto;
  /** how requests are handed to the host (default threads) */
  aio?: BlockdevAioOptions;
  /** number of requests handed over at once; 0 leaves it to the engine (default 0) */
  'aio-max-batch'?: JsonInteger;
  /** forget cached data when a migration hands the file over (default true) */
  'drop-cache'?: boolean;
  /**
   * check that it was forgotten (default false)
   *
   * @experimental `x-check-cache-dropped` is for testing
   */
  'x-check-cache-dropped'?: boolean;
};

/**
 * Nothing.
 *
 * Since: 0.1
 */
export type BlockdevOptionsNull = {
  /** bytes that it seems to have (default one GiB) */
  size?: JsonInteger;
  /** how long each request seems to take, in nanoseconds (default 0) */
  'latency-ns'?: JsonInteger;
  /** read as zeroes; otherwise what is read is undefined (default false) */
  'read-zeroes'?: boolean;
};

/**
 * A plain image.
 *
 * Since: 0.1
 */
export type BlockdevOptionsRaw = {
  /** where it lies */
  file: BlockdevRef;
  /** byte of `file` where it begins (default 0) */
  offset?: JsonInteger;
  /** its bytes (default: to the end of `file`) */
  size?: JsonInteger;
};

/**
 * A block node to be made.
 *
 * Since: 0.1
 */
export type BlockdevOptions = {
  /** its name; needed unless it is made as part of another */
  'node-name'?: string;
  /** what to do with data that the guest no longer needs (default ignore) */
  discard?: BlockdevDiscardOptions;
  /** how the host's cache is used */
  cache?: BlockdevCacheOptions;
  /** never write to it (default false) */
  'read-only'?: boolean;
  /**
   * be the one process that uses it, as against the other end of a migration (default true, unless the machine
   * waits for a migration)
   */
  active?: boolean;
  /** fall back to reading when it cannot be written (default false) */
  'auto-read-only'?: boolean;
  /** let others write to it meanwhile; only for nodes that are read-only (default false) */
  'force-share'?: boolean;
  /** what to do with zeroes (default off) */
  'detect-zeroes'?: BlockdevDetectZeroesOptions;
} & (
  // by the tag:
  | ({ driver: 'file' } & BlockdevOptionsFile)
  | ({ driver: 'null-co' } & BlockdevOptionsNull)
  | ({ driver: 'raw' } & BlockdevOptionsRaw)
);

/**
 * A block node that is used by another.
 *
 * Since: 0.1
 */
export type BlockdevRef = BlockdevOptions | string;

export type BlockdevDelArguments = {
  /** its name */
  'node-name': string;
};

/**
 * Graphics cards of the board's own.
 *
 * Since: 0.1
 *
 * - `none`: none
 * - `std`: Bochs VGA
 * - `cirrus`: Cirrus Logic GD5446
 * - `vmware`: VMware SVGA
 * - `qxl`: QXL, for SPICE
 * - `virtio`: virtio GPU with VGA
 * - `xenfb`: Xen's frame buffer
 * - `tcx`: Sun TCX
 * - `cg3`: Sun CG3
 */
export type VgaModel = 'none' | 'std' | 'cirrus' | 'vmware' | 'qxl' | 'virtio' | 'xenfb' | 'tcx' | 'cg3';

/**
 * Windows on the host.
 *
 * Since: 0.1
 *
 * - `default`: what there is
 * - `none`: none
 * - `gtk`: GTK
 * - `sdl`: SDL
 * - `egl-headless`: none, but with OpenGL for remote screens
 * - `curses`: text in a terminal
 * - `spice-app`: a SPICE viewer that is started
 * - `dbus`: D-Bus
 */
export type DisplayType =
  | 'default'
  | 'none'
  | 'gtk'
  | 'sdl'
  | 'egl-headless'
  | 'curses'
  | 'spice-app'
  | 'dbus';

/**
 * OpenGL for a window.
 *
 * Since: 0.1
 *
 * - `off`: none
 * - `on`: as available
 * - `core`: OpenGL
 * - `es`: OpenGL ES
 */
export type DisplayGLMode = 'off' | 'on' | 'core' | 'es';

/**
 * A window on the host.
 *
 * Since: 0.1
 */
export type MachineDisplay = {
  /** what it is */
  type: DisplayType;
  /** whether it fills the screen (default false) */
  'full-screen'?: boolean;
  /** whether the machine can be ended by closing it (default true) */
  'window-close'?: boolean;
  /** whether the host's pointer is shown (default false) */
  'show-cursor'?: boolean;
  /** OpenGL for it (default off) */
  gl?: DisplayGLMode;
  /** an object with further members of QEMU's DisplayOptions for this type */
  properties?: JsonValue;
};

/**
 * The screen that firmware sets up on some machines.
 *
 * Since: 0.1
 */
export type MachineGraphicsMode = {
  /** pixels in a row */
  width: number;
  /** rows */
  height: number;
  /** bits of a pixel */
  depth?: number;
};

/**
 * What happens when a second viewer comes.
 *
 * Since: 0.1
 *
 * - `allow-exclusive`: a viewer that wants the screen for itself gets it
 * - `force-shared`: all viewers share it
 * - `ignore`: viewers are not asked
 */
export type VncShare = 'allow-exclusive' | 'force-shared' | 'ignore';

/**
 * A VNC server. With no address it is there without listening until display-update gives it one.
 *
 * Since: 0.1
 */
export type MachineVnc = {
  /** where it listens, or connects to if `reverse`; ports of TCP count from 5900 */
  addr?: SocketAddress;
  /** connect to a viewer (default false) */
  reverse?: boolean;
  /** port for viewers that use websockets */
  websocket?: number;
  /** ask for the password that set_password sets (default false) */
  password?: boolean;
  /** id of a secret object that holds the password */
  'password-secret'?: string;
  /** id of a tls-creds object; viewers have to use TLS then */
  'tls-creds'?: string;
  /** id of an authz object that is asked about viewers' certificates */
  'tls-authz'?: string;
  /** ask for SASL authentication (default false) */
  sasl?: boolean;
  /** id of an authz object that is asked about SASL names */
  'sasl-authz'?: string;
  /** what happens when a second viewer comes (default allow-exclusive) */
  share?: VncShare;
  /** allow compression that changes the picture (default false) */
  lossy?: boolean;
  /** do not adapt that compression (default false) */
  'non-adaptive'?: boolean;
  /** time between two keys of a viewer, in milliseconds (default 10) */
  'key-delay-ms'?: number;
  /** id of an audio backend whose sound viewers get */
  audiodev?: string;
  /** let viewers press the power and reset buttons (default false) */
  'power-control'?: boolean;
};

/**
 * How pictures are compressed for SPICE.
 *
 * Since: 0.1
 *
 * - `auto-glz`: GLZ where it helps
 * - `auto-lz`: LZ where it helps
 * - `quic`: QUIC
 * - `glz`: GLZ
 * - `lz`: LZ
 * - `off`: not
 */
export type SpiceImageCompression = 'auto-glz' | 'auto-lz' | 'quic' | 'glz' | 'lz' | 'off';

/**
 * A SPICE server.
 *
 * Since: 0.1
 */
export type MachineSpice = {
  /** TCP port */
  port?: number;
  /** TCP port for TLS */
  'tls-port'?: number;
  /** address that it listens on (default: all) */
  addr?: string;
  /** path of a Unix domain socket to listen on instead */
  unix?: string;
  /** use IPv4 only */
  ipv4?: boolean;
  /** use IPv6 only */
  ipv6?: boolean;
  /** id of a secret object that holds the password */
  'password-secret'?: string;
  /** ask for no password (default false) */
  'disable-ticketing'?: boolean;
  /** ask for SASL authentication (default false) */
  sasl?: boolean;
  /** directory of the certificate and key */
  'x509-dir'?: string;
  /** how pictures are compressed */
  'image-compression'?: SpiceImageCompression;
  /** keep the clipboard to the guest (default false) */
  'disable-copy-paste'?: boolean;
  /** keep files to the guest (default false) */
  'disable-agent-file-xfer'?: boolean;
  /** let the guest's agent move the pointer (default true) */
  'agent-mouse'?: boolean;
  /** compress sound (default true) */
  'playback-compression'?: boolean;
  /** let viewers follow a migration (default false) */
  'seamless-migration'?: boolean;
  /** use OpenGL, for viewers on this host (default false) */
  gl?: boolean;
  /** device of the host that draws for OpenGL */
  rendernode?: string;
  /** an object with further keys of QEMU's -spice */
  properties?: JsonValue;
};

/**
 * A network card of the machine's own, as against one made by device_add.
 *
 * Since: 0.1
 */
export type MachineNic = {
  /** its model (default: the machine type's own) */
  model?: string;
  /** its address (default: one that QEMU counts up) */
  mac?: string;
  /** id of the network backend that it is connected to, which may be declared later (default: to none) */
  netdev?: string;
  /**
   * number of its MSI-X vectors, if it can have those (default: as many as the model has; QEMU's -nic means 0)
   */
  vectors?: number;
};

/**
 * Where sound goes.
 *
 * Since: 0.1
 *
 * - `none`: nowhere
 * - `alsa`: ALSA
 * - `dbus`: the D-Bus display
 * - `jack`: JACK
 * - `oss`: OSS
 * - `pa`: PulseAudio
 * - `pipewire`: PipeWire
 * - `sdl`: SDL
 * - `sndio`: sndio
 * - `spice`: the SPICE server
 * - `wav`: a file
 */
export type AudiodevDriver =
  | 'none'
  | 'alsa'
  | 'dbus'
  | 'jack'
  | 'oss'
  | 'pa'
  | 'pipewire'
  | 'sdl'
  | 'sndio'
  | 'spice'
  | 'wav';

/**
 * An audio backend.
 *
 * Since: 0.1
 */
export type MachineAudiodev = {
  /** its id */
  id: string;
  /** where sound goes */
  driver: AudiodevDriver;
  /** how often data is moved, in microseconds (default 10000) */
  'timer-period'?: number;
  /** an object with the driver's other members of QEMU's Audiodev */
  properties?: JsonValue;
};

/**
 * The audio backend of devices that name none.
 *
 * Since: 0.1
 */
export type MachineAudio = {
  /** where sound goes */
  driver: AudiodevDriver;
  /** sound card to add */
  model?: string;
  /** an object with the driver's members of QEMU's Audiodev */
  properties?: JsonValue;
};

/**
 * The kinds of TPM backend.
 *
 * Since: 0.1
 *
 * - `passthrough`: the host's TPM
 * - `emulator`: a TPM emulator on a character device
 */
export type TpmType = 'passthrough' | 'emulator';

/**
 * A TPM backend for a TPM device, which has to be added.
 *
 * Since: 0.1
 */
export type MachineTpmdev = {
  /** its id */
  id: string;
  /** its kind */
  type: TpmType;
  /** device of the host's TPM (default /dev/tpm0) */
  path?: string;
  /** file by which a command of the host's TPM is cancelled */
  'cancel-path'?: string;
  /** id of the character device of the emulator */
  chardev?: string;
};

/**
 * A default for a property of all devices of a driver.  In a machine that has its type's defaults, QEMU leaves out a
 * default device whose driver is named here; ports, drives and the graphics card that have options of their own are
 * there all the same when those are set.
 *
 * Since: 0.1
 */
export type MachineGlobal = {
  /** the driver */
  driver: string;
  /** the property */
  property: string;
  /** the value: text, a number, true or false */
  value: JsonValue;
};

/**
 * The process that runs the machine.
 *
 * Since: 0.1
 */
export type MachineProcess = {
  /** name that the host shows for it */
  name?: string;
  /** give its threads names (default false) */
  'debug-threads'?: boolean;
  /** file to write its number to */
  pidfile?: string;
  /** directory to make its root before the machine runs */
  chroot?: string;
  /** user to become before the machine runs: a name, or numbers as UID:GID */
  user?: string;
  /** give its memory back in the background when it ends (default false) */
  'async-teardown'?: boolean;
};

/**
 * Which of its memory stays in the host's.
 *
 * Since: 0.1
 *
 * - `off`: none
 * - `on`: all
 * - `on-fault`: what was used once
 */
export type MemLock = 'off' | 'on' | 'on-fault';

/**
 * How it bears with a host that promised more than it has.
 *
 * Since: 0.1
 */
export type MachineOvercommit = {
  /** which of its memory stays in the host's (default off) */
  'mem-lock'?: MemLock;
  /** let the guest put the host's CPUs to sleep (default false) */
  'cpu-pm'?: boolean;
};

/**
 * What the process may do.
 *
 * Since: 0.1
 *
 * - `allow`: it may
 * - `deny`: it may not
 * - `children`: only programs that it starts may
 */
export type SandboxRule = 'allow' | 'deny' | 'children';

/**
 * A filter for system calls.
 *
 * Since: 0.1
 */
export type MachineSandbox = {
  /** filter */
  enable: boolean;
  /** system calls that nobody should need (default deny) */
  obsolete?: SandboxRule;
  /** gain privileges (default allow) */
  elevateprivileges?: SandboxRule;
  /** start programs (default allow) */
  spawn?: SandboxRule;
  /** change its priority and CPUs (default allow) */
  resourcecontrol?: SandboxRule;
};

/**
 * What is done with commands of a kind.
 *
 * Since: 0.1
 *
 * - `accept`: they are carried out
 * - `reject`: they are refused
 * - `crash`: the process ends
 */
export type CompatPolicyInput = 'accept' | 'reject' | 'crash';

/**
 * What is done with answers and events of a kind.
 *
 * Since: 0.1
 *
 * - `accept`: they are sent
 * - `hide`: they are left out
 */
export type CompatPolicyOutput = 'accept' | 'hide';

/**
 * What is done with what is deprecated or unstable.
 *
 * Since: 0.1
 */
export type CompatPolicy = {
  /** deprecated commands and arguments (default accept) */
  'deprecated-input'?: CompatPolicyInput;
  /** deprecated answers and events (default accept) */
  'deprecated-output'?: CompatPolicyOutput;
  /** unstable commands and arguments (default accept) */
  'unstable-input'?: CompatPolicyInput;
  /** unstable answers and events (default accept) */
  'unstable-output'?: CompatPolicyOutput;
};

/**
 * A part of the guest's addresses.
 *
 * Since: 0.1
 */
export type AddressRange = {
  /** first address */
  from: JsonInteger;
  /** last address */
  to: JsonInteger;
};

/**
 * QEMU's own log.
 *
 * Since: 0.1
 */
export type MachineLog = {
  /** what is logged, as named by the HMP command "help log" */
  items?: string[];
  /** file for it (default: the process's standard error) */
  file?: string;
  /** only for code at these addresses */
  filter?: AddressRange[];
};

/**
 * Trace points of QEMU.
 *
 * Since: 0.1
 */
export type MachineTrace = {
  /** names or patterns of trace points to switch on */
  enable?: string[];
  /** file with such names and patterns */
  events?: string;
  /** file for what they trace */
  file?: string;
};

/**
 * A plugin of QEMU's translator.
 *
 * Since: 0.1
 */
export type MachinePlugin = {
  /** the file */
  file: string;
  /** an object with its arguments */
  arguments?: JsonValue;
};

/**
 * How error messages look.
 *
 * Since: 0.1
 */
export type MachineMessages = {
  /** they begin with the time (default false) */
  timestamp?: boolean;
  /** they begin with the machine's name (default false) */
  'guest-name'?: boolean;
};

/**
 * Records for the host's profilers.
 *
 * Since: 0.1
 */
export type MachineProfile = {
  /** a map of translated code for perf (default false) */
  perfmap?: boolean;
  /** a dump of translated code for perf (default false) */
  jitdump?: boolean;
  /** how long locks are waited for (default false) */
  sync?: boolean;
};

/**
 * A machine under Xen.
 *
 * Since: 0.1
 */
export type MachineXen = {
  /** number of the domain */
  domid?: number;
  /** attach to a domain that is there (default false) */
  attach?: boolean;
  /** allow only operations on that domain (default false) */
  'domid-restrict'?: boolean;
};

/**
 * Who answers calls of semihosting.
 *
 * Since: 0.1
 *
 * - `auto`: gdb if it is there, else QEMU
 * - `native`: QEMU
 * - `gdb`: gdb
 */
export type SemihostingTarget = 'auto' | 'native' | 'gdb';

/**
 * Calls by which a guest without a system uses the host.
 *
 * Since: 0.1
 */
export type MachineSemihosting = {
  /** answer them */
  enable: boolean;
  /** who answers (default auto) */
  target?: SemihostingTarget;
  /** answer them also in user mode (default false) */
  userspace?: boolean;
  /** id of the character device for their console */
  chardev?: string;
  /** the program's arguments */
  arguments?: string[];
};

/**
 * A socket for QEMU's own tests.
 *
 * Since: 0.1
 */
export type MachineQtest = {
  /** id of its character device */
  chardev: string;
  /** file for what is said on it */
  log?: string;
};

/**
 * What became of an option.
 *
 * Since: 0.1
 *
 * - `recorded`: there is no machine yet; the next one is created with it
 * - `applied`: the machine has it now
 * - `needs-reset`: the machine will have it after its next reset
 * - `needs-restart`: the next machine will have it
 * - `refused`: it cannot be
 */
export type MachineOptionOutcome = 'recorded' | 'applied' | 'needs-reset' | 'needs-restart' | 'refused';

/**
 * What became of one option of machine-set or machine-unset.
 *
 * Since: 0.1
 */
export type MachineOptionResult = {
  /** the option */
  option: MachineOptionName;
  /** what became of it */
  result: MachineOptionOutcome;
  /** why it was not applied */
  reason?: string;
};

/**
 * Options to set.  An option replaces what was set for it before, as a whole.
 *
 * Since: 0.1
 */
export type MachineSetArguments = MachineOptions & {
  /** only tell what would become of them (default false) */
  'dry-run'?: boolean;
};

export type MachineUnsetArguments = {
  /** the options */
  options: MachineOptionName[];
  /** only tell what would become of them (default false) */
  'dry-run'?: boolean;
};

/**
 * How an option of a machine that exists can change.
 *
 * Since: 0.1
 *
 * - `live`: at once
 * - `needs-reset`: with the machine's next reset
 * - `needs-restart`: only by creating the machine anew
 * - `refused`: not by qmpd
 */
export type MachineOptionChange = 'live' | 'needs-reset' | 'needs-restart' | 'refused';

/**
 * An option.
 *
 * Since: 0.1
 */
export type MachineOptionInfo = {
  /** its name */
  name: MachineOptionName;
  /** its value: of the machine, or of the next one while there is none; absent when it was not set */
  value?: JsonValue;
  /** its value for the next reset or the next machine, when it differs; null when it will be unset */
  pending?: JsonValue;
  /**
   * how it can change while a machine exists; some of its parts may change more easily than that, which
   * machine-set tells
   */
  change: MachineOptionChange;
  /** the engines that have it */
  engines: MachineEngine[];
  /** the QMP commands by which it changes in a machine that exists */
  commands: string[];
  /** why it cannot change at once */
  reason?: string;
};

export type QueryMachineOptionsArguments = {
  /** only these (default all) */
  options?: MachineOptionName[];
  /** only those that this engine has (default all) */
  engine?: MachineEngine;
  /** only those that can change in this way (default all) */
  change?: MachineOptionChange;
};

export type MachineOptionChangedData = {
  /** the option */
  option: MachineOptionName;
  /** what became of it */
  result: MachineOptionOutcome;
  /** its new value; absent when it was unset */
  value?: JsonValue;
  /** the session that wanted it */
  session?: string;
};

/**
 * A command of a configuration.
 *
 * Since: 0.1
 */
export type MachineConfigCommand = {
  /** its name */
  execute: string;
  /** an object with its arguments; absent when it has none */
  arguments?: JsonValue;
};

export type QueryMachineConfigArguments = {
  /** with changes that the machine does not have yet (default true); without a machine there are none */
  pending?: boolean;
};

/**
 * An option that the machine does not have yet as it was set.
 *
 * Since: 0.1
 */
export type MachinePendingOption = {
  /** the option */
  option: MachineOptionName;
  /** what the machine runs with; absent when it was not set */
  value?: JsonValue;
  /** what it will be; absent when it will not be set */
  pending?: JsonValue;
  /** needs-reset or needs-restart */
  result: MachineOptionOutcome;
  /** why it is not applied at once */
  reason?: string;
};

/**
 * Changes that wait.
 *
 * Since: 0.1
 */
export type MachinePending = {
  /** whether a reset restarts the machine when something needs that */
  'apply-on-reset': boolean;
  /** the options, in the order in which they were set */
  options: MachinePendingOption[];
};

export type ApplyPendingOnResetArguments = {
  /** whether they do (at first they do not) */
  enable: boolean;
};

/**
 * A character device.
 *
 * Since: 0.1
 */
export type ChardevInfo = {
  /** its id */
  label: string;
  /** what it is connected to, in the form of QEMU's command line */
  filename: string;
  /** whether the part of the machine that uses it is ready for data */
  'frontend-open': boolean;
};

/**
 * A kind of character device.
 *
 * Since: 0.1
 */
export type ChardevBackendInfo = {
  /** its name */
  name: string;
};

/**
 * How bytes are written as a JSON string.
 *
 * Since: 0.1
 *
 * - `utf8`: as the text that they are in UTF-8
 * - `base64`: in base64
 */
export type DataFormat = 'utf8' | 'base64';

export type RingbufWriteArguments = {
  /** id of the device */
  device: string;
  /** the data */
  data: string;
  /** how `data` is written (default utf8) */
  format?: DataFormat;
};

export type RingbufReadArguments = {
  /** id of the device */
  device: string;
  /** number of bytes at most */
  size: JsonInteger;
  /** how to write the data (default utf8, in which bytes that are not UTF-8 get lost) */
  format?: DataFormat;
};

/**
 * What all character devices can have.
 *
 * Since: 0.1
 */
export type ChardevCommon = {
  /** file that gets a copy of all that the machine writes */
  logfile?: string;
  /** add to that file instead of replacing it (default false) */
  logappend?: boolean;
};

/**
 * A file that takes what the machine writes.
 *
 * Since: 0.1
 */
export type ChardevFile = ChardevCommon & {
  /** file that the machine reads from (default: it reads nothing) */
  in?: string;
  /** the file */
  out: string;
  /** add to the file instead of replacing it (default false) */
  append?: boolean;
};

/**
 * A device of the host, or a pipe.
 *
 * Since: 0.1
 */
export type ChardevHostdev = ChardevCommon & {
  /** path of the device; for a pipe the FIFO, or what comes before .in and .out in the names of two */
  device: string;
};

/**
 * A stream socket.
 *
 * Since: 0.1
 */
export type ChardevSocket = ChardevCommon & {
  /** where to listen or to connect */
  addr: SocketAddressLegacy;
  /** id of a tls-creds object; the data is encrypted then */
  'tls-creds'?: string;
  /**
   * id of an authz object that is asked about each client's certificate; while there is no such object
   * everybody is refused
   */
  'tls-authz'?: string;
  /** listen instead of connecting (default true) */
  server?: boolean;
  /** have the command wait for the first client (default false) */
  wait?: boolean;
  /** send small pieces at once (default false) */
  nodelay?: boolean;
  /** speak the telnet protocol (default false) */
  telnet?: boolean;
  /** speak telnet as 3270 terminals do (default false) */
  tn3270?: boolean;
  /** take websocket connections (default false) */
  websocket?: boolean;
  /**
   * names by which browsers may know this server, besides addresses and localhost, and names of sites
   * whose pages may connect (default none).  QEMU has no such member: it lets every page in.
   */
  'websocket-hosts'?: string[];
  /**
   * seconds after which to connect again when the connection is lost; 0 for never (default 0)
   *
   * @deprecated `reconnect` is too coarse; use `reconnect-ms`
   */
  reconnect?: JsonInteger;
  /** the same in milliseconds; only one of the two can be given */
  'reconnect-ms'?: JsonInteger;
};

/**
 * A datagram socket.
 *
 * Since: 0.1
 */
export type ChardevUdp = ChardevCommon & {
  /** where to send */
  remote: SocketAddressLegacy;
  /** where to receive (default: a free port) */
  local?: SocketAddressLegacy;
};

/**
 * Several users of one character device, of whom one at a time gets the input.
 *
 * Since: 0.1
 */
export type ChardevMux = ChardevCommon & {
  /** id of the character device that they share */
  chardev: string;
};

/**
 * One user of several character devices at once.
 *
 * Since: 0.1
 */
export type ChardevHub = ChardevCommon & {
  /** ids of the character devices, at most four */
  chardevs: string[];
};

/**
 * Standard input and output of the process.
 *
 * Since: 0.1
 */
export type ChardevStdio = ChardevCommon & {
  /** let the terminal's interrupt and quit keys send signals (default true) */
  signal?: boolean;
};

/**
 * A channel of the SPICE protocol.
 *
 * Since: 0.1
 */
export type ChardevSpiceChannel = ChardevCommon & {
  /** name of the channel */
  type: string;
};

/**
 * A port of the SPICE protocol.
 *
 * Since: 0.1
 */
export type ChardevSpicePort = ChardevCommon & {
  /** name of the port */
  fqdn: string;
};

/**
 * A channel of the D-Bus display.
 *
 * Since: 0.1
 */
export type ChardevDBus = ChardevCommon & {
  /** name of the channel */
  name: string;
};

/**
 * A text console in the machine's graphical display.
 *
 * Since: 0.1
 */
export type ChardevVC = ChardevCommon & {
  /** width in pixels */
  width?: JsonInteger;
  /** height in pixels */
  height?: JsonInteger;
  /** width in characters */
  cols?: JsonInteger;
  /** height in characters */
  rows?: JsonInteger;
};

/**
 * A buffer that keeps the newest of what the machine writes.
 *
 * Since: 0.1
 */
export type ChardevRingbuf = ChardevCommon & {
  /** number of bytes, a power of two (default 65536) */
  size?: JsonInteger;
};

/**
 * QEMU's own end of the SPICE agent's protocol.
 *
 * Since: 0.1
 */
export type ChardevQemuVDAgent = ChardevCommon & {
  /** pass the pointer's movements (default true) */
  mouse?: boolean;
  /** share the clipboard (default false) */
  clipboard?: boolean;
};

/**
 * A pseudo-terminal.
 *
 * Since: 0.1
 */
export type ChardevPty = ChardevCommon & {
  /** symbolic link to make to the terminal (default none) */
  path?: string;
};

/**
 * Who may type on a console.
 *
 * Since: 0.1
 *
 * - `none`: nobody; it is for watching only
 * - `one`: the viewer that has been there longest
 * - `many`: all viewers
 */
export type ConsoleWriters = 'none' | 'one' | 'many';

/**
 * A console that any number of viewers watch at once.  What the machine wrote before a viewer came is shown to it first.
 * A viewer that is too slow misses output and is told how much; the machine and the other viewers never wait for it.
 *
 * Since: 0.1
 */
export type ChardevConsole = ChardevCommon & {
  /** where viewers connect (default: nowhere) */
  addr?: SocketAddressLegacy;
  /** id of a tls-creds object; viewers connect by TLS then */
  'tls-creds'?: string;
  /** id of an authz object that is asked about each viewer's certificate */
  'tls-authz'?: string;
  /** speak the telnet protocol with viewers (default false) */
  telnet?: boolean;
  /** take websocket connections (default false) */
  websocket?: boolean;
  /**
   * names by which browsers may know this server, besides addresses and localhost, and names of sites
   * whose pages may connect (default none)
   */
  'websocket-hosts'?: string[];
  /** bytes of output that are kept for late viewers (default 262144) */
  scrollback?: JsonInteger;
  /** who may type (default many) */
  writers?: ConsoleWriters;
  /** size in bytes at which the log file is put aside (default: never) */
  'log-size'?: JsonInteger;
  /** number of old log files (default 1) */
  'log-keep'?: number;
};

/**
 * Somebody who watches a console.
 *
 * Since: 0.1
 */
export type ConsoleViewer = {
  /** where the viewer connects from */
  address: string;
  /** when it came, in milliseconds since the epoch */
  since: JsonInteger;
  /** whether it may type */
  writer: boolean;
  /** bytes of output that it was too slow for */
  missed: JsonInteger;
};

/**
 * A console.
 *
 * Since: 0.1
 */
export type ConsoleInfo = {
  /** id of the character device */
  id: string;
  /** where viewers connect */
  address?: string;
  /** bytes of output that a new viewer is shown */
  scrollback: JsonInteger;
  /** who watches it */
  viewers: ConsoleViewer[];
  /** width of the terminal that it is shown on, in characters; absent while nobody has told */
  cols?: number;
  /** its height */
  rows?: number;
};

export type ConsoleResizeArguments = {
  /** id of the console */
  id: string;
  /** width in characters */
  cols: number;
  /** height in characters */
  rows: number;
};

export type ConsoleResizedData = {
  /** id of the console */
  id: string;
  /** width in characters */
  cols: number;
  /** height in characters */
  rows: number;
};

/**
 * The kinds of character device.
 *
 * Since: 0.1
 *
 * - `file`: a file
 * - `serial`: a serial port of the host
 * - `parallel`: a parallel port of the host
 * - `pipe`: a FIFO, or two
 * - `socket`: a stream socket
 * - `udp`: a datagram socket
 * - `pty`: a pseudo-terminal
 * - `null`: nothing
 * - `mux`: several users of one device
 * - `hub`: one user of several devices
 * - `msmouse`: a Microsoft mouse, from the display's pointer
 * - `wctablet`: a Wacom tablet, from the display's pointer
 * - `braille`: a braille display of the host
 * - `testdev`: a device for testing, which can end the process
 * - `stdio`: standard input and output
 * - `console`: a console with many viewers
 * - `spicevmc`: a SPICE channel
 * - `spiceport`: a SPICE port
 * - `qemu-vdagent`: QEMU's own end of the SPICE agent's protocol
 * - `dbus`: a channel of the D-Bus display
 * - `vc`: a text console in the graphical display
 * - `ringbuf`: a buffer
 * - `memory`: another name for `ringbuf` (deprecated) `memory` is to be written `ringbuf`
 */
export type ChardevBackendKind =
  | 'file'
  | 'serial'
  | 'parallel'
  | 'pipe'
  | 'socket'
  | 'udp'
  | 'pty'
  | 'null'
  | 'mux'
  | 'hub'
  | 'msmouse'
  | 'wctablet'
  | 'braille'
  | 'testdev'
  | 'stdio'
  | 'console'
  | 'spicevmc'
  | 'spiceport'
  | 'qemu-vdagent'
  | 'dbus'
  | 'vc'
  | 'ringbuf'
  | 'memory';

/**
 * Wraps what `ChardevFile` has.
 *
 * Since: 0.1
 */
export type ChardevFileWrapper = {
  /** the members */
  data: ChardevFile;
};

/**
 * Wraps what `ChardevHostdev` has.
 *
 * Since: 0.1
 */
export type ChardevHostdevWrapper = {
  /** the members */
  data: ChardevHostdev;
};

/**
 * Wraps what `ChardevSocket` has.
 *
 * Since: 0.1
 */
export type ChardevSocketWrapper = {
  /** the members */
  data: ChardevSocket;
};

/**
 * Wraps what `ChardevUdp` has.
 *
 * Since: 0.1
 */
export type ChardevUdpWrapper = {
  /** the members */
  data: ChardevUdp;
};

/**
 * Wraps what `ChardevCommon` has.
 *
 * Since: 0.1
 */
export type ChardevCommonWrapper = {
  /** the members */
  data: ChardevCommon;
};

/**
 * Wraps what `ChardevMux` has.
 *
 * Since: 0.1
 */
export type ChardevMuxWrapper = {
  /** the members */
  data: ChardevMux;
};

/**
 * Wraps what `ChardevHub` has.
 *
 * Since: 0.1
 */
export type ChardevHubWrapper = {
  /** the members */
  data: ChardevHub;
};

/**
 * Wraps what `ChardevStdio` has.
 *
 * Since: 0.1
 */
export type ChardevStdioWrapper = {
  /** the members */
  data: ChardevStdio;
};

/**
 * Wraps what `ChardevSpiceChannel` has.
 *
 * Since: 0.1
 */
export type ChardevSpiceChannelWrapper = {
  /** the members */
  data: ChardevSpiceChannel;
};

/**
 * Wraps what `ChardevSpicePort` has.
 *
 * Since: 0.1
 */
export type ChardevSpicePortWrapper = {
  /** the members */
  data: ChardevSpicePort;
};

/**
 * Wraps what `ChardevQemuVDAgent` has.
 *
 * Since: 0.1
 */
export type ChardevQemuVDAgentWrapper = {
  /** the members */
  data: ChardevQemuVDAgent;
};

/**
 * Wraps what `ChardevDBus` has.
 *
 * Since: 0.1
 */
export type ChardevDBusWrapper = {
  /** the members */
  data: ChardevDBus;
};

/**
 * Wraps what `ChardevVC` has.
 *
 * Since: 0.1
 */
export type ChardevVCWrapper = {
  /** the members */
  data: ChardevVC;
};

/**
 * Wraps what `ChardevConsole` has.
 *
 * Since: 0.1
 */
export type ChardevConsoleWrapper = {
  /** the members */
  data: ChardevConsole;
};

/**
 * Wraps what `ChardevRingbuf` has.
 *
 * Since: 0.1
 */
export type ChardevRingbufWrapper = {
  /** the members */
  data: ChardevRingbuf;
};

/**
 * Wraps what `ChardevPty` has.
 *
 * Since: 0.1
 */
export type ChardevPtyWrapper = {
  /** the members */
  data: ChardevPty;
};

/**
 * A character device to be made.
 *
 * Since: 0.1
 */
export type ChardevBackend =
  | ({ type: 'file' } & ChardevFileWrapper)
  | ({ type: 'serial' } & ChardevHostdevWrapper)
  | ({ type: 'parallel' } & ChardevHostdevWrapper)
  | ({ type: 'pipe' } & ChardevHostdevWrapper)
  | ({ type: 'socket' } & ChardevSocketWrapper)
  | ({ type: 'udp' } & ChardevUdpWrapper)
  | ({ type: 'pty' } & ChardevPtyWrapper)
  | ({ type: 'null' } & ChardevCommonWrapper)
  | ({ type: 'mux' } & ChardevMuxWrapper)
  | ({ type: 'hub' } & ChardevHubWrapper)
  | ({ type: 'msmouse' } & ChardevCommonWrapper)
  | ({ type: 'wctablet' } & ChardevCommonWrapper)
  | ({ type: 'braille' } & ChardevCommonWrapper)
  | ({ type: 'testdev' } & ChardevCommonWrapper)
  | ({ type: 'stdio' } & ChardevStdioWrapper)
  | ({ type: 'console' } & ChardevConsoleWrapper)
  | ({ type: 'spicevmc' } & ChardevSpiceChannelWrapper)
  | ({ type: 'spiceport' } & ChardevSpicePortWrapper)
  | ({ type: 'qemu-vdagent' } & ChardevQemuVDAgentWrapper)
  | ({ type: 'dbus' } & ChardevDBusWrapper)
  | ({ type: 'vc' } & ChardevVCWrapper)
  | ({ type: 'ringbuf' } & ChardevRingbufWrapper)
  | ({ type: 'memory' } & ChardevRingbufWrapper);

/**
 * What is to be known about a character device that was made.
 *
 * Since: 0.1
 */
export type ChardevReturn = {
  /** path of the pseudo-terminal; only for that kind */
  pty?: string;
};

export type ChardevAddArguments = {
  /** its id */
  id: string;
  /** what it is */
  backend: ChardevBackend;
};

export type ChardevChangeArguments = {
  /** its id */
  id: string;
  /** what it shall be */
  backend: ChardevBackend;
};

export type ChardevRemoveArguments = {
  /** its id */
  id: string;
};

export type ChardevSendBreakArguments = {
  /** its id */
  id: string;
};

export type VserportChangeData = {
  /** id of the port */
  id: string;
  /** whether it is open now */
  open: boolean;
};

export type EjectArguments = {
  /**
   * name of the drive
   *
   * @deprecated use `id` instead of `device`
   */
  device?: string;
  /** id or place in the object tree of the drive */
  id?: string;
  /** do so even if the guest has locked the tray (default false) */
  force?: boolean;
};

export type BlockdevOpenTrayArguments = {
  /**
   * name of the drive
   *
   * @deprecated use `id` instead of `device`
   */
  device?: string;
  /** id or place in the object tree of the drive */
  id?: string;
  /** open it even if the guest has locked it (default false) */
  force?: boolean;
};

export type BlockdevCloseTrayArguments = {
  /**
   * name of the drive
   *
   * @deprecated use `id` instead of `device`
   */
  device?: string;
  /** id or place in the object tree of the drive */
  id?: string;
};

export type BlockdevRemoveMediumArguments = {
  /** id or place in the object tree of the drive */
  id: string;
};

export type BlockdevInsertMediumArguments = {
  /** id or place in the object tree of the drive */
  id: string;
  /** name of the block node */
  'node-name': string;
};

/**
 * Whether a new medium is read-only.
 *
 * Since: 0.1
 *
 * - `retain`: as the one before
 * - `read-only`: it is
 * - `read-write`: it is not
 */
export type BlockdevChangeReadOnlyMode = 'retain' | 'read-only' | 'read-write';

export type BlockdevChangeMediumArguments = {
  /**
   * name of the drive
   *
   * @deprecated use `id` instead of `device`
   */
  device?: string;
  /** id or place in the object tree of the drive */
  id?: string;
  /** the image */
  filename: string;
  /** its format (default: as it looks) */
  format?: string;
  /** do so even if the guest has locked the tray (default false) */
  force?: boolean;
  /** whether the medium is read-only (default retain) */
  'read-only-mode'?: BlockdevChangeReadOnlyMode;
};

export type DeviceTrayMovedData = {
  /** name of the drive; empty when it has none */
  device: string;
  /** id or place in the object tree of the drive */
  id: string;
  /** whether it is open now */
  'tray-open': boolean;
};

/**
 * The directions of a request.
 *
 * Since: 0.1
 *
 * - `read`: from the drive
 * - `write`: to the drive
 */
export type IoOperationType = 'read' | 'write';

/**
 * What is done about a drive's error.
 *
 * Since: 0.1
 *
 * - `ignore`: nothing; the guest does not know
 * - `report`: the guest is told
 * - `stop`: the machine is stopped, and tries again when it is continued
 */
export type BlockErrorAction = 'ignore' | 'report' | 'stop';

export type BlockIoErrorData = {
  /** place of the drive in the object tree */
  'qom-path': string;
  /** name of the drive; empty when it has none */
  device: string;
  /** name of the block node */
  'node-name'?: string;
  /** direction of the request */
  operation: IoOperationType;
  /** what is done about it */
  action: BlockErrorAction;
  /** whether the host has no space left; absent when the machine was not to stop for that */
  nospace?: boolean;
  /** the host's error, in words */
  reason: string;
};

export type DeviceAddArguments = {
  /** the device model */
  driver: string;
  /** the bus to plug it into (default the first that fits) */
  bus?: string;
  /** its name, by which device_del takes it away */
  id?: string;
};

export type DeviceDelArguments = {
  /** the device's name */
  id: string;
};

export type NetdevAddArguments = {
  /** the kind of backend */
  type: string;
  /** its name, for the network device that will use it */
  id: string;
};

export type NetdevDelArguments = {
  /** the backend's name */
  id: string;
};

/**
 * The forms of a picture.
 *
 * Since: 0.1
 *
 * - `ppm`: plain pixels with a short header
 * - `png`: PNG
 */
export type ImageFormat = 'ppm' | 'png';

export type ScreendumpArguments = {
  /** the file; it is replaced */
  filename: string;
  /** id of the graphics card (default: the first) */
  device?: string;
  /** number of its output (default 0); only with `device` */
  head?: JsonInteger;
  /** form of the picture (default ppm) */
  format?: ImageFormat;
};

/**
 * The keys, named after what is on them on a keyboard for US English.
 *
 * Since: 0.1
 */
export type QKeyCode =
  | 'unmapped'
  | 'shift'
  | 'shift_r'
  | 'alt'
  | 'alt_r'
  | 'ctrl'
  | 'ctrl_r'
  | 'menu'
  | 'esc'
  | '1'
  | '2'
  | '3'
  | '4'
  | '5'
  | '6'
  | '7'
  | '8'
  | '9'
  | '0'
  | 'minus'
  | 'equal'
  | 'backspace'
  | 'tab'
  | 'q'
  | 'w'
  | 'e'
  | 'r'
  | 't'
  | 'y'
  | 'u'
  | 'i'
  | 'o'
  | 'p'
  | 'bracket_left'
  | 'bracket_right'
  | 'ret'
  | 'a'
  | 's'
  | 'd'
  | 'f'
  | 'g'
  | 'h'
  | 'j'
  | 'k'
  | 'l'
  | 'semicolon'
  | 'apostrophe'
  | 'grave_accent'
  | 'backslash'
  | 'z'
  | 'x'
  | 'c'
  | 'v'
  | 'b'
  | 'n'
  | 'm'
  | 'comma'
  | 'dot'
  | 'slash'
  | 'asterisk'
  | 'spc'
  | 'caps_lock'
  | 'f1'
  | 'f2'
  | 'f3'
  | 'f4'
  | 'f5'
  | 'f6'
  | 'f7'
  | 'f8'
  | 'f9'
  | 'f10'
  | 'num_lock'
  | 'scroll_lock'
  | 'kp_divide'
  | 'kp_multiply'
  | 'kp_subtract'
  | 'kp_add'
  | 'kp_enter'
  | 'kp_decimal'
  | 'sysrq'
  | 'kp_0'
  | 'kp_1'
  | 'kp_2'
  | 'kp_3'
  | 'kp_4'
  | 'kp_5'
  | 'kp_6'
  | 'kp_7'
  | 'kp_8'
  | 'kp_9'
  | 'less'
  | 'f11'
  | 'f12'
  | 'print'
  | 'home'
  | 'pgup'
  | 'pgdn'
  | 'end'
  | 'left'
  | 'up'
  | 'down'
  | 'right'
  | 'insert'
  | 'delete'
  | 'stop'
  | 'again'
  | 'props'
  | 'undo'
  | 'front'
  | 'copy'
  | 'open'
  | 'paste'
  | 'find'
  | 'cut'
  | 'lf'
  | 'help'
  | 'meta_l'
  | 'meta_r'
  | 'compose'
  | 'pause'
  | 'ro'
  | 'hiragana'
  | 'henkan'
  | 'yen'
  | 'muhenkan'
  | 'katakanahiragana'
  | 'kp_comma'
  | 'kp_equals'
  | 'power'
  | 'sleep'
  | 'wake'
  | 'audionext'
  | 'audioprev'
  | 'audiostop'
  | 'audioplay'
  | 'audiomute'
  | 'volumeup'
  | 'volumedown'
  | 'mediaselect'
  | 'mail'
  | 'calculator'
  | 'computer'
  | 'ac_home'
  | 'ac_back'
  | 'ac_forward'
  | 'ac_refresh'
  | 'ac_bookmarks'
  | 'lang1'
  | 'lang2'
  | 'f13'
  | 'f14'
  | 'f15'
  | 'f16'
  | 'f17'
  | 'f18'
  | 'f19'
  | 'f20'
  | 'f21'
  | 'f22'
  | 'f23'
  | 'f24';

/**
 * The ways to name a key.
 *
 * Since: 0.1
 *
 * - `number`: by the number that the keyboard sends
 * - `qcode`: by name
 */
export type KeyValueKind = 'number' | 'qcode';

/**
 * Wraps a number.
 *
 * Since: 0.1
 */
export type IntWrapper = {
  /** the number */
  data: JsonInteger;
};

/**
 * Wraps the name of a key.
 *
 * Since: 0.1
 */
export type QKeyCodeWrapper = {
  /** the name */
  data: QKeyCode;
};

/**
 * A key.
 *
 * Since: 0.1
 */
export type KeyValue =
  | ({ type: 'number' } & IntWrapper)
  | ({ type: 'qcode' } & QKeyCodeWrapper);

export type SendKeyArguments = {
  /** the keys */
  keys: KeyValue[];
  /** how long to hold them, in milliseconds (default 100) */
  'hold-time'?: JsonInteger;
};

/**
 * Buttons of a pointer.
 *
 * Since: 0.1
 *
 * - `left`: left button
 * - `middle`: middle button
 * - `right`: right button
 * - `wheel-up`: wheel, turned away from the user
 * - `wheel-down`: wheel, turned to the user
 * - `side`: button at the side
 * - `extra`: second button at the side
 * - `wheel-left`: wheel, tilted to the left
 * - `wheel-right`: wheel, tilted to the right
 * - `touch`: a finger on a touch screen
 */
export type InputButton =
  | 'left'
  | 'middle'
  | 'right'
  | 'wheel-up'
  | 'wheel-down'
  | 'side'
  | 'extra'
  | 'wheel-left'
  | 'wheel-right'
  | 'touch';

/**
 * Directions of a pointer.
 *
 * Since: 0.1
 *
 * - `x`: from left to right
 * - `y`: from top to bottom
 */
export type InputAxis = 'x' | 'y';

/**
 * What a finger does on a screen that takes several.
 *
 * Since: 0.1
 *
 * - `begin`: it touches
 * - `update`: it moves
 * - `end`: it leaves
 * - `cancel`: its touch did not count
 * - `data`: its place is told
 */
export type InputMultiTouchType = 'begin' | 'update' | 'end' | 'cancel' | 'data';

/**
 * A key goes down or up.
 *
 * Since: 0.1
 */
export type InputKeyEvent = {
  /** the key */
  key: KeyValue;
  /** whether it goes down */
  down: boolean;
};

/**
 * A button goes down or up.
 *
 * Since: 0.1
 */
export type InputBtnEvent = {
  /** the button */
  button: InputButton;
  /** whether it goes down */
  down: boolean;
};

/**
 * The pointer moves.
 *
 * Since: 0.1
 */
export type InputMoveEvent = {
  /** direction */
  axis: InputAxis;
  /** by how much; or where to, from 0 to 32767 */
  value: JsonInteger;
};

/**
 * A finger does something.
 *
 * Since: 0.1
 */
export type InputMultiTouchEvent = {
  /** what it does */
  type: InputMultiTouchType;
  /** the finger */
  slot: JsonInteger;
  /** number of its touch */
  'tracking-id': JsonInteger;
  /** direction */
  axis: InputAxis;
  /** where it is, from 0 to 32767 */
  value: JsonInteger;
};

/**
 * The kinds of input.
 *
 * Since: 0.1
 *
 * - `key`: a key
 * - `btn`: a button
 * - `rel`: a movement by some way
 * - `abs`: a movement to a place
 * - `mtt`: a finger on a screen that takes several
 */
export type InputEventKind = 'key' | 'btn' | 'rel' | 'abs' | 'mtt';

/**
 * Wraps what `InputKeyEvent` has.
 *
 * Since: 0.1
 */
export type InputKeyEventWrapper = {
  /** the members */
  data: InputKeyEvent;
};

/**
 * Wraps what `InputBtnEvent` has.
 *
 * Since: 0.1
 */
export type InputBtnEventWrapper = {
  /** the members */
  data: InputBtnEvent;
};

/**
 * Wraps what `InputMoveEvent` has.
 *
 * Since: 0.1
 */
export type InputMoveEventWrapper = {
  /** the members */
  data: InputMoveEvent;
};

/**
 * Wraps what `InputMultiTouchEvent` has.
 *
 * Since: 0.1
 */
export type InputMultiTouchEventWrapper = {
  /** the members */
  data: InputMultiTouchEvent;
};

/**
 * A piece of input.
 *
 * Since: 0.1
 */
export type InputEvent =
  | ({ type: 'key' } & InputKeyEventWrapper)
  | ({ type: 'btn' } & InputBtnEventWrapper)
  | ({ type: 'rel' } & InputMoveEventWrapper)
  | ({ type: 'abs' } & InputMoveEventWrapper)
  | ({ type: 'mtt' } & InputMultiTouchEventWrapper);

export type InputSendEventArguments = {
  /** id of the screen that the input belongs to (default: any) */
  device?: string;
  /** number of its output (default 0) */
  head?: JsonInteger;
  /** the input */
  events: InputEvent[];
};

/**
 * A property of an object.
 *
 * Since: 0.1
 */
export type ObjectPropertyInfo = {
  /** its name */
  name: string;
  /** type of its value; child<T> and link<T> lead to other objects */
  type: string;
  /** what it means */
  description?: string;
  /** its value unless set */
  'default-value'?: JsonValue;
};

export type QomListArguments = {
  /** place in the tree, absolute or as much of its end as is unique */
  path: string;
};

export type QomGetArguments = {
  /** place of the object in the tree */
  path: string;
  /** name of the property */
  property: string;
};

export type QomSetArguments = {
  /** place of the object in the tree */
  path: string;
  /** name of the property */
  property: string;
  /** its new value */
  value: JsonValue;
};

/**
 * A type of object.
 *
 * Since: 0.1
 */
export type ObjectTypeInfo = {
  /** its name */
  name: string;
  /** whether there are only objects of types made from it (default false) */
  abstract?: boolean;
  /** the type that it is made from */
  parent?: string;
};

export type QomListTypesArguments = {
  /** only those that are, or are made from, this type */
  implements?: string;
  /** include types that have no objects of their own (default false) */
  abstract?: boolean;
};

/**
 * The types of object that live in qmpd.  QEMU has more.
 *
 * Since: 0.1
 *
 * - `authz-list`: allows and denies by a list of rules
 * - `authz-listfile`: the same, with the rules in a file
 * - `authz-simple`: allows one name
 * - `monitor-qmp`: QMP sessions on a character device, one after another
 * - `qmp-server`: QMP sessions on a listening socket, one for each connection
 * - `secret`: a password or key
 * - `tls-creds-anon`: TLS without certificates
 * - `tls-creds-psk`: TLS with keys that both sides know
 * - `tls-creds-x509`: TLS with certificates
 */
export type ObjectType =
  | 'authz-list'
  | 'authz-listfile'
  | 'authz-simple'
  | 'monitor-qmp'
  | 'qmp-server'
  | 'secret'
  | 'tls-creds-anon'
  | 'tls-creds-psk'
  | 'tls-creds-x509';

/**
 * What a rule decides.
 *
 * Since: 0.1
 *
 * - `deny`: refuse
 * - `allow`: admit
 */
export type QAuthZListPolicy = 'deny' | 'allow';

/**
 * How a rule's text is compared with a name.
 *
 * Since: 0.1
 *
 * - `exact`: letter by letter
 * - `glob`: as a pattern, as the shell has for file names
 */
export type QAuthZListFormat = 'exact' | 'glob';

/**
 * One rule about names.
 *
 * Since: 0.1
 */
export type QAuthZListRule = {
  /** the name or pattern */
  match: string;
  /** what happens to a name that matches */
  policy: QAuthZListPolicy;
  /** how to compare (default exact) */
  format?: QAuthZListFormat;
};

/**
 * Properties of authz-list objects.
 *
 * Since: 0.1
 */
export type AuthZListProperties = {
  /** what happens to a name that no rule matches (default deny) */
  policy?: QAuthZListPolicy;
  /** the rules; the first that matches decides */
  rules?: QAuthZListRule[];
};

/**
 * Properties of authz-listfile objects.
 *
 * Since: 0.1
 */
export type AuthZListFileProperties = {
  /** a JSON file with the members of `AuthZListProperties` */
  filename: string;
  /** read the file again when it changes (default true) */
  refresh?: boolean;
};

/**
 * Properties of authz-simple objects.
 *
 * Since: 0.1
 */
export type AuthZSimpleProperties = {
  /** the one name that is admitted */
  identity: string;
};

/**
 * What a monitor does when its client goes.
 *
 * Since: 0.1
 *
 * - `none`: it waits for the next one
 * - `delete`: it deletes itself
 */
export type MonitorQmpCloseAction = 'none' | 'delete';

/**
 * Properties of monitor-qmp objects.
 *
 * Since: 0.1
 */
export type MonitorQmpProperties = {
  /**
   * the character device.  While there is no machine it may be added later, and so may what it needs; at the
   * latest x-exit-preconfig says what is missing
   */
  chardev: string;
  /** indent what is sent (default false) */
  pretty?: boolean;
  /** what happens when the client goes (default none) */
  'close-action'?: MonitorQmpCloseAction;
};

/**
 * Properties of qmp-server objects.
 *
 * Since: 0.1
 */
export type QmpServerProperties = {
  /** where to listen */
  addr: SocketAddress;
  /** speak QMP inside websockets (default false) */
  websocket?: boolean;
  /**
   * names by which browsers may know this server, besides addresses and localhost, and names of sites
   * whose pages may connect (default none).  Programs other than browsers are not asked where they come from.
   */
  'websocket-hosts'?: string[];
  /** indent what is sent (default false) */
  pretty?: boolean;
  /** permissions of a Unix domain socket, as three or four octal digits (default 600) */
  mode?: string;
  /** group that a Unix domain socket shall belong to, by name or number */
  group?: string;
  /** id of a tls-creds object; listens for TLS then */
  'tls-creds'?: string;
  /** id of an authz object that is asked about each client's certificate */
  'tls-authz'?: string;
};

/**
 * How a secret is written down.
 *
 * Since: 0.1
 *
 * - `raw`: as it is; over QMP it has to be valid UTF-8
 * - `base64`: in base64
 */
export type QCryptoSecretFormat = 'raw' | 'base64';

/**
 * Properties of secret objects.  One of `data` and `file` has to be given.
 *
 * Since: 0.1
 */
export type SecretProperties = {
  /** how the secret is written down (default raw) */
  format?: QCryptoSecretFormat;
  /** id of the secret that it is encrypted with (default: it is not) */
  keyid?: string;
  /** initialization vector of that encryption, in base64 */
  iv?: string;
  /** the secret */
  data?: string;
  /** file that holds the secret */
  file?: string;
};

/**
 * The two ends of a TLS connection.
 *
 * Since: 0.1
 *
 * - `client`: the end that connects
 * - `server`: the end that listens
 */
export type QCryptoTLSCredsEndpoint = 'client' | 'server';

/**
 * What all TLS credentials have.
 *
 * Since: 0.1
 */
export type TlsCredsProperties = {
  /** check who the other end is (default true) */
  'verify-peer'?: boolean;
  /** directory of the files with certificates and keys */
  dir?: string;
  /** the end that these credentials are for (default client) */
  endpoint?: QCryptoTLSCredsEndpoint;
  /** which ciphers and versions are fit, as a GnuTLS priority string */
  priority?: string;
};

/**
 * Properties of tls-creds-anon objects.
 *
 * Since: 0.1
 */
export type TlsCredsAnonProperties = TlsCredsProperties;

/**
 * Properties of tls-creds-psk objects.
 *
 * Since: 0.1
 */
export type TlsCredsPskProperties = TlsCredsProperties & {
  /** the name whose key a client uses (default qemu) */
  username?: string;
};

/**
 * Properties of tls-creds-x509 objects.
 *
 * Since: 0.1
 */
export type TlsCredsX509Properties = TlsCredsProperties & {
  /** check the certificates for common faults when the object is made (default true) */
  'sanity-check'?: boolean;
  /** id of the secret that the private key is encrypted with */
  passwordid?: string;
};

/**
 * An object to be made.
 *
 * Since: 0.1
 */
export type ObjectOptions = {
  /** its id */
  id: string;
} & (
  // by the tag:
  | ({ 'qom-type': 'authz-list' } & AuthZListProperties)
  | ({ 'qom-type': 'authz-listfile' } & AuthZListFileProperties)
  | ({ 'qom-type': 'authz-simple' } & AuthZSimpleProperties)
  | ({ 'qom-type': 'monitor-qmp' } & MonitorQmpProperties)
  | ({ 'qom-type': 'qmp-server' } & QmpServerProperties)
  | ({ 'qom-type': 'secret' } & SecretProperties)
  | ({ 'qom-type': 'tls-creds-anon' } & TlsCredsAnonProperties)
  | ({ 'qom-type': 'tls-creds-psk' } & TlsCredsPskProperties)
  | ({ 'qom-type': 'tls-creds-x509' } & TlsCredsX509Properties)
);

export type ObjectDelArguments = {
  /** its id */
  id: string;
};

/**
 * The kinds of thing that can be yanked.
 *
 * Since: 0.1
 *
 * - `block-node`: a block node that talks over a network
 * - `chardev`: a character device on a socket
 * - `migration`: a migration
 */
export type YankInstanceType = 'block-node' | 'chardev' | 'migration';

/**
 * Names a block node.
 *
 * Since: 0.1
 */
export type YankInstanceBlockNode = {
  /** its name */
  'node-name': string;
};

/**
 * Names a character device.
 *
 * Since: 0.1
 */
export type YankInstanceChardev = {
  /** its id */
  id: string;
};

/**
 * Something that can be yanked.
 *
 * Since: 0.1
 */
export type YankInstance =
  | ({ type: 'block-node' } & YankInstanceBlockNode)
  | ({ type: 'chardev' } & YankInstanceChardev)
  | { type: 'migration' };

export type YankArguments = {
  /** what to cut */
  instances: YankInstance[];
};

export type MigrateRecoverArguments = {
  /** the address */
  uri: string;
};

/**
 * What devices put into a migration.
 *
 * Since: 0.1
 */
export type VmstateDescription = {
  /**
   * an object with a member for each device, by the device's name: the whole of what -dump-vmstate writes
   */
  description: JsonValue;
};

export type QueryVmstateDescriptionArguments = {
  /** as this machine type, whose older devices may differ (default: QEMU's own default type) */
  'machine-type'?: string;
};

/** The arguments and the result of each command. */
export interface CommandMap {
  /**
   * Ends the negotiation, after which the session takes commands.  It has to be the first command.
   *
   * Errors:
   * - CommandNotFound when the session is past its negotiation
   *
   * Since: 0.1
   *
   * Example:
   *
   *     -> { "execute": "qmp_capabilities", "arguments": { "enable": [ "oob" ] } }
   *     <- { "return": {} }
   */
  'qmp_capabilities': { arguments: QmpCapabilitiesArguments; returns: NoMembers };
  /**
   * Tells the versions, as the greeting does.
   *
   * Since: 0.1
   *
   * @returns the version
   */
  'query-version': { arguments: NoMembers; returns: VersionInfo };
  /**
   * Lists the names of all commands.
   *
   * Since: 0.1
   *
   * @returns the commands, in no particular order
   */
  'query-commands': { arguments: NoMembers; returns: CommandInfo[] };
  /**
   * Ends the machine, if there is one, and the process.  All sessions see SHUTDOWN and then the end of their connection.
   * To end the machine alone, see machine-destroy.
   *
   * Since: 0.1
   */
  'quit': { arguments: NoMembers; returns: NoMembers };
  /**
   * Has QEMU's human monitor carry out one line.  Only a machine of QEMU has a human monitor.
   *
   * Errors:
   * - GenericError when the engine has no human monitor
   *
   * Since: 0.1
   *
   * Feature `savevm-monitor-nodes`: savevm saves only the nodes that a guest device uses
   *
   * @returns what the human monitor printed; that includes its errors
   */
  'human-monitor-command': { arguments: HumanMonitorCommandArguments; returns: string };
  /**
   * Describes all commands and events with their types.  Types have no names of their own there, but numbers that mean
   * something within one answer only.
   *
   * Since: 0.1
   *
   * @returns one entry for each command, event and type
   */
  'query-qmp-schema': { arguments: NoMembers; returns: SchemaInfo[] };
  /**
   * Lists the sessions, the asking one included.
   *
   * Since: 0.1
   *
   * @returns the sessions, oldest first
   */
  'query-sessions': { arguments: NoMembers; returns: SessionInfo[] };
  /**
   * Ends a session.  What it holds is released; what it has running goes on, and nobody gets the answer.  A session that
   * closes itself still gets the answer to this.
   *
   * Errors:
   * - GenericError when there is no such session
   *
   * Since: 0.1
   *
   * Example:
   *
   *     -> { "execute": "session-close", "arguments": { "id": "s12" } }
   *     <- { "return": {} }
   */
  'session-close': { arguments: SessionCloseArguments; returns: NoMembers };
  /**
   * Changes how the session that asks is served.
   *
   * Since: 0.1
   *
   * Example:
   *
   *     -> { "execute": "session-set", "arguments": { "timeout-ms": 5000 } }
   *     <- { "return": {} }
   */
  'session-set': { arguments: SessionSetArguments; returns: NoMembers };
  /**
   * Claims a descriptor that the session received and gives it a name.  The one that came with this command is taken,
   * else the oldest that is unclaimed.  A descriptor that has the name already is closed.
   *
   * Errors:
   * - GenericError when no descriptor waits, or for a name that begins with a digit
   *
   * Since: 0.1
   *
   * Example:
   *
   *     -> { "execute": "getfd", "arguments": { "fdname": "fd1" } }
   *     <- { "return": {} }
   */
  'getfd': { arguments: GetfdArguments; returns: NoMembers };
  /**
   * Claims a descriptor that the session received, as getfd does, for a name that exists already.  The one that had the name
   * is closed afterwards.
   *
   * Errors:
   * - GenericError when there is no descriptor of that name; the one that came with the command is closed then
   * - GenericError when no descriptor waits
   *
   * Since: 0.2
   *
   * Example:
   *
   *     -> { "execute": "setfd", "arguments": { "fdname": "fd1" } }
   *     <- { "return": {} }
   */
  'setfd': { arguments: SetfdArguments; returns: NoMembers };
  /**
   * Closes a descriptor of the session that was named by getfd.
   *
   * Errors:
   * - GenericError when the session has none of that name
   *
   * Since: 0.1
   */
  'closefd': { arguments: ClosefdArguments; returns: NoMembers };
  /**
   * Claims a descriptor that the session received, as getfd does, and puts it into a set, whose members can be opened as
   * /dev/fdset/ID wherever a file name is wanted.
   *
   * Errors:
   * - GenericError when no descriptor waits, or for a negative `fdset-id`
   *
   * Since: 0.1
   *
   * @returns the set and the descriptor's number
   */
  'add-fd': { arguments: AddFdArguments; returns: AddfdInfo };
  /**
   * Takes one descriptor out of a set, or all of them.
   *
   * Errors:
   * - GenericError when there is no such set, or no such descriptor in it
   *
   * Since: 0.1
   */
  'remove-fd': { arguments: RemoveFdArguments; returns: NoMembers };
  /**
   * Lists the sets of descriptors.
   *
   * Since: 0.1
   *
   * @returns the sets, highest number first
   */
  'query-fdsets': { arguments: NoMembers; returns: FdsetInfo[] };
  /**
   * Lists the descriptors that sessions hold, and those that left them for declarations.
   *
   * Errors:
   * - GenericError when there is no such session
   *
   * Since: 0.1
   *
   * @returns the descriptors of each session, those that wait in the order of the queue; then those in sets, and those
   * that are declared
   */
  'query-fds': { arguments: QueryFdsArguments; returns: FdInfo[] };
  /**
   * Tells whether the machine runs.  Without a machine it is in state prelaunch, as QEMU's is before it is initialized;
   * query-machine tells the two apart.
   *
   * Since: 0.1
   *
   * @returns the run state
   */
  'query-status': { arguments: NoMembers; returns: StatusInfo };
  /**
   * Stops the machine's CPUs.  A machine that is stopped stays as it is.
   *
   * Since: 0.1
   */
  'stop': { arguments: NoMembers; returns: NoMembers };
  /**
   * Starts or continues the machine.
   *
   * Errors:
   * - GenericError when the present run state has no way back, or a drive refuses
   *
   * Since: 0.1
   */
  'cont': { arguments: NoMembers; returns: NoMembers };
  /**
   * Resets the machine, as its reset button would.
   *
   * Since: 0.1
   */
  'system_reset': { arguments: NoMembers; returns: NoMembers };
  /**
   * Presses the machine's power button.  What comes of it is the guest's decision.
   *
   * Since: 0.1
   */
  'system_powerdown': { arguments: NoMembers; returns: NoMembers };
  /**
   * Sets what happens at the four ways in which a guest can come to an end.  What is left out stays as it is.
   *
   * Since: 0.1
   */
  'set-action': { arguments: SetActionArguments; returns: NoMembers };
  /**
   * Creates the machine from what was declared.  It is stopped afterwards, in run state prelaunch, or starts by itself if
   * the configuration says so.
   *
   * Errors:
   * - GenericError, with the engine's own words, when the machine cannot be created; then there is none, and the
   *   configuration is kept
   *
   * Since: 0.1
   *
   * @experimental the name is QEMU's, who may rename it
   */
  'x-exit-preconfig': { arguments: NoMembers; returns: NoMembers };
  /**
   * Ends the machine at once and returns to phase blank, with the configuration kept.  Sessions and character devices of
   * qmpd stay.
   *
   * Errors:
   * - GenericError when there is no machine
   *
   * Since: 0.1
   *
   * Example:
   *
   *     -> { "execute": "machine-destroy" }
   *     <- { "event": "PHASE_CHANGED", "data": { "from": "created", "to": "ending" },
   *          "timestamp": { "seconds": 1700000000, "microseconds": 0 } }
   *     <- { "event": "PHASE_CHANGED", "data": { "from": "ending", "to": "blank" },
   *          "timestamp": { "seconds": 1700000000, "microseconds": 4000 } }
   *     <- { "return": {} }
   */
  'machine-destroy': { arguments: NoMembers; returns: NoMembers };
  /**
   * Tells what there is of the machine.  It is answered without asking the engine, so also when the engine hangs.
   *
   * Since: 0.1
   *
   * @returns the machine
   */
  'query-machine': { arguments: NoMembers; returns: MachineInstance };
  /**
   * Tells the machine's name.
   *
   * Since: 0.1
   *
   * @returns the name
   */
  'query-name': { arguments: NoMembers; returns: NameInfo };
  /**
   * Tells the machine's UUID.
   *
   * Since: 0.1
   *
   * @returns the UUID
   */
  'query-uuid': { arguments: NoMembers; returns: UuidInfo };
  /**
   * Lists the machine types of the engine that is, or would be, in use.
   *
   * Since: 0.1
   *
   * @returns the machine types
   */
  'query-machines': { arguments: QueryMachinesArguments; returns: MachineInfo[] };
  /**
   * Lists the CPUs without disturbing them.
   *
   * Since: 0.1
   *
   * @returns the CPUs
   */
  'query-cpus-fast': { arguments: NoMembers; returns: CpuInfoFast[] };
  /**
   * Writes a part of memory, as a CPU sees it, to a file.
   *
   * Errors:
   * - GenericError when the file cannot be written, there is no such CPU, or an address is not mapped
   *
   * Since: 0.1
   */
  'memsave': { arguments: MemsaveArguments; returns: NoMembers };
  /**
   * Writes a part of physical memory to a file.
   *
   * Errors:
   * - GenericError when the file cannot be written
   *
   * Since: 0.1
   */
  'pmemsave': { arguments: PmemsaveArguments; returns: NoMembers };
  /**
   * Tells how much memory the machine has.
   *
   * Since: 0.1
   *
   * @returns the amounts
   */
  'query-memory-size-summary': { arguments: NoMembers; returns: MemoryInfo };
  /**
   * Lists the drives.
   *
   * Since: 0.1
   *
   * @returns the drives
   */
  'query-block': { arguments: NoMembers; returns: BlockInfo[] };
  /**
   * Lists the block nodes.
   *
   * Since: 0.1
   *
   * @returns the nodes
   */
  'query-named-block-nodes': { arguments: QueryNamedBlockNodesArguments; returns: BlockDeviceInfo[] };
  /**
   * Makes a block node.
   *
   * Errors:
   * - GenericError when the name is taken, or the image cannot be opened
   *
   * Since: 0.1
   *
   * Example:
   *
   *     -> { "execute": "blockdev-add",
   *          "arguments": { "driver": "raw", "node-name": "disk0",
   *                         "file": { "driver": "file", "filename": "/var/lib/vm/disk.img" } } }
   *     <- { "return": {} }
   */
  'blockdev-add': { arguments: BlockdevOptions; returns: NoMembers };
  /**
   * Deletes a block node that blockdev-add made.
   *
   * Errors:
   * - GenericError when there is none, or something uses it
   *
   * Since: 0.1
   */
  'blockdev-del': { arguments: BlockdevDelArguments; returns: NoMembers };
  /**
   * Sets options of the machine.  If one of them is not valid, none is set.
   *
   * Errors:
   * - GenericError when an option is not valid for the engine
   *
   * Since: 0.1
   *
   * Example:
   *
   *     -> { "execute": "machine-set",
   *          "arguments": { "name": "vm1", "memory": { "size": 536870912 }, "serial": [ "s0" ] } }
   *     <- { "return": [ { "option": "name", "result": "recorded" },
   *                      { "option": "memory", "result": "recorded" },
   *                      { "option": "serial", "result": "recorded" } ] }
   *
   * @returns what became of each option, in the order of the arguments
   */
  'machine-set': { arguments: MachineSetArguments; returns: MachineOptionResult[] };
  /**
   * Returns options to their defaults.
   *
   * Since: 0.1
   *
   * @returns what became of each option, in the order of `options`
   */
  'machine-unset': { arguments: MachineUnsetArguments; returns: MachineOptionResult[] };
  /**
   * Lists the options of the machine, with their values and how they can change.
   *
   * Since: 0.1
   *
   * @returns the options
   */
  'query-machine-options': { arguments: QueryMachineOptionsArguments; returns: MachineOptionInfo[] };
  /**
   * Tells the commands that declare the machine anew: given to a server without a machine, followed by x-exit-preconfig,
   * they make the same one.  First come the credentials and lists that live in qmpd, then machine-set with all options,
   * what was declared by chardev-add, object-add, blockdev-add, netdev_add and device_add in its order, set-action, and
   * last the servers and monitors that were added.  What was added to a machine that exists already is part of it, unless
   * it named a descriptor; those that were named before have to be given anew.
   *
   * Errors:
   * - GenericError when the machine was not declared here
   *
   * Since: 0.1
   *
   * Example:
   *
   *     -> { "execute": "query-machine-config" }
   *     <- { "return": [ { "execute": "machine-set", "arguments": { "name": "vm1", "serial": [ "s0" ] } },
   *                      { "execute": "chardev-add",
   *                        "arguments": { "id": "s0", "backend": { "type": "null", "data": {} } } } ] }
   *
   * @returns the commands, in order
   */
  'query-machine-config': { arguments: QueryMachineConfigArguments; returns: MachineConfigCommand[] };
  /**
   * Ends the machine at once and creates it anew, with all changes that wait.  It runs afterwards if it ran before, or if
   * option autostart says so.  Sessions stay, and so do the character devices that qmpd has open; those that were QEMU's
   * are opened anew, and their peers see an end and a beginning.  What was added to the machine while it existed, by
   * commands that QEMU answered, is gone.
   *
   * Errors:
   * - GenericError, with the engine's own words, when the machine cannot be created; then there is none, and the
   *   configuration is kept
   *
   * Since: 0.1
   */
  'machine-restart': { arguments: NoMembers; returns: NoMembers };
  /**
   * Tells what waits for a reset or a restart of the machine; nothing while there is none.
   *
   * Since: 0.1
   *
   * @returns the changes
   */
  'query-pending': { arguments: NoMembers; returns: MachinePending };
  /**
   * Has resets restart the machine, as machine-restart does, when an option needs that: resets by the guest, by
   * system_reset, and by a user at a window or a monitor.  The event RESET comes first, then those of PHASE_CHANGED.  If
   * the machine cannot be created anew, there is none afterwards, and the last PHASE_CHANGED tells the reason.
   *
   * Since: 0.1
   */
  'apply-pending-on-reset': { arguments: ApplyPendingOnResetArguments; returns: NoMembers };
  /**
   * Lists the character devices.
   *
   * Since: 0.1
   *
   * @returns the character devices
   */
  'query-chardev': { arguments: NoMembers; returns: ChardevInfo[] };
  /**
   * Lists the kinds of character device that can be made.
   *
   * Since: 0.1
   *
   * @returns the kinds
   */
  'query-chardev-backends': { arguments: NoMembers; returns: ChardevBackendInfo[] };
  /**
   * Sends data to the machine through a ring buffer character device.
   *
   * Errors:
   * - GenericError when it is not a ring buffer, or `data` is not valid base64
   *
   * Since: 0.1
   */
  'ringbuf-write': { arguments: RingbufWriteArguments; returns: NoMembers };
  /**
   * Takes out of a ring buffer character device what the machine wrote to it.
   *
   * Errors:
   * - GenericError when it is not a ring buffer, or `size` is not positive
   *
   * Since: 0.1
   *
   * @returns the data
   */
  'ringbuf-read': { arguments: RingbufReadArguments; returns: string };
  /**
   * Lists the consoles that are open, with their viewers.
   *
   * Since: 0.1
   *
   * @returns the consoles
   */
  'query-consoles': { arguments: NoMembers; returns: ConsoleInfo[] };
  /**
   * Tells the size of the terminal that a console is shown on.  With several viewers, the size told last counts.
   *
   * Errors:
   * - GenericError when there is no such console, or it is not open
   *
   * Since: 0.1
   */
  'console-resize': { arguments: ConsoleResizeArguments; returns: NoMembers };
  /**
   * Makes a character device.
   *
   * Errors:
   * - GenericError when the id is taken, or the device cannot be made
   *
   * Since: 0.1
   *
   * Example:
   *
   *     -> { "execute": "chardev-add",
   *          "arguments": { "id": "s0", "backend": { "type": "ringbuf", "data": { "size": 4096 } } } }
   *     <- { "return": {} }
   *
   * @returns what is to be known about it
   */
  'chardev-add': { arguments: ChardevAddArguments; returns: ChardevReturn };
  /**
   * Makes a character device into another, under its user's feet.  If that fails, it stays what it was.
   *
   * Errors:
   * - GenericError when there is none, the new one cannot be made, or its user cannot bear it
   *
   * Since: 0.1
   *
   * @returns what is to be known about it
   */
  'chardev-change': { arguments: ChardevChangeArguments; returns: ChardevReturn };
  /**
   * Removes a character device that nothing uses.
   *
   * Errors:
   * - GenericError when there is none, or something uses it
   *
   * Since: 0.1
   */
  'chardev-remove': { arguments: ChardevRemoveArguments; returns: NoMembers };
  /**
   * Sends a break to the user of a character device.
   *
   * Errors:
   * - GenericError when there is none
   *
   * Since: 0.1
   */
  'chardev-send-break': { arguments: ChardevSendBreakArguments; returns: NoMembers };
  /**
   * Takes the medium out of a drive.
   *
   * Errors:
   * - DeviceNotFound when there is no such drive
   * - GenericError when the tray is locked, or the drive takes no media
   *
   * Since: 0.1
   */
  'eject': { arguments: EjectArguments; returns: NoMembers };
  /**
   * Opens the tray of a drive.  If the guest has locked it, the guest is asked, and the command ends without an open tray.
   *
   * Errors:
   * - DeviceNotFound when there is no such drive
   * - GenericError when it has no tray
   *
   * Since: 0.1
   */
  'blockdev-open-tray': { arguments: BlockdevOpenTrayArguments; returns: NoMembers };
  /**
   * Closes the tray of a drive.
   *
   * Errors:
   * - DeviceNotFound when there is no such drive
   * - GenericError when it has no tray
   *
   * Since: 0.1
   */
  'blockdev-close-tray': { arguments: BlockdevCloseTrayArguments; returns: NoMembers };
  /**
   * Takes the medium out of a drive whose tray is open, or that has none.
   *
   * Errors:
   * - DeviceNotFound when there is no such drive
   * - GenericError when the tray is closed, or the drive takes no media
   *
   * Since: 0.1
   */
  'blockdev-remove-medium': { arguments: BlockdevRemoveMediumArguments; returns: NoMembers };
  /**
   * Puts a block node into a drive that is empty, and whose tray is open or that has none.
   *
   * Errors:
   * - DeviceNotFound when there is no such drive
   * - GenericError when it is not empty, or there is no such node
   *
   * Since: 0.1
   */
  'blockdev-insert-medium': { arguments: BlockdevInsertMediumArguments; returns: NoMembers };
  /**
   * Opens the tray, puts another medium in, and closes the tray.
   *
   * Errors:
   * - DeviceNotFound when there is no such drive
   * - GenericError when the tray is locked, or the image cannot be opened
   *
   * Since: 0.1
   */
  'blockdev-change-medium': { arguments: BlockdevChangeMediumArguments; returns: NoMembers };
  /**
   * Adds a device: declares it while there is no machine, plugs it in when there is one.
   *
   * Errors:
   * - GenericError when the model, a property or the bus does not exist
   *
   * Since: 0.1
   */
  'device_add': { arguments: DeviceAddArguments; returns: NoMembers };
  /**
   * Takes back the declaration of a device, or asks the guest to let go of one that is plugged in.
   *
   * Errors:
   * - DeviceNotFound when there is none of that name
   *
   * Since: 0.1
   */
  'device_del': { arguments: DeviceDelArguments; returns: NoMembers };
  /**
   * Adds a network backend: declares it while there is no machine, makes it when there is one.
   *
   * Errors:
   * - GenericError when the engine has no such backend
   *
   * Since: 0.1
   */
  'netdev_add': { arguments: NetdevAddArguments; returns: NoMembers };
  /**
   * Removes a network backend, or takes back its declaration.
   *
   * Errors:
   * - DeviceNotFound when there is none of that name
   *
   * Since: 0.1
   */
  'netdev_del': { arguments: NetdevDelArguments; returns: NoMembers };
  /**
   * Writes what the machine's screen shows to a file.
   *
   * Errors:
   * - DeviceNotFound when there is no such graphics card
   * - GenericError when there is none at all, or the file cannot be written
   *
   * Since: 0.1
   */
  'screendump': { arguments: ScreendumpArguments; returns: NoMembers };
  /**
   * Presses keys, one after another, and lets them go.
   *
   * Errors:
   * - GenericError when a key is not known
   *
   * Since: 0.1
   *
   * Example:
   *
   *     -> { "execute": "send-key",
   *          "arguments": { "keys": [ { "type": "qcode", "data": "ctrl" },
   *                                   { "type": "qcode", "data": "alt" },
   *                                   { "type": "qcode", "data": "delete" } ] } }
   *     <- { "return": {} }
   */
  'send-key': { arguments: SendKeyArguments; returns: NoMembers };
  /**
   * Gives the machine input, all of it at once.
   *
   * Errors:
   * - DeviceNotFound when there is no such screen
   * - GenericError when the machine does not run or has nothing that takes such input
   *
   * Since: 0.1
   */
  'input-send-event': { arguments: InputSendEventArguments; returns: NoMembers };
  /**
   * Lists the properties of an object in the machine's object tree.
   *
   * Errors:
   * - DeviceNotFound when there is no such object
   *
   * Since: 0.1
   *
   * @returns the properties
   */
  'qom-list': { arguments: QomListArguments; returns: ObjectPropertyInfo[] };
  /**
   * Reads a property.
   *
   * Errors:
   * - DeviceNotFound when there is no such object
   * - GenericError when it has no such property
   *
   * Since: 0.1
   *
   * @returns its value
   */
  'qom-get': { arguments: QomGetArguments; returns: JsonValue };
  /**
   * Writes a property.  Properties of the machine itself that only count at its creation are refused once it is created;
   * machine-set tells more about them.
   *
   * Errors:
   * - DeviceNotFound when there is no such object
   * - GenericError when it has no such property, or the value does not fit
   *
   * Since: 0.1
   */
  'qom-set': { arguments: QomSetArguments; returns: NoMembers };
  /**
   * Lists types of object.
   *
   * Since: 0.1
   *
   * @returns the types
   */
  'qom-list-types': { arguments: QomListTypesArguments; returns: ObjectTypeInfo[] };
  /**
   * Makes an object.  What it refers to may be declared later, as long as nothing needs it.
   *
   * Errors:
   * - GenericError when the id is taken, or the object cannot be made
   *
   * Since: 0.1
   *
   * Example:
   *
   *     -> { "execute": "object-add",
   *          "arguments": { "qom-type": "qmp-server", "id": "second",
   *                         "addr": { "type": "unix", "path": "/run/vm/second.qmp" } } }
   *     <- { "return": {} }
   */
  'object-add': { arguments: ObjectOptions; returns: NoMembers };
  /**
   * Deletes an object that object-add made.
   *
   * Errors:
   * - GenericError when there is none, or something uses it
   *
   * Since: 0.1
   */
  'object-del': { arguments: ObjectDelArguments; returns: NoMembers };
  /**
   * Cuts the named connections, so that what hangs on them fails instead.  It works out of band, also while the machine's
   * own monitor is stuck.
   *
   * Errors:
   * - DeviceNotFound when one of them is not there; then none is cut
   *
   * Since: 0.1
   */
  'yank': { arguments: YankArguments; returns: NoMembers };
  /**
   * Lists what can be yanked.
   *
   * Since: 0.1
   *
   * @returns the things
   */
  'query-yank': { arguments: NoMembers; returns: YankInstance[] };
  /**
   * Pauses a migration that is in its postcopy part, by cutting its connection.
   *
   * Errors:
   * - GenericError when no migration is in that part
   *
   * Since: 0.1
   */
  'migrate-pause': { arguments: NoMembers; returns: NoMembers };
  /**
   * Gives the receiving side of a paused postcopy migration a new address to listen on.
   *
   * Errors:
   * - GenericError when no migration waits for it
   *
   * Since: 0.1
   */
  'migrate-recover': { arguments: MigrateRecoverArguments; returns: NoMembers };
  /**
   * Tells what the devices that QEMU has would put into a migration, as QEMU writes it with -dump-vmstate.  QEMU is started
   * for it and ends; a machine that runs is not asked, so that it need not be there.
   *
   * Errors:
   * - GenericError, with QEMU's own words, when it has no such machine type
   *
   * Since: 0.1
   *
   * @returns the description
   */
  'query-vmstate-description': { arguments: QueryVmstateDescriptionArguments; returns: VmstateDescription };
}

export type CommandName = keyof CommandMap;

/** The data of each event. */
export interface EventMap {
  /**
   * A client has connected.  With many clients at once, the events of a second beyond the first few are left out.
   *
   * Since: 0.1
   */
  'SESSION_OPENED': SessionOpenedData;
  /**
   * A session has ended.
   *
   * Since: 0.1
   */
  'SESSION_CLOSED': SessionClosedData;
  /**
   * The machine is about to end.
   *
   * Since: 0.1
   */
  'SHUTDOWN': ShutdownData;
  /**
   * The power button was pressed.
   *
   * Since: 0.1
   */
  'POWERDOWN': NoMembers;
  /**
   * The machine was reset.
   *
   * Since: 0.1
   */
  'RESET': ResetData;
  /**
   * The machine was stopped.
   *
   * Since: 0.1
   */
  'STOP': NoMembers;
  /**
   * The machine was started or continued.
   *
   * Since: 0.1
   */
  'RESUME': NoMembers;
  /**
   * The guest's system panicked.
   *
   * Since: 0.1
   */
  'GUEST_PANICKED': GuestPanickedData;
  /**
   * The machine went from one phase to the next.
   *
   * Since: 0.1
   */
  'PHASE_CHANGED': PhaseChangedData;
  /**
   * An option was set or unset.
   *
   * Since: 0.1
   */
  'MACHINE_OPTION_CHANGED': MachineOptionChangedData;
  /**
   * Emitted when a console is shown on a terminal of another size.  Whoever looks after the guest can have it adapt; no
   * device of QEMU's or of the embedded engine tells the guest.  At most one a second for each console is sent, and always
   * the last.
   *
   * Since: 0.1
   */
  'CONSOLE_RESIZED': ConsoleResizedData;
  /**
   * The guest opened or closed a port of a virtio serial device.
   *
   * Since: 0.1
   */
  'VSERPORT_CHANGE': VserportChangeData;
  /**
   * The tray of a drive was opened or closed.
   *
   * Since: 0.1
   */
  'DEVICE_TRAY_MOVED': DeviceTrayMovedData;
  /**
   * A request to a drive failed.
   *
   * Since: 0.1
   */
  'BLOCK_IO_ERROR': BlockIoErrorData;
}

export type EventName = keyof EventMap;

// The phases of the machine (docs/design.md). `blank`: nothing created, the configuration is being declared;
// `creating` and `ending` are the ways between; `created`: the engine runs it, with QEMU's own run states.

export type Phase = 'blank' | 'creating' | 'created' | 'ending';

/** QEMU's RunState values that qmpd itself can report (QEMU: qapi/run-state.json). */
export type RunState =
  | 'prelaunch'
  | 'running'
  | 'paused'
  | 'shutdown'
  | 'internal-error'
  | 'io-error'
  | 'guest-panicked'
  | 'watchdog'
  | 'inmigrate'
  | 'postmigrate'
  | 'finish-migrate'
  | 'save-vm'
  | 'restore-vm'
  | 'suspended'
  | 'debug'
  | 'colo';

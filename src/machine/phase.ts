// The phases of the machine and QEMU's run states, as the schema has them. `blank`: nothing created, the configuration
// is being declared; `creating` and `ending` are the ways between; `created`: the engine runs it.

export type { MachinePhase as Phase, RunState } from '../schema/index.ts';

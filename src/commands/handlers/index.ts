// All commands that qmpd answers itself, by name.

import type { CommandDefinition } from '../context.ts';
import { blockCommands } from './block.ts';
import { charCommands } from './char.ts';
import { controlCommands } from './control.ts';
import { deviceCommands } from './devices.ts';
import { driveCommands } from './drives.ts';
import { fdCommands } from './fds.ts';
import { introspectCommands } from './introspect.ts';
import { lifecycleCommands } from './lifecycle.ts';
import { machineCommands } from './machine.ts';
import { machineConfigCommands } from './machine-config.ts';
import { machineRestartCommands } from './machine-restart.ts';
import { machineSetCommands } from './machine-set.ts';
import { migrationCommands } from './migration.ts';
import { qomCommands } from './qom.ts';
import { runStateCommands } from './run-state.ts';
import { sessionCommands } from './sessions.ts';
import { uiCommands } from './ui.ts';
import { yankCommands } from './yank.ts';

/** One list for each module of qapi/, from the file of its name. */
export const commands: ReadonlyMap<string, CommandDefinition> = new Map(
  [
    ...controlCommands,
    ...introspectCommands,
    ...lifecycleCommands,
    ...runStateCommands,
    ...machineCommands,
    ...machineSetCommands,
    ...machineConfigCommands,
    ...machineRestartCommands,
    ...sessionCommands,
    ...fdCommands,
    ...charCommands,
    ...blockCommands,
    ...driveCommands,
    ...deviceCommands,
    ...uiCommands,
    ...migrationCommands,
    ...qomCommands,
    ...yankCommands,
  ].map((command) => [command.name, command]),
);

// All commands that qmpd answers itself, by name.

import type { CommandDefinition } from '../../qmp/command.ts';
import type { CommandContext } from '../context.ts';
import { blockCommands } from './block.ts';
import { charCommands } from './char.ts';
import { controlCommands } from './control.ts';
import { deviceCommands } from './devices.ts';
import { fdCommands } from './fds.ts';
import { machineConfigCommands } from './machine-config.ts';
import { machineInfoCommands } from './machine-info.ts';
import { machineOptionCommands } from './machine-options.ts';
import { machineRestartCommands } from './machine-restart.ts';
import { memoryCommands } from './memory.ts';
import { migrationCommands } from './migration.ts';
import { objectCommands } from './objects.ts';
import { qomCommands } from './qom.ts';
import { runStateCommands } from './run-state.ts';
import { sessionCommands } from './sessions.ts';
import { uiCommands } from './ui.ts';
import { yankCommands } from './yank.ts';

export const commands: ReadonlyMap<string, CommandDefinition<CommandContext>> = new Map(
  [
    ...controlCommands,
    ...runStateCommands,
    ...machineInfoCommands,
    ...machineOptionCommands,
    ...machineConfigCommands,
    ...machineRestartCommands,
    ...sessionCommands,
    ...fdCommands,
    ...charCommands,
    ...blockCommands,
    ...deviceCommands,
    ...uiCommands,
    ...memoryCommands,
    ...migrationCommands,
    ...objectCommands,
    ...qomCommands,
    ...yankCommands,
  ].map((command) => [command.name, command]),
);

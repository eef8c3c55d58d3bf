// The commands that only QEMU has, of all releases that are known, one file for each of its schema modules.

import { acceleratorCommands } from './accelerator.ts';
import { acpiCommands } from './acpi.ts';
import { acpiHestCommands } from './acpi-hest.ts';
import { audioCommands } from './audio.ts';
import { blockCommands } from './block.ts';
import { blockCoreCommands } from './block-core.ts';
import { blockExportCommands } from './block-export.ts';
import { cryptodevCommands } from './cryptodev.ts';
import { cxlCommands } from './cxl.ts';
import { dumpCommands } from './dump.ts';
import { ebpfCommands } from './ebpf.ts';
import { jobCommands } from './job.ts';
import { machineCommands } from './machine.ts';
import { machineS390xCommands } from './machine-s390x.ts';
import { migrationCommands } from './migration.ts';
import { miscCommands } from './misc.ts';
import { miscArmCommands } from './misc-arm.ts';
import { miscI386Commands } from './misc-i386.ts';
import { netCommands } from './net.ts';
import { pciCommands } from './pci.ts';
import { qdevCommands } from './qdev.ts';
import type { QemuCommand } from './qemu-command.ts';
import { qomCommands } from './qom.ts';
import { replayCommands } from './replay.ts';
import { rockerCommands } from './rocker.ts';
import { runStateCommands } from './run-state.ts';
import { statsCommands } from './stats.ts';
import { tpmCommands } from './tpm.ts';
import { traceCommands } from './trace.ts';
import { transactionCommands } from './transaction.ts';
import { uiCommands } from './ui.ts';
import { virtioCommands } from './virtio.ts';

export const qemuCommands: readonly QemuCommand[] = [
  ...acceleratorCommands,
  ...acpiCommands,
  ...acpiHestCommands,
  ...audioCommands,
  ...blockCommands,
  ...blockCoreCommands,
  ...blockExportCommands,
  ...cryptodevCommands,
  ...cxlCommands,
  ...dumpCommands,
  ...ebpfCommands,
  ...jobCommands,
  ...machineCommands,
  ...machineS390xCommands,
  ...migrationCommands,
  ...miscCommands,
  ...miscArmCommands,
  ...miscI386Commands,
  ...netCommands,
  ...pciCommands,
  ...qdevCommands,
  ...qomCommands,
  ...replayCommands,
  ...rockerCommands,
  ...runStateCommands,
  ...statsCommands,
  ...tpmCommands,
  ...traceCommands,
  ...transactionCommands,
  ...uiCommands,
  ...virtioCommands,
];

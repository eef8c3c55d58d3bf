// Catches every way in which a guest resets the machine, and resets what v86 leaves as it is.
//
// A guest's reset (port 0xCF9, keyboard controller) becomes a CPU that stands still with interrupts off, until the
// machine decides what a reset means (QEMU: `-action reboot=`). The reset itself brings a directly booted kernel and
// its command line back into memory, which v86 does not, and returns UARTs and the ACPI block to their first state.
//
// Touches: cpu.reboot_internal, cpu.in_hlt, cpu.flags, cpu.write_blob, cpu.mem8, and the register fields of the UARTs
// and of the ACPI block.

import type { Acpi, Cpu, Uart } from '../v86.ts';

const interruptFlag = 0x200;
/** Where v86 puts a kernel: its real-mode part with the command line, and the rest up to the end of the image. */
const realModePart = { start: 0x80000, end: 0x90000 };
const kernelStart = 0x100000;
const initrdStart = 0x4000000;

/** Stops the CPU where it is: a HLT with interrupts off. Safe inside an I/O write. */
export function parkCpu(cpu: Cpu): void {
  cpu.flags[0] = (cpu.flags[0] ?? 0) & ~interruptFlag;
  cpu.in_hlt[0] = 1;
}

export class Resetter {
  readonly #cpu: Cpu;
  readonly #reboot: () => void;
  readonly #images: { readonly address: number; readonly bytes: Uint8Array }[] = [];

  /** Must be made before the guest runs: it keeps the images that v86 has placed in memory. */
  constructor(cpu: Cpu, images: { kernelBytes: number; initrdBytes: number }, asked: () => void) {
    this.#cpu = cpu;
    this.#reboot = cpu.reboot_internal.bind(cpu);
    if (images.kernelBytes > 0) {
      this.#keep(realModePart.start, realModePart.end);
      this.#keep(kernelStart, kernelStart + images.kernelBytes);
    }
    if (images.initrdBytes > 0) this.#keep(initrdStart, initrdStart + images.initrdBytes);
    cpu.reboot_internal = () => {
      parkCpu(cpu);
      asked();
    };
  }

  /** Only between slices of guest time. */
  reset(): void {
    for (const { address, bytes } of this.#images) this.#cpu.write_blob(bytes, address);
    const { uart0, uart1, uart2, uart3, acpi } = this.#cpu.devices;
    for (const uart of [uart0, uart1, uart2, uart3]) if (uart) resetUart(uart);
    resetAcpi(acpi);
    this.#reboot();
  }

  #keep(start: number, end: number): void {
    this.#images.push({ address: start, bytes: this.#cpu.mem8.slice(start, end) });
  }
}

function resetUart(uart: Uart): void {
  const transmitterEmpty = 0x60;
  const transmitInterrupt = 2;
  uart.line_control = 0;
  uart.fifo_control = 0;
  uart.modem_control = 0;
  uart.ier = 0;
  uart.lsr = transmitterEmpty;
  uart.ints = 1 << transmitInterrupt;
  uart.CheckInterrupt();
}

function resetAcpi(acpi: Acpi): void {
  acpi.pm1_status = 0;
  acpi.pm1_enable = 0;
  acpi.status = 1;
  acpi.gpe.fill(0);
}

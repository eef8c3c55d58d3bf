// Makes v86's PIIX4 power management usable (QEMU: hw/acpi/piix4.c, hw/acpi/core.c).
//
// As shipped, status bits of the general purpose events cannot be cleared by writing 1, and the PCI hot plug registers
// read as all ones: Linux then "ejects" every PCI device. There is no power button and no way to see a power-off.
//
// Touches: io.register_read and io.register_write for ports 0xae00-0xae13, 0xaf00-0xaf1f, 0xafe0-0xafe3 and
// 0xb000-0xb005; devices.acpi.timer, .get_timer, .last_timer, .pm1_status, .pm1_enable, .status, .gpe;
// cpu.device_raise_irq, cpu.device_lower_irq.

import type { Acpi, Cpu } from '../v86.ts';

const statusPort = 0xb000;
const enablePort = 0xb002;
const controlPort = 0xb004;
const eventPort = 0xafe0;
const pciHotplug = { first: 0xae00, last: 0xae13 };
const cpuHotplug = { first: 0xaf00, last: 0xaf1f };

const sciLine = 9;
const timerBit = 0x001;
const globalLockBit = 0x020;
const powerButtonBit = 0x100;
const rtcBit = 0x400;
const sleepEnable = 0x2000;
const timerTopBit = 1 << 23;
/** Milliseconds until the timer must be looked at again, as in v86. */
const timerPeriodMs = 100;

export class PowerManagement {
  readonly #cpu: Cpu;
  readonly #acpi: Acpi;

  /** `powerOff` is called inside the guest's write to the control register. */
  constructor(cpu: Cpu, powerOff: () => void) {
    this.#cpu = cpu;
    this.#acpi = cpu.devices.acpi;
    this.#quietHotplug();
    this.#generalEvents();
    this.#status();
    this.#control(powerOff);
    this.#timer();
  }

  pressButton(): void {
    this.#acpi.pm1_status |= powerButtonBit;
    this.#update();
  }

  /** Raises or lowers the system control interrupt as status and enable bits say. */
  #update(): void {
    const acpi = this.#acpi;
    const fixed = timerBit | globalLockBit | powerButtonBit | rtcBit;
    const [status0 = 0, status1 = 0, enable0 = 0, enable1 = 0] = acpi.gpe;
    const wanted = (acpi.pm1_status & acpi.pm1_enable & fixed) | (status0 & enable0) | (status1 & enable1);
    if (wanted !== 0) this.#cpu.device_raise_irq(sciLine);
    else this.#cpu.device_lower_irq(sciLine);
  }

  #quietHotplug(): void {
    const { io } = this.#cpu;
    const zero = (): number => 0;
    const ignore = (): void => {};
    for (let port = pciHotplug.first; port <= pciHotplug.last; port++) {
      io.register_read(port, this.#acpi, zero, zero, zero);
      io.register_write(port, this.#acpi, ignore, ignore, ignore);
    }
    // One bit for each CPU that is there: only the first.
    for (let port = cpuHotplug.first; port <= cpuHotplug.last; port++) {
      const present = port === cpuHotplug.first ? 1 : 0;
      io.register_read(port, this.#acpi, () => present, zero, zero);
    }
  }

  #generalEvents(): void {
    const { gpe } = this.#acpi;
    gpe.fill(0);
    for (const index of [0, 1]) {
      this.#cpu.io.register_write(eventPort + index, this.#acpi, (value) => {
        gpe[index] = (gpe[index] ?? 0) & ~value;
        this.#update();
      });
    }
    for (const index of [2, 3]) {
      this.#cpu.io.register_write(eventPort + index, this.#acpi, (value) => {
        gpe[index] = value;
        this.#update();
      });
    }
  }

  /** Status and enable: 16 bits each, readable and writable by halves; a 1 clears a status bit. */
  #status(): void {
    const acpi = this.#acpi;
    const { io } = this.#cpu;
    const clear = (bits: number): void => {
      acpi.pm1_status &= ~bits;
      this.#update();
    };
    const enable = (bits: number): void => {
      acpi.pm1_enable = bits & 0xffff;
      this.#update();
    };
    const low = (value: number): number => value & 0xff;
    const high = (value: number): number => (value >> 8) & 0xff;
    io.register_read(
      statusPort,
      acpi,
      () => low(acpi.pm1_status),
      () => acpi.pm1_status,
    );
    io.register_read(statusPort + 1, acpi, () => high(acpi.pm1_status));
    io.register_write(statusPort, acpi, clear, clear);
    io.register_write(statusPort + 1, acpi, (value) => clear(value << 8));
    io.register_read(
      enablePort,
      acpi,
      () => low(acpi.pm1_enable),
      () => acpi.pm1_enable,
    );
    io.register_read(enablePort + 1, acpi, () => high(acpi.pm1_enable));
    io.register_write(enablePort, acpi, (value) => enable((acpi.pm1_enable & 0xff00) | value), enable);
    io.register_write(enablePort + 1, acpi, (value) => enable((acpi.pm1_enable & 0xff) | (value << 8)));
  }

  /** Any sleep is a power-off: SeaBIOS's tables declare S3 and S4 too, which v86 cannot do. */
  #control(powerOff: () => void): void {
    this.#cpu.io.register_write(controlPort, this.#acpi, undefined, (value) => {
      this.#acpi.status = value & ~sleepEnable;
      if ((value & sleepEnable) !== 0) powerOff();
    });
  }

  #timer(): void {
    const acpi = this.#acpi;
    acpi.timer = (now) => {
      const value = acpi.get_timer(now);
      if (((value ^ acpi.last_timer) & timerTopBit) !== 0) acpi.pm1_status |= timerBit;
      acpi.last_timer = value;
      this.#update();
      return timerPeriodMs;
    };
  }
}

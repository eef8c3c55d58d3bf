// One serial port between its UART and the main thread: bytes in batches, in both directions with a limit.
//
// A UART has no way to refuse a byte, but it says when it can take one: while the main thread has not got rid of a
// full window of output, the transmitter stays "not empty" and no transmit interrupt comes, so that the guest waits.
// Input is given to the UART as its FIFO empties. Breaks, and the modem lines in loop-back (without which Linux does
// not find COM4), are missing in v86.
//
// Touches: devices.uartN.write_data, .data_received, .input, .lsr, .fifo_control, .modem_control, .modem_status,
// .line_control, .baud_rate, .ThrowInterrupt; io.ports for the data and line control ports; io.register_read for the
// data, line status and modem status ports; io.register_write for the line control port.

import type { SerialLine } from '../../../../machine/chardev.ts';
import { serialOutputWindowBytes } from '../messages.ts';
import type { Cpu, Uart } from '../v86.ts';

const firstPorts = [0x3f8, 0x2f8, 0x3e8, 0x2e8];
const lineControl = 3;
const lineStatus = 5;
const modemStatus = 6;

const dataReady = 0x01;
const breakBit = 0x10;
const errorBits = 0x1e;
const transmitterBits = 0x60;
const divisorLatch = 0x80;
const loopback = 0x10;
const transmitInterrupt = 2;
/** Carrier, data set ready and clear to send: what QEMU's ports show without a real line behind them. */
const lineUp = 0xb0;

/** Bytes given to the UART at a time: the depth of a 16550's FIFO. */
const fifoBytes = 16;
/** What a guest that does not wait for the transmitter can still send before bytes are lost. */
const overrunBytes = 64;
/** The main thread is told of consumed input at least this often. */
const consumedBatchBytes = 512;

/** Bits of the line control register (QEMU: hw/char/serial.c, serial_update_parameters). */
const dataBits = [5, 6, 7, 8] as const;
const twoStopBits = 0x04;
const parityEnable = 0x08;
const parityEven = 0x10;
const sendingBreak = 0x40;
const baseSpeed = 115_200;

export interface SerialPortHooks {
  output(bytes: Uint8Array): void;
  /** Called after the output so far. */
  line(line: SerialLine): void;
  consumed(bytes: number): void;
}

export class SerialPort {
  readonly #firstPort: number;
  readonly #hooks: SerialPortHooks;
  #uart: Uart;
  /** Output of this turn of the event loop. */
  #batch: number[] = [];
  /** Output that the main thread has not got rid of, the batch included. */
  #inFlightBytes = 0;
  #input: (Uint8Array | 'break')[] = [];
  #inputOffset = 0;
  #consumedBytes = 0;
  /** What the main thread was told last. */
  #line: SerialLine | undefined;

  constructor(index: number, cpu: Cpu, uart: Uart, hooks: SerialPortHooks) {
    this.#firstPort = firstPorts[index] ?? 0;
    this.#hooks = hooks;
    this.#uart = uart;
    this.connect(cpu, uart);
  }

  /** Goes on with the UART of an emulator that was built anew; what is on its way is still counted. */
  connect(cpu: Cpu, uart: Uart): void {
    this.#uart = uart;
    this.#interceptOutput();
    this.#interceptInput(cpu, this.#firstPort);
    this.#interceptLineControl(cpu);
    this.reset();
  }

  receive(bytes: Uint8Array): void {
    this.#input.push(bytes);
    if (this.#uart.input.length === 0) this.#feed();
  }

  receiveBreak(): void {
    this.#input.push('break');
    if (this.#uart.input.length === 0) this.#feed();
  }

  /** The main thread has got rid of output: the guest may go on. */
  taken(bytes: number): void {
    const held = this.#inFlightBytes >= serialOutputWindowBytes;
    this.#inFlightBytes -= bytes;
    if (!held || this.#inFlightBytes >= serialOutputWindowBytes) return;
    this.#uart.lsr |= transmitterBits;
    this.#uart.ThrowInterrupt(transmitInterrupt);
  }

  /** After the UART's registers were reset: what it holds is lost, the transmitter may still be held. */
  reset(): void {
    this.#dropInput();
    this.#uart.modem_status = lineUp;
    if (this.#inFlightBytes >= serialOutputWindowBytes) this.#uart.lsr &= ~transmitterBits;
  }

  #interceptOutput(): void {
    const uart = this.#uart;
    const writeData = uart.write_data.bind(uart);
    uart.write_data = (byte) => {
      if ((uart.line_control & divisorLatch) !== 0 || (uart.modem_control & loopback) !== 0) {
        writeData(byte);
        return;
      }
      if (this.#inFlightBytes < serialOutputWindowBytes + overrunBytes) this.#send(byte);
      if (this.#inFlightBytes < serialOutputWindowBytes) uart.ThrowInterrupt(transmitInterrupt);
      else uart.lsr &= ~transmitterBits;
    };
  }

  #send(byte: number): void {
    if (this.#batch.length === 0) queueMicrotask(() => this.#flush());
    this.#batch.push(byte);
    this.#inFlightBytes++;
  }

  /** Guests set the divisor first, and then the rest with the latch closed. */
  #interceptLineControl(cpu: Cpu): void {
    const uart = this.#uart;
    const port = this.#firstPort + lineControl;
    const write = cpu.io.ports[port]?.write8.bind(uart);
    cpu.io.register_write(port, uart, (byte) => {
      write?.(byte);
      const line = lineOf(uart);
      const isNew = this.#line === undefined || !isSame(this.#line, line);
      if ((byte & divisorLatch) !== 0 || line.speed === 0 || !isNew) return;
      this.#line = line;
      this.#flush();
      this.#hooks.line(line);
    });
  }

  #flush(): void {
    if (this.#batch.length === 0) return;
    const bytes = Uint8Array.from(this.#batch);
    this.#batch = [];
    this.#hooks.output(bytes);
  }

  #interceptInput(cpu: Cpu, firstPort: number): void {
    const uart = this.#uart;
    const handlers = cpu.io.ports[firstPort];
    const readData = handlers?.read8.bind(uart) ?? (() => 0xff);
    cpu.io.register_read(firstPort, uart, () => {
      const before = uart.input.length;
      const value = readData();
      if (uart.input.length < before) this.#feed();
      return value;
    });
    cpu.io.register_read(firstPort + lineStatus, uart, () => {
      const value = uart.lsr;
      uart.lsr &= ~errorBits;
      return value;
    });
    const readModemStatus = cpu.io.ports[firstPort + modemStatus]?.read8.bind(uart) ?? (() => 0);
    cpu.io.register_read(firstPort + modemStatus, uart, () => {
      const control = uart.modem_control;
      if ((control & loopback) === 0) return readModemStatus();
      // RTS, DTR, OUT1 and OUT2 come back as CTS, DSR, RI and DCD.
      return ((control & 2) << 3) | ((control & 1) << 5) | ((control & 4) << 4) | ((control & 8) << 4);
    });
  }

  /** Called when the UART has nothing left, or after each byte that the guest read. */
  #feed(): void {
    const uart = this.#uart;
    if (uart.input.length > 0) return;
    const [first] = this.#input;
    if (first === 'break') {
      this.#input.shift();
      uart.lsr |= breakBit;
      uart.data_received(0);
    } else if (first !== undefined) {
      const end = Math.min(first.length, this.#inputOffset + fifoBytes);
      for (let i = this.#inputOffset; i < end; i++) uart.data_received(first[i] ?? 0);
      this.#consume(end - this.#inputOffset);
      this.#inputOffset = end;
      if (end === first.length) {
        this.#input.shift();
        this.#inputOffset = 0;
      }
    }
    if (this.#input.length === 0) this.#reportConsumed();
  }

  #consume(bytes: number): void {
    this.#consumedBytes += bytes;
    if (this.#consumedBytes >= consumedBatchBytes) this.#reportConsumed();
  }

  #reportConsumed(): void {
    if (this.#consumedBytes === 0) return;
    this.#hooks.consumed(this.#consumedBytes);
    this.#consumedBytes = 0;
  }

  #dropInput(): void {
    for (const item of this.#input) if (item !== 'break') this.#consumedBytes += item.length;
    this.#consumedBytes -= this.#inputOffset;
    this.#input = [];
    this.#inputOffset = 0;
    this.#uart.input.length = 0;
    this.#uart.lsr &= ~(dataReady | errorBits);
    this.#reportConsumed();
  }
}

function lineOf({ line_control: control, baud_rate: divisor }: Uart): SerialLine {
  const parity = (control & parityEnable) === 0 ? 'none' : (control & parityEven) === 0 ? 'odd' : 'even';
  return {
    speed: divisor === 0 ? 0 : Math.round(baseSpeed / divisor),
    dataBits: dataBits[control & 3] ?? 8,
    parity,
    stopBits: (control & twoStopBits) === 0 ? 1 : 2,
    breaking: (control & sendingBreak) !== 0,
  };
}

function isSame(one: SerialLine, other: SerialLine): boolean {
  return (
    one.speed === other.speed &&
    one.dataBits === other.dataBits &&
    one.parity === other.parity &&
    one.stopBits === other.stopBits &&
    one.breaking === other.breaking
  );
}

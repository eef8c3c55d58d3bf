// The part of v86 0.5.462 that this engine uses, typed by us: the package's own v86.d.ts leaves out almost all of it
// and needs the DOM. None of it is a public interface except V86Options and the V86 constructor, so the exact version
// is pinned and worker/self-test.ts looks for every member that is named here before a guest runs.

/** A view of the emulator's memory: v86 hands out proxies that survive a growing WebAssembly memory. */
export interface Cell {
  [index: number]: number;
}

export interface Bus {
  send(name: string, value?: unknown): void;
  register(name: string, listener: (value: unknown) => void, self: object): void;
}

/** Handlers of one I/O port, one for each access width. */
export interface PortHandlers {
  read8(): number;
  write8(value: number): void;
}

type Read = () => number;
type Write = (value: number) => void;

export interface Io {
  readonly ports: PortHandlers[];
  register_read(port: number, device: object, read8?: Read, read16?: Read, read32?: Read): void;
  register_write(port: number, device: object, write8?: Write, write16?: Write, write32?: Write): void;
}

export interface Uart {
  readonly input: number[];
  ints: number;
  lsr: number;
  ier: number;
  iir: number;
  line_control: number;
  /** The divisor of 115200. */
  readonly baud_rate: number;
  fifo_control: number;
  modem_control: number;
  modem_status: number;
  readonly irq: number;
  data_received(byte: number): void;
  write_data(byte: number): void;
  ThrowInterrupt(line: number): void;
  ClearInterrupt(line: number): void;
  CheckInterrupt(): void;
}

export interface Acpi {
  pm1_status: number;
  pm1_enable: number;
  status: number;
  last_timer: number;
  readonly gpe: Uint8Array;
  timer(now: number): number;
  get_timer(now: number): number;
}

export interface Rtc {
  rtc_time: number;
  last_update: number;
  cmos_write(index: number, value: number): void;
}

/** One drive on an IDE channel. The objects are sealed: methods can only be replaced on the prototype. */
export interface IdeInterface {
  buffer: DriveBuffer | null;
  readonly is_atapi: boolean;
  status_reg: number;
  error_reg: number;
  current_command: number;
  readonly channel: { dma_status: number };
  readonly in_progress_io_ids: Map<number, unknown>;
  push_irq(): void;
  eject(): void;
  set_cdrom(buffer: DriveBuffer): void;
  ata_command(command: number): void;
  atapi_handle(): void;
  atapi_check_condition_response(senseKey: number, additionalSense: number): void;
}

export interface IdeChannel {
  readonly master: IdeInterface;
  readonly slave: IdeInterface;
}

export interface FloppyDrive {
  read_only: boolean;
  insert_disk(buffer: DriveBuffer, readOnly: boolean): boolean;
  eject_disk(): void;
}

export interface FloppyController {
  readonly drives: readonly FloppyDrive[];
  end_read_write(status0: number, status1: number, status2: number): void;
}

export interface Vga {
  readonly graphical_mode: boolean;
  readonly svga_enabled: boolean;
  readonly screen_width: number;
  readonly screen_height: number;
  readonly image_data: ImagePixels | null;
  readonly layers: readonly VgaLayer[];
  readonly max_cols: number;
  readonly max_rows: number;
  readonly max_scan_line: number;
  readonly clocking_mode: number;
  readonly attribute_mode: number;
  readonly offset_register: number;
  readonly start_address: number;
  readonly cursor_address: number;
  readonly cursor_scanline_start: number;
  readonly cursor_scanline_end: number;
  readonly vga_memory: Uint8Array;
  readonly plane2: Uint8Array;
  readonly vga256_palette: Int32Array;
  readonly dac_map: Uint8Array;
  readonly dac_mask: number;
  complete_redraw(): void;
  complete_replot(): void;
  screen_fill_buffer(): void;
}

export interface ImagePixels {
  readonly data: Uint8ClampedArray;
  readonly width: number;
}

/** A rectangle of `image_data` and where it belongs on the screen. */
export interface VgaLayer {
  readonly image_data: ImagePixels;
  readonly screen_x: number;
  readonly screen_y: number;
  readonly buffer_x: number;
  readonly buffer_y: number;
  readonly buffer_width: number;
  readonly buffer_height: number;
}

export interface Ps2 {
  /** The guest's driver listens to the mouse. */
  readonly enable_mouse_stream: boolean;
  readonly kbd_buffer: { readonly length: number };
}

/** v86's NE2000; its ring of pages is between pstart and pstop. */
export interface Ne2000 {
  readonly mac: Uint8Array;
  readonly memory: Uint8Array;
  readonly cr: number;
  readonly boundary: number;
  readonly curpg: number;
  readonly pstart: number;
  readonly pstop: number;
}

export interface VirtioNet {
  mac: Uint8Array;
  readonly virtio: {
    readonly queues: readonly { readonly avail_addr: number; has_request(): boolean }[];
  };
}

export interface Devices {
  readonly net?: Ne2000;
  readonly virtio_net?: VirtioNet;
  readonly acpi: Acpi;
  readonly rtc: Rtc;
  readonly vga: Vga;
  readonly ps2: Ps2;
  readonly vmware: { host_pointer_locked: boolean };
  readonly uart0: Uart;
  readonly uart1?: Uart;
  readonly uart2?: Uart;
  readonly uart3?: Uart;
  readonly fdc: FloppyController;
  readonly ide: { readonly primary?: IdeChannel; readonly secondary: IdeChannel };
  readonly cdrom: IdeInterface;
}

export interface Cpu {
  readonly devices: Devices;
  readonly io: Io;
  readonly memory_size: Cell;
  readonly mem8: Uint8Array;
  readonly cr: Cell;
  readonly protected_mode: Cell;
  readonly idtr_size: Cell;
  readonly in_hlt: Cell;
  readonly flags: Cell;
  main_loop(): number;
  reset_cpu(): void;
  reboot_internal(): void;
  read8(address: number): number;
  write_blob(blob: Uint8Array, address: number): void;
  device_raise_irq(line: number): void;
  device_lower_irq(line: number): void;
}

/** What v86 calls "v86": the main loop around a CPU. */
export interface Loop {
  readonly cpu: Cpu;
  running: boolean;
  stopping: boolean;
  idle: boolean;
  do_tick(): void;
  next_tick(delayMs: number): void;
  yield(delayMs: number, tick: number): void;
  yield_callback(tick: number): void;
}

export interface Emulator {
  readonly v86: Loop;
  readonly bus: Bus;
  add_listener(event: string, listener: (value: unknown) => void): void;
}

/** The shape that v86 accepts for a drive's medium in place of its own buffers (src/buffer.js there). */
export interface DriveBuffer {
  readonly byteLength: number;
  onload: ((event: object) => void) | undefined;
  load(): void;
  get(start: number, length: number, done: (data: Uint8Array) => void): void;
  set(start: number, data: Uint8Array, done: () => void): void;
  get_and_cache(start: number, length: number, done: (data: Uint8Array) => void): void;
  get_from_cache(start: number, length: number): Uint8Array | undefined;
  get_buffer(done: (buffer: undefined) => void): void;
  get_state(): unknown[];
  set_state(state: unknown[]): void;
}

export interface V86Options {
  wasm_fn(imports: object): Promise<unknown>;
  memory_size: number;
  vga_memory_size: number;
  acpi: boolean;
  autostart: boolean;
  disable_speaker: boolean;
  disable_keyboard: boolean;
  disable_mouse: boolean;
  net_device: { type: string };
  uart1: boolean;
  uart2: boolean;
  uart3: boolean;
  boot_order: number;
  bios: { buffer: ArrayBuffer };
  vga_bios?: { buffer: ArrayBuffer };
  bzimage?: { buffer: ArrayBuffer };
  initrd?: { buffer: ArrayBuffer };
  cmdline?: string;
  hda?: DriveBuffer;
  hdb?: DriveBuffer;
  cdrom?: DriveBuffer;
  fda?: DriveBuffer;
  fdb?: DriveBuffer;
}

export type V86Constructor = new (options: V86Options) => Emulator;

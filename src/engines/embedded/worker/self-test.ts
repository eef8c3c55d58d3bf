// Looks for every internal of v86 that this engine touches, before a guest runs. None of them is a public interface:
// with another version of v86, or a build that renames properties, creation fails here with the name of what is
// missing, and not somewhere in the middle of a guest.

import type { Cpu, Emulator } from './v86.ts';

type Kind = 'function' | 'number' | 'boolean' | 'object';

const loopMembers: Readonly<Record<string, Kind>> = {
  running: 'boolean',
  stopping: 'boolean',
  idle: 'boolean',
  do_tick: 'function',
  next_tick: 'function',
  yield: 'function',
  yield_callback: 'function',
};

const cpuMembers: Readonly<Record<string, Kind>> = {
  devices: 'object',
  io: 'object',
  memory_size: 'object',
  mem8: 'object',
  cr: 'object',
  protected_mode: 'object',
  idtr_size: 'object',
  in_hlt: 'object',
  flags: 'object',
  main_loop: 'function',
  reset_cpu: 'function',
  reboot_internal: 'function',
  read8: 'function',
  write_blob: 'function',
  device_raise_irq: 'function',
  device_lower_irq: 'function',
};

const uartMembers: Readonly<Record<string, Kind>> = {
  input: 'object',
  ints: 'number',
  lsr: 'number',
  ier: 'number',
  line_control: 'number',
  fifo_control: 'number',
  modem_control: 'number',
  modem_status: 'number',
  data_received: 'function',
  write_data: 'function',
  ThrowInterrupt: 'function',
  CheckInterrupt: 'function',
};

const ideMembers: Readonly<Record<string, Kind>> = {
  buffer: 'object',
  is_atapi: 'boolean',
  status_reg: 'number',
  error_reg: 'number',
  current_command: 'number',
  channel: 'object',
  in_progress_io_ids: 'object',
  push_irq: 'function',
  eject: 'function',
  set_cdrom: 'function',
  ata_command: 'function',
  atapi_handle: 'function',
  atapi_check_condition_response: 'function',
};

const vgaMembers: Readonly<Record<string, Kind>> = {
  graphical_mode: 'boolean',
  svga_enabled: 'boolean',
  screen_width: 'number',
  screen_height: 'number',
  layers: 'object',
  max_cols: 'number',
  max_rows: 'number',
  max_scan_line: 'number',
  clocking_mode: 'number',
  attribute_mode: 'number',
  offset_register: 'number',
  start_address: 'number',
  cursor_address: 'number',
  cursor_scanline_start: 'number',
  cursor_scanline_end: 'number',
  vga_memory: 'object',
  plane2: 'object',
  vga256_palette: 'object',
  dac_map: 'object',
  dac_mask: 'number',
  complete_redraw: 'function',
  complete_replot: 'function',
  screen_fill_buffer: 'function',
};

const acpiMembers: Readonly<Record<string, Kind>> = {
  pm1_status: 'number',
  pm1_enable: 'number',
  status: 'number',
  last_timer: 'number',
  gpe: 'object',
  timer: 'function',
  get_timer: 'function',
};

const ne2000Members: Readonly<Record<string, Kind>> = {
  mac: 'object',
  memory: 'object',
  cr: 'number',
  boundary: 'number',
  curpg: 'number',
  pstart: 'number',
  pstop: 'number',
};

/** Throws an Error that names the first member that is missing or of another kind. */
export function checkInternals(emulator: Emulator): void {
  const { cpu } = emulator.v86;
  expect('v86', emulator.v86, loopMembers);
  expect('cpu', cpu, cpuMembers);
  expect('io', cpu.io, { ports: 'object', register_read: 'function', register_write: 'function' });
  expect('uart0', cpu.devices.uart0, uartMembers);
  expect('acpi', cpu.devices.acpi, acpiMembers);
  expect('vga', cpu.devices.vga, vgaMembers);
  expect('rtc', cpu.devices.rtc, { rtc_time: 'number', last_update: 'number' });
  expect('cdrom', cpu.devices.cdrom, ideMembers);
  expect('fdc', cpu.devices.fdc, { drives: 'object', end_read_write: 'function' });
  expect('fdc.drives[0]', cpu.devices.fdc.drives[0], { insert_disk: 'function', eject_disk: 'function' });
  expect('ps2', cpu.devices.ps2, { kbd_buffer: 'object', enable_mouse_stream: 'boolean' });
  expect('vmware', cpu.devices.vmware, { host_pointer_locked: 'boolean' });
  checkPort(cpu);
  checkNetworkCard(cpu);
}

/** Reads the first serial port's scratch register through the port table, as the overrides do. */
function checkPort(cpu: Cpu): void {
  expect('io.ports[0x3ff]', cpu.io.ports[0x3ff], { read8: 'function', write8: 'function' });
}

/** Only the card that the machine has. */
function checkNetworkCard({ devices }: Cpu): void {
  if (devices.net !== undefined) expect('net', devices.net, ne2000Members);
  if (devices.virtio_net === undefined) return;
  expect('virtio_net', devices.virtio_net, { mac: 'object', virtio: 'object' });
  const [queue] = devices.virtio_net.virtio.queues;
  expect('virtio_net.virtio.queues[0]', queue, { avail_addr: 'number', has_request: 'function' });
}

function expect(owner: string, object: object | undefined, members: Readonly<Record<string, Kind>>): void {
  for (const [name, kind] of Object.entries(members)) {
    const found: unknown = object === undefined ? undefined : Reflect.get(object, name);
    if (typeof found !== kind) {
      throw new Error(
        `v86 internal ${owner}.${name} is ${typeof found}, expected ${kind}: the installed v86 is not version 0.5.462`,
      );
    }
  }
}

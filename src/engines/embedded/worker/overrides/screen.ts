// Pictures of the screen without a browser. v86 renders graphics modes into an ImageData, which Node does not have,
// and leaves text mode to the page; here text is drawn from the guest's own font, as the hardware does.
//
// Touches: globalThis.ImageData; devices.vga: its registers, palettes, planes, layers, image_data, complete_redraw,
// complete_replot, screen_fill_buffer.

import type { Picture } from '../messages.ts';
import type { ImagePixels, Vga, VgaLayer } from '../v86.ts';

/** What is shown before anything has programmed the VGA. */
const blankWidth = 720;
const blankHeight = 400;

/** Must be called before the guest sets a graphics mode, since v86 looks for it then. */
export function installImageData(): void {
  class ImageData implements ImagePixels {
    readonly data: Uint8ClampedArray;
    readonly width: number;
    readonly height: number;

    constructor(data: Uint8ClampedArray, width: number, height: number) {
      this.data = data;
      this.width = width;
      this.height = height;
    }
  }
  Object.defineProperty(globalThis, 'ImageData', { value: ImageData, configurable: true });
}

/** v86 moves its vertical retrace on, which guests wait for, only when somebody looks at the screen. */
export function refreshScreen(vga: Vga): void {
  vga.screen_fill_buffer();
}

export function takePicture(vga: Vga): Picture {
  return vga.graphical_mode ? graphicsPicture(vga) : textPicture(vga);
}

function blackPicture(width: number, height: number): Picture {
  const rgba = new Uint8Array(width * height * 4);
  for (let i = 3; i < rgba.length; i += 4) rgba[i] = 255;
  return { width, height, rgba };
}

function graphicsPicture(vga: Vga): Picture {
  const { screen_width: width, screen_height: height, image_data: image } = vga;
  if (image === null || width === 0 || height === 0) return blackPicture(blankWidth, blankHeight);
  vga.complete_redraw();
  if (!vga.svga_enabled) vga.complete_replot();
  vga.screen_fill_buffer();
  const picture = blackPicture(width, height);
  const whole: VgaLayer = {
    image_data: vga.image_data ?? image,
    screen_x: 0,
    screen_y: 0,
    buffer_x: 0,
    buffer_y: 0,
    buffer_width: width,
    buffer_height: height,
  };
  for (const layer of vga.svga_enabled ? [whole] : vga.layers) copyLayer(picture, layer);
  return picture;
}

function copyLayer({ width, height, rgba }: Picture, layer: VgaLayer): void {
  const { data, width: sourceWidth } = layer.image_data;
  for (let y = 0; y < layer.buffer_height; y++) {
    const targetY = layer.screen_y + y;
    if (targetY < 0 || targetY >= height) continue;
    for (let x = 0; x < layer.buffer_width; x++) {
      const targetX = layer.screen_x + x;
      if (targetX < 0 || targetX >= width) continue;
      const from = ((layer.buffer_y + y) * sourceWidth + layer.buffer_x + x) * 4;
      const to = (targetY * width + targetX) * 4;
      for (let component = 0; component < 3; component++) rgba[to + component] = data[from + component] ?? 0;
    }
  }
}

/** One character cell of text mode, as it is now. */
interface Cell {
  readonly left: number;
  readonly top: number;
  readonly character: number;
  readonly foreground: number;
  readonly background: number;
  readonly cursor: boolean;
}

function textPicture(vga: Vga): Picture {
  const cellHeight = (vga.max_scan_line & 31) + 1;
  if (cellHeight === 1) return blackPicture(blankWidth, blankHeight);
  const cellWidth = (vga.clocking_mode & 1) !== 0 ? 8 : 9;
  const picture = blackPicture(vga.max_cols * cellWidth, vga.max_rows * cellHeight);
  const rowCells = Math.max(vga.max_cols, vga.offset_register * 2);
  const backgroundMask = (vga.attribute_mode & 8) !== 0 ? 7 : 15;
  const colour = (index: number): number => vga.vga256_palette[vga.dac_mask & (vga.dac_map[index] ?? 0)] ?? 0;
  for (let row = 0; row < vga.max_rows; row++) {
    for (let column = 0; column < vga.max_cols; column++) {
      const position = vga.start_address + row * rowCells + column;
      const attribute = vga.vga_memory[position * 2 + 1] ?? 0;
      drawCell(picture, vga, cellWidth, cellHeight, {
        left: column * cellWidth,
        top: row * cellHeight,
        character: vga.vga_memory[position * 2] ?? 0,
        foreground: colour(attribute & 15),
        background: colour((attribute >> 4) & backgroundMask),
        cursor: position === vga.cursor_address,
      });
    }
  }
  return picture;
}

function drawCell(
  { width, rgba }: Picture,
  vga: Vga,
  cellWidth: number,
  cellHeight: number,
  cell: Cell,
): void {
  const cursorOff = (vga.cursor_scanline_start & 32) !== 0;
  // Box-drawing characters repeat their last column where a cell is nine pixels wide.
  const joins = cell.character >= 0xc0 && cell.character <= 0xdf && (vga.attribute_mode & 4) !== 0;
  for (let y = 0; y < cellHeight; y++) {
    const bits = vga.plane2[cell.character * 32 + y] ?? 0;
    const inCursor =
      cell.cursor &&
      !cursorOff &&
      y >= (vga.cursor_scanline_start & 31) &&
      y <= (vga.cursor_scanline_end & 31);
    for (let x = 0; x < cellWidth; x++) {
      const lit = x < 8 ? (bits >> (7 - x)) & 1 : joins ? bits & 1 : 0;
      const colour = inCursor || lit === 1 ? cell.foreground : cell.background;
      const at = ((cell.top + y) * width + cell.left + x) * 4;
      rgba[at] = (colour >> 16) & 255;
      rgba[at + 1] = (colour >> 8) & 255;
      rgba[at + 2] = colour & 255;
    }
  }
}

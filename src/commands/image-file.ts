// Pictures of the screen as files: PPM (netpbm's P6) and PNG (ISO 15948: 8 bits a channel, truecolour, no interlace).

import { promisify } from 'node:util';
import { crc32, deflate } from 'node:zlib';
import type { ScreenImage } from '../machine/controls.ts';

export function encodePpm(image: ScreenImage): Buffer {
  const header = Buffer.from(`P6\n${image.width} ${image.height}\n255\n`, 'latin1');
  return Buffer.concat([header, ...rows(image)]);
}

export async function encodePng(image: ScreenImage): Promise<Buffer> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(image.width, 0);
  header.writeUInt32BE(image.height, 4);
  header.writeUInt8(8, 8); // bits a channel
  header.writeUInt8(2, 9); // truecolour
  const filterNone = Buffer.alloc(1);
  const scanlines = rows(image).flatMap((row) => [filterNone, row]);
  const data = await promisify(deflate)(Buffer.concat(scanlines));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The image's rows as red, green, blue bytes. */
function rows({ width, height, rgba }: ScreenImage): Buffer[] {
  return Array.from({ length: height }, (_, y) => {
    const row = Buffer.alloc(width * 3);
    for (let x = 0; x < width; x += 1) {
      const pixel = (y * width + x) * 4;
      row.set(rgba.subarray(pixel, pixel + 3), x * 3);
    }
    return row;
  });
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

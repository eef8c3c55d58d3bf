// Where a machine waits for a guest that is moved to it (QEMU: -incoming, migration/migration.c). QEMU's preconfig state
// takes only `-incoming defer`: the place itself is told by migrate-incoming once the machine is there, which says and
// does the same. A place that is a descriptor is named as getfd named it, in the words of -incoming.

import { parseJson } from '../../../json/parse.ts';
import { isJsonObject, type JsonObject, jsonObject } from '../../../json/value.ts';
import { QmpError } from '../../../qmp/error.ts';

const uriOfDescriptor = 'fd:';

/** A migration channel may be written as JSON, since QEMU 8.2. */
function channelIn(place: string): JsonObject | undefined {
  if (!place.startsWith('{')) return undefined;
  const channel = parseJson(place);
  if (!isJsonObject(channel)) throw new QmpError("Option 'incoming': the channel is not a JSON object");
  if (channel['channel-type'] === 'cpr') {
    throw new QmpError("Option 'incoming': a channel of type 'cpr' needs one of type 'main' beside it");
  }
  return channel;
}

/** The descriptor that the place is, by the name that getfd gave it. Throws a QmpError for a place that cannot be. */
export function incomingDescriptor(place: string): string | undefined {
  const name = place.startsWith(uriOfDescriptor)
    ? place.slice(uriOfDescriptor.length)
    : nameInAddress(channelIn(place));
  if (name !== undefined && /^\d/.test(name)) {
    throw new QmpError(
      `Option 'incoming': '${name}' would be the number of a descriptor of QEMU's own; give the name of one that getfd brought`,
    );
  }
  return name;
}

function nameInAddress(channel: JsonObject | undefined): string | undefined {
  const addr = channel?.addr;
  if (!isJsonObject(addr) || addr.type !== 'fd') return undefined;
  return typeof addr.str === 'string' ? addr.str : undefined;
}

/** Arguments of migrate-incoming, with `number` in place of the descriptor's name; undefined for `defer`. */
export function incomingArguments(place: string, number: number | undefined): JsonObject | undefined {
  if (place === 'defer') return undefined;
  const channel = channelIn(place);
  if (channel === undefined) {
    return jsonObject({ uri: number === undefined ? place : `${uriOfDescriptor}${number}` });
  }
  const { addr } = channel;
  const resolved = number === undefined || !isJsonObject(addr) ? addr : { ...addr, str: String(number) };
  return jsonObject({ channels: [resolved === undefined ? channel : { ...channel, addr: resolved }] });
}

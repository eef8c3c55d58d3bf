// The screen and the keyboard of the machine that qmpd emulates itself (QEMU: qapi/ui.json, ui/input-legacy.c,
// ui/ui-qmp-cmds.c).

import { writeNamedFile } from '../../host/named-file.ts';
import { type JsonObject, type JsonValue, jsonObject } from '../../json/value.ts';
import { QmpError } from '../../qmp/error.ts';
import { strerror } from '../../util/strerror.ts';
import { type CommandDefinition, command, control } from '../context.ts';
import { encodePng, encodePpm } from '../image-file.ts';

/** How long `send-key` holds its keys, unless told (QEMU: qmp_send_key). */
const holdMsDefault = 100;

export const uiCommands: readonly CommandDefinition[] = [
  command({
    name: 'screendump',
    phases: 'created',
    role: 'admin',
    right: 'screen',
    slow: true,
    human: { name: 'screendump', reads: 'screen-of-device' },
    guards: ['device-beside-text-console'],
    run: async (context, args) => {
      if (args.device !== undefined)
        throw new QmpError(`Device '${args.device}' not found`, 'DeviceNotFound');
      if (args.head !== undefined) throw new QmpError("'head' must be specified together with 'device'");
      const image = await control(context, 'screen').capture();
      const bytes = args.format === 'png' ? await encodePng(image) : encodePpm(image);
      await writeNamedFile(args.filename, bytes).catch((thrown: unknown) => {
        throw new QmpError(`failed to open file '${args.filename}': ${strerror(thrown)}`);
      });
      return {};
    },
  }),
  command({
    name: 'send-key',
    phases: 'created',
    role: 'operate',
    right: 'input',
    run: async (context, args) => {
      const hold = args['hold-time'];
      const holdMs = hold === undefined || hold < 0 ? holdMsDefault : Number(hold);
      const keys = args.keys.map((key) => jsonObject({ type: key.type, data: key.data }));
      const input = control(context, 'input');
      await input.send(keys.map((key) => keyEvent(key, true)));
      const { server } = context;
      server.clock.after(holdMs, () => {
        const release = input.send([...keys].reverse().map((key) => keyEvent(key, false)));
        release.catch(() => undefined); // the machine has ended meanwhile, and its keyboard with it
      });
      return {};
    },
  }),
  command({
    name: 'input-send-event',
    phases: 'created',
    role: 'operate',
    right: 'input',
    guards: ['device-beside-text-console'],
    run: async (context, args) => {
      if (args.device !== undefined)
        throw new QmpError(`Device '${args.device}' not found`, 'DeviceNotFound');
      await control(context, 'input').send(args.events as unknown as JsonObject[]);
      return {};
    },
  }),
];

function keyEvent(key: JsonValue, down: boolean): JsonObject {
  return jsonObject({ type: 'key', data: jsonObject({ down, key }) });
}

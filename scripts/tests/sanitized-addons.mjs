// Loaded before everything else in `npm run check`: has each process and thread load the addons that were built with
// sanitizers (QMPD_SANITIZED names their directory) instead of those of dist/native.
import path from 'node:path';

const folder = process.env.QMPD_SANITIZED;
const load = process.dlopen;
const ordinary = path.join('dist', 'native') + path.sep;
process.dlopen = (module, file, ...rest) =>
  load.call(
    process,
    module,
    file.includes(ordinary) ? path.join(folder, path.basename(file)) : file,
    ...rest,
  );

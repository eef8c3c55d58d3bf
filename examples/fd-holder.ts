// A client of its own process for the demo: hands an open file to the server, says so, and waits to be killed.
// usage: node fd-holder.js ADDRESS FILE

import { open } from 'node:fs/promises';
import process from 'node:process';
import { connect } from '../src/client/index.ts';

const [address = '', path = ''] = process.argv.slice(2);
const vm = await connect(address);
const file = await open(path, 'r');
await vm.execute('getfd', { fdname: 'disk' }, { fds: [file] });
process.stdout.write('passed\n');
setInterval(() => undefined, 60_000);

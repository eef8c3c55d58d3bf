// Many shuffled orders of a machine, with each QEMU. QMPD_SEED=N is another set of them.

import { binaries } from '../../../kit/qemu/rig.ts';
import { testOrders } from './shuffled-orders.ts';

for (const qemu of binaries) testOrders(qemu, Number(process.env.QMPD_SEED ?? 1), 20);

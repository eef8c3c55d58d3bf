// A shuffled order of two variants of a machine, with the first QEMU that is there: shuffled-orders.long.test.ts has more.

import { binaries } from '../../../kit/qemu/rig.ts';
import { testOrders } from './shuffled-orders.ts';

for (const qemu of binaries.slice(0, 1)) testOrders(qemu, 1, 2);

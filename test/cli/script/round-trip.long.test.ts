// From a machine to its script and back, and from many orders of its options. QMPD_SEED=N is another set of them.

import { qemuBinaries } from '../../kit/qemu/qemu-under-test.ts';
import { testRoundTrip } from './round-trip.ts';

for (const binary of qemuBinaries) testRoundTrip(binary, Number(process.env.QMPD_SEED ?? 1), 12);

// From a machine to its script and back, and from one other order of its options: round-trip.long.test.ts has more.

import { qemuBinaries } from '../../kit/qemu/qemu-under-test.ts';
import { testRoundTrip } from './round-trip.ts';

for (const binary of qemuBinaries) testRoundTrip(binary, 1, 1);

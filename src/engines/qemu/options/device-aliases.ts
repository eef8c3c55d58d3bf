// Short names of devices, which QEMU takes in device_add and on its command line but not where it is asked about a type
// (QEMU: system/qdev-monitor.c, qdev_alias_table).

/** These are devices on whichever bus the machine has for virtio. */
const virtio: ReadonlySet<string> = new Set(
  [
    ...['9p', 'balloon', 'blk', 'gpu', 'input-host', 'iommu', 'keyboard', 'mouse', 'net', 'rng', 'scsi'],
    ...['serial', 'tablet'],
  ].map((name) => `virtio-${name}`),
);

const others: ReadonlyMap<string, string> = new Map([
  ['ahci', 'ich9-ahci'],
  ['e1000-82540em', 'e1000'],
  ['lsi', 'lsi53c895a'],
]);

/** The names of types that a device's name may stand for, itself first. */
export function deviceTypes(driver: string): readonly string[] {
  if (virtio.has(driver)) return [driver, `${driver}-pci`, `${driver}-ccw`, `${driver}-device`];
  const other = others.get(driver);
  return other === undefined ? [driver] : [driver, other];
}

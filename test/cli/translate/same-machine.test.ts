// Command lines of QEMU, translated and compared: the machine that a real QEMU makes of the words, and the one that qmpd
// makes of the script, have to be the same, down to the properties of each device.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { commandText } from '../../../src/cli/script/command-text.ts';
import { runScript } from '../../../src/cli/script/run.ts';
import { statementsOf } from '../../../src/cli/script/statements.ts';
import { translate } from '../../../src/cli/translate/index.ts';
import { withTypes } from '../../../src/cli/translate/typing.ts';
import { connect } from '../../../src/client/index.ts';
import { type MachinePicture, pictureOf } from '../../kit/qemu/machine-picture.ts';
import { QemuUnderTest, qemuBinaries } from '../../kit/qemu/qemu-under-test.ts';
import { runQmpd } from '../../kit/server/executable.ts';
import { installedQemu, startTestServer } from '../../kit/server/test-server.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'qmpd-translate-'));
after(() => rmSync(directory, { recursive: true, force: true }));

function image(name: string): string {
  const file = path.join(directory, name);
  writeFileSync(file, Buffer.alloc(65_536));
  return file;
}

const configFile = path.join(directory, 'vm.cfg');
writeFileSync(
  configFile,
  `# what -writeconfig writes, and people
[machine]
  type = "q35"
  graphics = "off"
[memory]
  size = "96"
[smp-opts]
  cpus = "2"
[device "rng0"]
  driver = "virtio-rng-pci"
  addr = "0x5"
[global]
  driver = "virtio-rng-pci"
  property = "max-bytes"
  value = "4096"
[netdev "n0"]
  type = "user"
[device "card"]
  driver = "e1000"
  netdev = "n0"
  mac = "52:54:00:12:34:98"
`,
);

const [disk, cd, floppy] = [image('disk.img'), image('cd.iso'), image('a,b.img')];
const commaFloppy = floppy.replaceAll(',', ',,');
const text = (line: string): string[] => line.split(' ');

/** As people and libvirt write them; each is made twice, so they use no port or path that can be taken. */
const commandLines: readonly (readonly [what: string, words: readonly string[]])[] = [
  ['a disk and a CD', text(`-m 256 -hda ${disk} -cdrom ${cd} -boot d -display none`)],
  ['a disk image alone', [disk, '-display', 'none', '-no-shutdown']],
  [
    'a headless tutorial',
    text(
      `-m 128M -smp 2 -nographic -serial null -monitor null -drive file=${disk},format=raw,if=virtio -no-reboot`,
    ),
  ],
  ['a configuration file', text(`-nodefaults -display none -accel tcg -readconfig ${configFile}`)],
  [
    'user networking with a forwarded port',
    text(
      '-display none -nic user,model=virtio-net-pci,hostfwd=tcp:127.0.0.1:0-:22,mac=52:54:00:12:34:99,id=mynic',
    ),
  ],
  [
    'the old way of networking',
    text('-display none -net nic,model=e1000 -net user,id=mynet,net=10.0.9.0/24'),
  ],
  ['two cards and a network on a hub', text('-display none -net nic -net nic,model=rtl8139 -net user')],
  ['no network', text('-display none -net none -vga cirrus -usb')],
  [
    'netdev and device',
    text('-nodefaults -display none -netdev user,id=n0,ipv6=off -device e1000,netdev=n0,id=card,addr=0x7'),
  ],
  [
    'devices by their short names',
    text(
      '-nodefaults -display none -device virtio-balloon,id=b0 -device virtio-serial,max_ports=4 -device ahci,id=a0',
    ),
  ],
  [
    'a Q35 with virtio disks',
    text(
      `-M q35,hpet=off -nodefaults -display none -m 256,slots=2,maxmem=1G -smp 2,maxcpus=4,cores=2 -cpu qemu64,+avx2,-svm,level=13 -blockdev driver=raw,node-name=d0,file.driver=file,file.filename=${disk} -device virtio-blk-pci,drive=d0,id=vd0,serial=x1,bootindex=1 -object iothread,id=io0`,
    ),
  ],
  [
    'serial ports and monitors',
    text(
      '-display none -chardev null,id=c0,mux=on -serial chardev:c0 -serial null -parallel none -mon chardev=c0,mode=readline -monitor null -qmp null',
    ),
  ],
  ['a floppy and names', ['-name', 'a,,b,debug-threads=on', '-fda', floppy, '-display', 'none', '-k', 'de']],
  [
    'a drive with everything',
    [
      ...text('-display none -nodefaults -drive'),
      `file=${commaFloppy},format=raw,if=ide,index=1,cache=unsafe,werror=report,rerror=stop,bps_rd=1048576,iops-total=100,readonly=off,discard=unmap,id=dd`.replace(
        'iops-total',
        'throttling.iops-total',
      ),
    ],
  ],
  [
    'globals and settings',
    text(
      '-display none -nodefaults -global virtio-rng-pci.max-bytes=512 -device virtio-rng-pci,id=r1 -set device.r1.period=2000 -rtc base=2020-01-01,clock=vm -boot menu=on,splash-time=5 -action panic=pause -watchdog-action none -overcommit cpu-pm=off -msg timestamp=on',
    ),
  ],
  [
    'NUMA nodes',
    text(
      '-display none -nodefaults -m 256 -smp 4 -object memory-backend-ram,id=m0,size=128M -object memory-backend-ram,id=m1,size=128m -numa node,nodeid=0,cpus=0-1,memdev=m0 -numa node,nodeid=1,cpus=2,cpus=3,memdev=m1 -numa dist,src=0,dst=1,val=20',
    ),
  ],
  [
    'tables, names and files for the firmware',
    text(
      `-display none -nodefaults -smbios type=1,manufacturer=x,product=y -smbios type=11,value=a,value=b -fw_cfg name=opt/x,string=hello -uuid 12345678-1234-5678-9abc-def012345678 -L ${directory} -L /usr/share/qemu -L /usr/share/seabios`,
    ),
  ],
  [
    'what libvirt writes',
    [
      ...text('-name guest=d1,debug-threads=on -S -object'),
      '{"qom-type":"memory-backend-ram","id":"pc.ram","size":134217728}',
      ...text('-machine pc-i440fx-7.2,usb=off,dump-guest-core=off,memory-backend=pc.ram,acpi=on -accel tcg'),
      ...text('-cpu qemu64 -m size=131072k -overcommit mem-lock=off -smp 1,sockets=1,cores=1,threads=1'),
      ...text('-uuid 22345678-1234-5678-9abc-def012345678 -display none -no-user-config -nodefaults'),
      ...text('-rtc base=utc,driftfix=slew -global kvm-pit.lost_tick_policy=delay -no-shutdown'),
      ...text('-boot strict=on -device'),
      '{"driver":"piix3-usb-uhci","id":"usb","bus":"pci.0","addr":"0x1.0x2"}',
      '-blockdev',
      `{"driver":"file","filename":"${disk}","node-name":"libvirt-1-storage","auto-read-only":true}`,
      '-blockdev',
      '{"node-name":"libvirt-1-format","read-only":false,"driver":"raw","file":"libvirt-1-storage"}',
      '-device',
      '{"driver":"virtio-blk-pci","bus":"pci.0","addr":"0x4","drive":"libvirt-1-format","id":"virtio-disk0","bootindex":1}',
      '-netdev',
      '{"type":"user","id":"hostnet0"}',
      '-device',
      '{"driver":"rtl8139","netdev":"hostnet0","id":"net0","mac":"52:54:00:aa:bb:cc","bus":"pci.0","addr":"0x3"}',
      ...text('-chardev null,id=charserial0 -device'),
      '{"driver":"isa-serial","chardev":"charserial0","id":"serial0","index":0}',
      ...text('-audiodev {"id":"audio1","driver":"none"} -device'),
      '{"driver":"VGA","id":"video0","vgamem_mb":16,"bus":"pci.0","addr":"0x2"}',
      '-sandbox',
      'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny',
      ...text('-msg timestamp=on'),
    ],
  ],
];

/** The script, and what the machine is that it makes. */
async function madeByQmpd(words: readonly string[], qemu: string): Promise<MachinePicture> {
  await using running = await startTestServer({ qemuBinary: qemu });
  await using client = await connect(running.path);
  const ask = (command: string, args?: object): ReturnType<typeof client.executeAny> =>
    client.executeAny(command, args);
  const { commands } = await withTypes(translate(words, (file) => readFileSync(file, 'utf8')).commands, ask);
  const text = commands.map(commandText).join('\n');
  await runScript(client, { file: 'translated', statements: statementsOf(text, 'translated') });
  return await pictureOf(ask);
}

for (const binary of qemuBinaries) {
  for (const [what, words] of commandLines) {
    test(`QEMU ${binary.major}: ${what}: the script makes the same machine as the command line`, async () => {
      const stopped = words.includes('-S') ? words : [...words, '-S'];
      const theirs = await QemuUnderTest.start(binary, words).then(async (qemu) => {
        await using running = qemu;
        return await pictureOf((command, args) => running.execute(command, args));
      });
      assert.deepEqual(await madeByQmpd(stopped, binary.path), theirs);
    });
  }
}

test('the executable prints a script that the executable carries out', async () => {
  const words = ['qemu-system-x86_64', '-m', '64', '-name', 'translated', '-display', 'none', '-daemonize'];
  const { status, output, errors } = await runQmpd(['translate', '--', ...words]);
  assert.equal(status, 0);
  assert.match(errors, /^qmpd: -daemonize: a machine of qmpd has no terminal/);
  assert.match(
    output,
    /^# -daemonize: .*\nmachine-set engine=qemu memory.size=67108864 .*\nx-exit-preconfig\n$/,
  );
  const file = path.join(directory, 'translated.qmp');
  writeFileSync(file, output);
  await using running = await startTestServer({ qemuBinary: installedQemu });
  const done = await runQmpd(['script', file, running.path]);
  assert.equal(done.status, 0, done.errors);
  await using client = await connect(running.path);
  assert.equal((await client.execute('query-status')).status, 'running');
  assert.equal((await client.execute('query-name')).name, 'translated');
});

test('--json prints commands as they go over the wire', async () => {
  const { output } = await runQmpd(['translate', '--json', '--', 'qemu-system-x86_64', '-nodefaults', '-S']);
  const lines = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const options = { engine: 'qemu', 'user-config': true, display: { type: 'default' } };
  assert.deepEqual(lines, [{ execute: 'machine-set', arguments: options }, { execute: 'x-exit-preconfig' }]);
});

for (const [args, status, problem] of [
  [['--', 'qemu', '-no-such'], 1, /^qmpd: -no-such: invalid option \(ERR_QMPD_TRANSLATE\)/],
  [['qemu', '-m', '1'], 2, /Unknown option|behind '--'/],
] as const) {
  test(`qmpd translate ${args.join(' ')} ends with status ${status}`, async () => {
    const done = await runQmpd(['translate', ...args]);
    assert.equal(done.status, status);
    assert.match(done.errors, problem);
  });
}

// Each option of QEMU's command line by itself: what it is translated to is in the golden file, and machine-set takes
// it. The count of options that have something to be translated to is printed.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { commandText } from '../../../src/cli/script/command-text.ts';
import { translate } from '../../../src/cli/translate/index.ts';
import { qemuOptions } from '../../../src/cli/translate/qemu-options.ts';
import { withTypes } from '../../../src/cli/translate/typing.ts';
import { connect, type QmpClient } from '../../../src/client/index.ts';
import { argvOf } from '../../../src/engines/qemu/options/index.ts';
import { installedQemu, startTestServer } from '../../kit/server/test-server.ts';

const goldenFile = new URL('../../../../test/cli/translate/golden/translate-options.txt', import.meta.url);

/** One command line a line; words have no blanks here. */
const samples: readonly string[] = [
  '-help',
  '-version',
  '-machine q35,accel=kvm:tcg,hpet=off,smm=on',
  '-M pc',
  '-cpu host,+avx2,-svm,level=13,migratable=off',
  '-accel tcg,thread=single,tb-size=64',
  '-smp 4,sockets=2,cores=2,maxcpus=8',
  '-numa dist,src=0,dst=1,val=20',
  '-numa cpu,node-id=0,socket-id=1',
  '-add-fd fd=3,set=2',
  '-drive id=d,if=none -set drive.d.media=cdrom',
  '-global virtio-rng-pci.max-bytes=5',
  '-global driver=a.b,property=c,value=d,,e',
  '-boot order=cd,once=n,menu=on,splash=a.jpg,splash-time=5,reboot-timeout=3,strict=on',
  '-m 2G,slots=3,maxmem=8G',
  '-mem-path /dev/hugepages',
  '-mem-prealloc',
  '-k fr',
  '-audio none,model=ac97,in.voices=2',
  '-audiodev none,id=a0,timer-period=1000,out.frequency=48000',
  '-device virtio-net-pci,netdev=n0,mac=52:54:00:00:00:01,mq=on,vectors=4,addr=3.1',
  '-name guest=a,process=b,debug-threads=on',
  '-uuid 12345678-1234-5678-9abc-def012345678',
  '-fda a.img',
  '-fdb b.img',
  '-hda a.img',
  '-hdb b.img',
  '-hdc c.img',
  '-hdd d.img',
  '-cdrom a.iso',
  '-blockdev driver=qcow2,node-name=d,file.driver=file,file.filename=x,discard=unmap,l2-cache-size=1M',
  '-drive file=x,format=qcow2,if=virtio,aio=native,cache=none,throttling.bps-total=5,bps_wr_max=6,iops-size=7,l2-cache-size=1M',
  '-mtdblock m.img',
  '-sd s.img',
  '-snapshot',
  '-fsdev local,id=f,path=/srv,security_model=mapped,fmode=0644,writeout=immediate,readonly=on,throttling.bps-read=9',
  '-virtfs local,path=/srv,mount_tag=host0,security_model=none',
  '-iscsi initiator-name=x',
  '-usb',
  '-usbdevice tablet',
  '-display gtk,gl=on,zoom-to-fit=off,window-close=off',
  '-nographic',
  '-spice port=5930,addr=127.0.0.1,disable-ticketing=on,image-compression=auto_glz',
  '-vga std',
  '-full-screen',
  '-g 800x600x16',
  '-vnc 127.0.0.1:1,to=9,websocket=on,password=on,share=force-shared',
  '-win2k-hack',
  '-no-fd-bootchk',
  '-acpitable sig=ABCD,oem_id=x,rev=2,data=a.bin:b.bin',
  '-smbios type=11,value=a,value=b',
  '-netdev user,id=n,hostfwd=tcp::1-:2,hostfwd=tcp::3-:4,restrict=on,net=10.0.0.0/8',
  '-netdev stream,id=n,server=off,addr.type=inet,addr.host=h,addr.port=1',
  '-nic tap,ifname=t0,script=no,model=virtio',
  '-net nic,model=e1000,macaddr=52:54:00:00:00:02 -net user',
  '-chardev socket,id=c,host=h,port=5,server=on,wait=off,telnet=on,logfile=l',
  '-chardev udp,id=c,host=h,port=5,localport=6',
  '-chardev file,id=c,path=/tmp/x,append=on,mux=on',
  '-tpmdev emulator,id=t,chardev=c',
  '-bios b.bin',
  '-pflash p.img',
  '-kernel k',
  '-shim s',
  '-append console=ttyS0,115200',
  '-initrd i',
  '-dtb d',
  '-compat deprecated-input=reject,deprecated-output=hide',
  '-fw_cfg opt/a,string=b,,c',
  '-serial tcp:127.0.0.1:4444,server=on,wait=off',
  '-serial udp:h:1@:2 -serial vc:80Cx24C -serial /dev/ttyS0',
  '-parallel file:/tmp/p',
  '-monitor telnet:127.0.0.1:5,server,nowait',
  '-qmp unix:/run/q.sock,server=on,wait=off',
  '-qmp-pretty tcp:localhost:4444,server=on,wait=off',
  '-chardev null,id=c -mon chardev=c,mode=control,pretty=on',
  '-debugcon file:/tmp/d',
  '-pidfile p.pid',
  '-preconfig',
  '-S',
  '-overcommit mem-lock=on,cpu-pm=off',
  '-gdb tcp::1234',
  '-s',
  '-d int,cpu_reset',
  '-D log.txt',
  '-dfilter 0x10..0x20,0x100+0x10,0x200-0x10',
  '-seed 5',
  '-L /usr/share/qemu',
  '-enable-kvm',
  '-xen-domid 3',
  '-xen-attach',
  '-xen-domid-restrict',
  '-no-reboot',
  '-no-shutdown',
  '-action panic=pause,watchdog=none',
  '-loadvm s1',
  '-daemonize',
  '-option-rom romfile=r,bootindex=2',
  '-rtc base=localtime,clock=vm,driftfix=slew',
  '-icount shift=7,align=off,sleep=on',
  '-watchdog-action pause',
  '-echr 20',
  '-incoming tcp:0:4444',
  '-only-migratable',
  '-nodefaults',
  '-prom-env a=b=c',
  '-semihosting',
  '-semihosting-config enable=on,target=native,arg=a,arg=b',
  '-sandbox on,obsolete=deny,spawn=allow',
  '-readconfig f.cfg',
  '-no-user-config',
  '-trace enable=vnc* -trace file=t.log',
  '-plugin file=p.so,arg=a',
  '-qtest unix:/tmp/q',
  '-chardev null,id=q -qtest chardev:q -qtest-log /dev/null',
  '-run-with user=nobody,async-teardown=on',
  '-msg timestamp=on,guest-name=off',
  '-dump-vmstate f',
  '-enable-sync-profile',
  '-perfmap',
  '-jitdump',
  '-object memory-backend-file,id=m,size=1G,mem-path=/x,share=on,host-nodes=0-1,policy=bind',
  '-no-acpi',
  '-no-hpet',
  '-singlestep',
  '-chroot /x',
  '-runas u',
  '-async-teardown',
  '-audio-help',
  '-old-param',
  '-portrait',
  '-rotate 90',
];

/** Said of a command line that says nothing else; left out of the golden file. */
const always = ['engine=qemu', 'display.type=default', 'defaults=true', 'user-config=true', 'autostart=true'];

async function scriptOf(sample: string, client: QmpClient): Promise<{ lines: string[]; empty: boolean }> {
  const { commands, notes } = translate(sample.split(' '), () => '[memory]\n  size = "64"\n');
  const typed = await withTypes(commands, (command, args) => client.executeAny(command, args));
  const [set] = typed.commands;
  await client.executeAny('machine-set', { ...set?.arguments, 'dry-run': true }).catch((thrown: Error) => {
    // Without a newer QEMU at hand the words are made for one here.
    if (!/needs QEMU|writes maps|is gone since/.test(thrown.message))
      throw new Error(`${sample}: ${thrown.message}`);
    if (!/is gone since/.test(thrown.message)) argvOf(set?.arguments ?? {});
  });
  const texts = typed.commands.map(commandText).map((text) => {
    const words = text.split(' ');
    return words.filter((word) => word === 'machine-set' || !always.includes(word)).join(' ');
  });
  const lines = [
    ...notes.map(({ option, kind, text }) => `# ${option}: ${kind}: ${text}`),
    ...texts.filter((text) => text !== 'machine-set' && text !== 'x-exit-preconfig'),
  ];
  return { lines, empty: notes.some(({ kind }) => kind === 'lost') };
}

test('each option is translated to what the golden file says, and machine-set takes it', async (context) => {
  await using server = await startTestServer({ qemuBinary: installedQemu });
  await using client = await connect(server.path);
  const blocks: string[] = [];
  const lost: string[] = [];
  for (const sample of samples) {
    const { lines, empty } = await scriptOf(sample, client);
    const [option = ''] = sample.split(' ');
    if (empty) lost.push(option);
    blocks.push([`$ ${sample}`, ...lines, ''].join('\n'));
  }
  const used = new Set(samples.flatMap((sample) => sample.split(' ').filter((word) => word.startsWith('-'))));
  assert.deepEqual(
    qemuOptions.map(({ name }) => name).filter((name) => !used.has(name)),
    [],
    'options without a sample',
  );
  const present = qemuOptions.filter(({ only, name }) => only !== 'older' && !lost.includes(name));
  const total = qemuOptions.filter(({ only }) => only !== 'older').length;
  context.diagnostic(`${present.length} of ${total} options are translated; not: ${lost.join(' ')}`);
  const text = blocks.join('\n');
  if (process.env.QMPD_UPDATE === '1') writeFileSync(goldenFile, text);
  assert.equal(text, readFileSync(goldenFile, 'utf8'));
});

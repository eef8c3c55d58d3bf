// What `qmpd --help` prints.

import { defaultAddress } from './default-address.ts';
import { stayAwakeUsage } from './serve/stay-awake.ts';

export const usage: string = `usage: qmpd [OPTION]...
       qmpd SUBCOMMAND [ARGUMENT]...

A QMP server and virtual machine host. It starts with no machine; clients make one over QMP.

  --qmp ADDRESS         listen here: unix:PATH[,mode=0660][,group=NAME], tcp:HOST:PORT, fd:N or stdio;
                        may be repeated (default: systemd's sockets, else, without --mon,
                        ${defaultAddress()})
  --chardev BACKEND,id=ID[,...]
                        declare a character device, as QEMU's -chardev does; may be repeated
  --mon chardev=ID,mode=control[,pretty=on][,id=ID]
                        serve QMP on a character device, to one client after another; may be repeated
  --qemu BINARY         the QEMU that runs machines (default: qemu-system-x86_64 in PATH; without one
                        the embedded engine runs them)
  --state DIRECTORY     where the machine is found again if qmpd dies (default: one for each first address, in
                        the runtime directory), or 'none'
  --script FILE         carry out the QMP commands in FILE before clients are served; may be repeated;
                        '-' is the standard input; relative paths are from the present directory
  --check               only check the scripts, and exit
  --pretty              replies and events over several lines
  --exit-with-machine   end when the machine ends, with its status
  --private             listen on a socket in a new directory of its own, print the address on the
                        standard output, and end when the standard input does
  --daemonize           go into the background, once it listens and the scripts are carried out, and print the
                        addresses on the standard output
${stayAwakeUsage}\
  --quiet               no log on the standard error output
  --verbose             a log of sessions, too
  --max-sessions N      clients at once (default: 4096); a few places more are kept for the own user and root
  -V, --version
  -h, --help

Subcommands:
  qmpd shell [ADDRESS]   talk to a QMP server, on a terminal or from a script
  qmpd console [ID]      a terminal on a console of the machine
  qmpd script FILE       carry out the QMP commands in a file, or check them
  qmpd translate -- ...  make a script of a QEMU command line
  qmpd attach ADDRESS    share a QMP server that serves one client among many
  qmpd help [NAME]       this text, or what the schema says about a QMP command, event or type
  qmpd codegen ...       write a typed TypeScript client for one program that speaks QMP
  qmpd schema ...        compare the QMP interfaces of two programs, or show one
  qmpd qapi FILE         check a schema in QEMU's QAPI schema language, and make things of it

To begin: start 'qmpd' in one terminal and 'qmpd shell' in another.
`;

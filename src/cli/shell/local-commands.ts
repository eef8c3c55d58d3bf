// The words that the shell answers itself. No QMP command has one of these names.

/** Sorted. */
export const localCommands: readonly string[] = ['exit', 'help'];

export const shellHelp: string = `A line is a command and its arguments:
  query-status
  chardev-add id=s0 backend.type=ringbuf backend.data.size=1024
  input-send-event events=[{'type': 'rel', 'data': {'axis': 'x', 'value': 5}}]
  object-add qom-type=secret id=sec0 data=@FILE        the text of a file
  getfd fdname=disk <FILE                              passes an open file; also > and <>
  {"execute": "query-status"}                          the wire's own form, over several lines too
Quoted values are strings; others become what the server's schema asks for.
  help COMMAND   what a command takes          Tab    completes commands, arguments and values
  exit, Ctrl-D   leaves; the server goes on     Ctrl-C stops waiting for an answer
A line that begins with a blank is not kept in the history. 'quit' ends the server.`;

// The shell on a terminal: a line editor with history and completion, replies as they come, and events printed above
// the line that is being typed without disturbing it.

import readline from 'node:readline';
import type { EventMessage, EventStream, QmpClient } from '../../client/index.ts';
import { CommandLines } from '../../client/notation/lines.ts';
import { complete } from './complete.ts';
import { type Evaluation, Evaluator } from './evaluate.ts';
import { helpAnswer } from './help-answer.ts';
import { historyEntriesMax, loadHistory, saveHistory } from './history.ts';
import { failureMessage } from './messages.ts';
import { eventLine, prettyValue, type Style } from './render.ts';

/** The terminal has gone, or somebody wants the shell to end: the history is saved all the same. */
const endSignals = ['SIGHUP', 'SIGTERM'] as const;

const prompt = 'qmp> ';
const continuationPrompt = '...> ';

export interface InteractiveOptions {
  readonly client: QmpClient;
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly style: Style;
  readonly historyFile: string;
}

/** Resolves when the user leaves or the server goes away; true when it ended as the user wished. */
export async function runInteractive(options: InteractiveOptions): Promise<boolean> {
  const shell = new InteractiveShell(options);
  return await shell.run();
}

class InteractiveShell {
  readonly #options: InteractiveOptions;
  readonly #evaluator: Evaluator;
  readonly #editor: readline.Interface;
  /** Lines typed and not carried out yet: they wait for the answer to the one before. */
  readonly #lines: string[] = [];
  #history: readonly string[];
  /** What has been typed of a command that goes on over several lines. */
  readonly #open = new CommandLines();
  /** The command whose answer is awaited; Ctrl-C aborts it. */
  #running: AbortController | undefined;
  #asked: 'nothing' | 'leave' | 'quit' = 'nothing';
  /** False once the editor has ended: drawing a prompt would start it again. */
  #editing = true;

  constructor(options: InteractiveOptions) {
    this.#options = options;
    this.#evaluator = new Evaluator(options.client);
    this.#history = loadHistory(options.historyFile);
    this.#editor = readline.createInterface({
      input: options.input,
      output: options.output,
      prompt,
      history: [...this.#history],
      historySize: historyEntriesMax,
      removeHistoryDuplicates: true,
      completer: (text: string, done: (error: null, completion: [string[], string]) => void) => {
        void this.#evaluator
          .introspection()
          .then((introspection) => done(null, complete(introspection, this.#open.text + text)));
      },
    });
  }

  async run(): Promise<boolean> {
    const { client } = this.#options;
    const events = client.eventsAny({ overflow: 'drop-oldest' });
    const closed = new Promise<void>((resolve) => {
      this.#editor.on('close', () => {
        this.#editing = false;
        resolve();
      });
    });
    this.#editor.on('history', (history: string[]) => {
      this.#history = [...history];
    });
    this.#editor.on('line', (line) => this.#typed(line));
    this.#editor.on('SIGINT', () => this.#interrupt());
    void this.#showEvents(events);
    void client.closed.then((reason) => this.#disconnected(reason.message));
    const leave = (): void => this.#editor.close();
    for (const signal of endSignals) process.once(signal, leave);
    this.#editor.prompt();
    await closed;
    for (const signal of endSignals) process.off(signal, leave);
    this.#running?.abort();
    await events.return();
    this.#options.output.write('\n');
    this.#saveHistory();
    return this.#asked === 'quit' || client.isOpen;
  }

  #typed(line: string): void {
    this.#lines.push(line);
    if (this.#running === undefined) void this.#work();
  }

  /** One line after the other; the prompt comes back when the last is done. */
  async #work(): Promise<void> {
    const running = new AbortController();
    this.#running = running;
    for (let line = this.#lines.shift(); line !== undefined; line = this.#lines.shift()) {
      const text = this.#open.push(line);
      if (text !== undefined) await this.#command(text, running.signal);
      if (this.#asked === 'leave') break;
    }
    this.#running = undefined;
    if (this.#asked === 'leave') this.#editor.close();
    else if (this.#editing) this.#showPrompt();
  }

  async #command(text: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#show(await this.#evaluator.evaluate(text, signal));
    } catch (thrown) {
      this.#print(this.#options.style.error(failureMessage(thrown)));
    }
  }

  async #show(evaluation: Evaluation): Promise<void> {
    switch (evaluation.kind) {
      case 'reply':
        this.#print(prettyValue(evaluation.value));
        if (evaluation.command === 'quit') this.#asked = 'quit';
        return;
      case 'help':
        this.#print(await helpAnswer(this.#options.client, this.#evaluator, evaluation.topic));
        return;
      case 'leave':
        this.#asked = 'leave';
        return;
      case 'nothing':
    }
  }

  /** Ctrl-C: stop waiting; or throw away what is typed. */
  #interrupt(): void {
    if (this.#running !== undefined) {
      this.#running.abort(new Error('interrupted'));
      return;
    }
    this.#open.clear();
    this.#editor.write(null, { ctrl: true, name: 'e' });
    this.#editor.write(null, { ctrl: true, name: 'u' });
    this.#options.output.write('^C\n');
    this.#showPrompt();
  }

  async #showEvents(events: EventStream<EventMessage>): Promise<void> {
    let lost = 0;
    try {
      for await (const event of events) {
        if (events.lost > lost) this.#print(`(${events.lost - lost} events were not shown)`);
        lost = events.lost;
        this.#print(eventLine(event, this.#options.style));
      }
    } catch {
      // The server has gone: #disconnected says so.
    }
  }

  #disconnected(reason: string): void {
    if (!this.#editing) return;
    if (this.#asked === 'nothing') this.#print(this.#options.style.error(reason));
    this.#editor.close();
  }

  #showPrompt(): void {
    this.#editor.setPrompt(this.#open.isOpen ? continuationPrompt : prompt);
    this.#editor.prompt();
  }

  /**
   * Prints above the line that is being typed. The editor believes that its cursor is still as many rows below the
   * start of its line as it was, and goes up by that many before it draws: that is why empty lines follow the text.
   */
  #print(text: string): void {
    const { output } = this.#options;
    const { rows } = this.#editor.getCursorPos();
    const atPrompt = this.#editing && this.#running === undefined;
    if (atPrompt) {
      readline.moveCursor(output, 0, -rows);
      readline.cursorTo(output, 0);
      readline.clearScreenDown(output);
    }
    output.write(`${text}\n`);
    if (atPrompt) {
      output.write('\n'.repeat(rows));
      this.#editor.prompt(true);
    }
  }

  #saveHistory(): void {
    try {
      saveHistory(this.#options.historyFile, this.#history);
    } catch (thrown) {
      this.#options.output.write(`the history was not saved: ${failureMessage(thrown)}\n`);
    }
  }
}

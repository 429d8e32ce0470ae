// The engine's side of the process that makes snapshots. What goes wrong there is an answer like any other; here nothing
// waits for it.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { SnapshotMade, SnapshotRequest } from './snapshot-by-replay.ts';
import type { RedisAddress, SnapshotAnswer, SnapshotOrder } from './snapshot-process.ts';
import type { SnapshotMaker } from './snapshotter.ts';

export interface SnapshotChildOptions {
  /** A snapshot that takes longer is given up. */
  readonly msMax: number;
  /** Heap of the process that makes it. */
  readonly heapMbMax: number;
  /** Kept there besides the data folder, under the journal's name; null: in the folder alone. */
  readonly redis: { readonly url: string; readonly namespace: string } | null;
  readonly log: Logger;
  /** Its module, where it does not lie beside this one in the form that this one has. */
  readonly module?: string;
}

/** How much longer than the deadline the process that keeps it may be silent. */
const SILENCE_MS = 10_000;
const MODULE = fileURLToPath(import.meta.url).replace('snapshot-child', 'snapshot-process');

interface Asked {
  readonly resolve: (made: SnapshotMade) => void;
  readonly reject: (error: Error) => void;
  readonly silence: NodeJS.Timeout;
}

export class SnapshotChild implements SnapshotMaker {
  private readonly options: SnapshotChildOptions;
  private child: ChildProcess;
  private asked: Asked | null = null;
  private closed = false;

  /** Started at once: while the engine is small, and before anything flows. */
  constructor(options: SnapshotChildOptions) {
    this.options = options;
    this.child = this.start();
  }

  /** @throws Error with what went wrong, whatever it was; one at a time */
  make(request: SnapshotRequest): Promise<SnapshotMade> {
    if (this.asked !== null) throw new Error('one snapshot is being made already');
    const { msMax, heapMbMax, redis } = this.options;
    const address: RedisAddress | null =
      redis === null ? null : { url: redis.url, namespace: `${redis.namespace}:${request.journalId}` };
    if (!this.child.connected && !this.closed) this.child = this.start();
    return new Promise((resolve, reject) => {
      const silence = setTimeout(() => this.child.kill('SIGKILL'), msMax + SILENCE_MS);
      this.asked = { resolve, reject, silence };
      const order: SnapshotOrder = { request, redis: address, msMax, heapMbMax };
      this.child.send(order, (error) => {
        if (error !== null) this.fail(error.message);
      });
    });
  }

  /** Ends it, with whatever it is at. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    if (this.child.connected) this.child.disconnect();
    await ended;
  }

  private start(): ChildProcess {
    const { log, module = MODULE } = this.options;
    // In a process group of its own: Ctrl-C in the terminal is the engine's, and this ends with the engine.
    const child = fork(module, [], { detached: true, execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    child.on('message', (answer: SnapshotAnswer) => {
      if ('begun' in answer) log.debug({ pid: answer.begun }, 'snapshot begun');
      else if ('made' in answer) this.take()?.resolve(answer.made);
      else this.fail(answer.failed);
    });
    child.once('exit', (code, signal) => this.fail(`its process ended by ${signal ?? `code ${code}`}`));
    child.on('error', (error) => this.fail(error.message));
    return child;
  }

  private fail(reason: string): void {
    this.take()?.reject(new Error(reason));
  }

  private take(): Asked | null {
    const { asked } = this;
    this.asked = null;
    if (asked !== null) clearTimeout(asked.silence);
    return asked;
  }
}

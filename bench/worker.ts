// A part of a bench in a process of its own, called by name over the channel that Node gives to a child. The child ends
// with its parent, so that nothing is left behind.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { packageRoot } from '../config/paths.ts';

/** What a worker can be asked for; arguments and results are cloned on the way. */
export type Handlers = Readonly<Record<string, (argument: never) => unknown>>;

interface Call {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class Worker<H extends Handlers> {
  private readonly child: ChildProcess;
  private readonly pending = new Map<number, Pending>();
  private readonly module: string;
  private calls = 0;

  /** @param module of this folder, compiled: `whole-path/feed` */
  constructor(module: string, execArgv: readonly string[] = []) {
    this.module = module;
    this.child = fork(join(packageRoot, 'dist', 'bench', `${module}.js`), {
      serialization: 'advanced',
      execArgv: [...execArgv],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.child.on('message', (answer: Answer) => this.answered(answer));
    this.child.once('exit', (code, signal) => this.failAll(`${module} ended with ${code ?? signal}`));
  }

  get pid(): number {
    return this.child.pid!;
  }

  call<K extends keyof H & string>(name: K, argument: Parameters<H[K]>[0]): Promise<Awaited<ReturnType<H[K]>>> {
    const id = this.calls++;
    return new Promise((resolve, reject) => {
      if (!this.child.connected) {
        reject(new Error(`${this.module} has ended`));
        return;
      }
      this.pending.set(id, { resolve: resolve as Pending['resolve'], reject });
      this.child.send({ id, name, argument } satisfies Call);
    });
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await exited;
  }

  private answered({ id, result, error }: Answer): void {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    if (error === undefined) pending?.resolve(result);
    else pending?.reject(new Error(`${this.module}: ${error}`));
  }

  private failAll(reason: string): void {
    for (const { reject } of this.pending.values()) reject(new Error(reason));
    this.pending.clear();
  }
}

/** The child's side: answers calls until the parent is gone. */
export function serve(handlers: Handlers): void {
  process.on('message', async ({ id, name, argument }: Call) => {
    try {
      const result = await handlers[name](argument as never);
      process.send?.({ id, result } satisfies Answer);
    } catch (error) {
      process.send?.({ id, error: (error as Error).stack ?? String(error) } satisfies Answer);
    }
  });
  process.once('disconnect', () => process.exit());
}

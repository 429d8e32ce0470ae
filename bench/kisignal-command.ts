// A command of kisignal as its users call it: the compiled command line in a process of its own, with what it writes and
// the code it ends with. For `run`, which is talked to over HTTP: kisignal-process.ts.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../config/paths.ts';
import { cleanEnvironment } from './kisignal-process.ts';

export interface CommandResult {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

export class KisignalCommand {
  readonly lines: string[] = [];
  errors = '';
  readonly ended: Promise<CommandResult>;
  private readonly child: ChildProcess;

  /** @param folder working directory, so that no `.env` of the developer is read */
  constructor(folder: string, words: readonly string[]) {
    const main = join(packageRoot, 'dist', 'main.js');
    this.child = spawn(process.execPath, [main, ...words], {
      cwd: folder,
      env: cleanEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stderr!.on('data', (chunk: Buffer) => {
      this.errors += chunk.toString('utf8');
    });
    const output = createInterface({ input: this.child.stdout! }).on('line', (line) => this.lines.push(line));
    this.ended = Promise.all([once(this.child, 'exit'), once(this.child, 'close'), once(output, 'close')]).then(
      ([[code]]) => ({ code: code as number | null, out: this.lines.join('\n'), errors: this.errors }),
    );
  }

  /** Ctrl-C. */
  interrupt(): Promise<CommandResult> {
    this.child.kill('SIGINT');
    return this.ended;
  }

  kill(): Promise<CommandResult> {
    this.child.kill('SIGKILL');
    return this.ended;
  }
}

/** A command that ends by itself. */
export function kisignal(folder: string, ...words: string[]): Promise<CommandResult> {
  return new KisignalCommand(folder, words).ended;
}

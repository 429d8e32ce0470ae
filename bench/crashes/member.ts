// One process of a demonstration that is killed and started again, at once and on the same port and folder, as often as
// it takes. One that ends by itself is a failure, said with its last words.

import { mkdirSync } from 'node:fs';
import { type EndReport, KisignalProcess } from '../kisignal-process.ts';
import { freePort } from './free-port.ts';

const LAST_LINES = 20;

export interface MemberOptions {
  readonly name: string;
  readonly dataFolder: string;
  readonly flags: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export class Member {
  readonly name: string;
  readonly port: number;
  kills = 0;
  readonly failures: string[] = [];
  private readonly options: MemberOptions;
  private current: KisignalProcess | null = null;

  private constructor(options: MemberOptions, port: number) {
    this.name = options.name;
    this.options = options;
    this.port = port;
  }

  /** Has a port of its own, and does not run yet. */
  static async of(options: MemberOptions): Promise<Member> {
    return new Member(options, await freePort());
  }

  get process(): KisignalProcess {
    if (this.current === null) throw new Error(`${this.name} does not run`);
    return this.current;
  }

  get streamUrl(): string {
    return `ws://127.0.0.1:${this.port}/v1/stream`;
  }

  /** The newest lines of its log, and what it wrote to standard error. */
  get lastWords(): string {
    if (this.current === null) return `${this.name} does not run`;
    const { pid, log, errors } = this.current;
    const lines = log.slice(-LAST_LINES).map((line) => JSON.stringify(line));
    return [`${this.name}, process ${pid}, port ${this.port}:`, ...lines, errors.slice(-2000)].join('\n');
  }

  start(): void {
    const { dataFolder, flags, environment = {} } = this.options;
    mkdirSync(dataFolder, { recursive: true });
    const started = new KisignalProcess({
      dataFolder,
      flags: [...flags, '--port', String(this.port)],
      environment,
    });
    this.current = started;
    void started.exited.then((code) => {
      if (this.current === started)
        this.failures.push(`${this.name} ended by itself with code ${code}: ${started.errors.slice(-2000)}`);
    });
  }

  /** kill -9, and a new process at once. */
  async crash(): Promise<void> {
    await this.kill();
    this.kills += 1;
    this.start();
  }

  /** kill -9 */
  async kill(): Promise<void> {
    const killed = this.current;
    this.current = null;
    await killed?.kill();
  }

  /** Ctrl-C; what it reports at its end. */
  end(): Promise<EndReport> {
    const ending = this.process;
    this.current = null;
    return ending.end();
  }
}

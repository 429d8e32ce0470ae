// A kisignal as its users start it: the compiled command line in a process of its own, read by its log and its HTTP
// endpoints, ended by signals. Tests of recovery and the benches stand on it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../config/paths.ts';

export interface KisignalOptions {
  readonly dataFolder: string;
  /** Of the command `run`. */
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Of Node: `--cpu-prof`, say. */
  readonly nodeFlags?: readonly string[];
}

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface EndReport {
  readonly messages: number;
  readonly streams: number;
  readonly digest: string;
}

const POLL_MS = 20;

/** Without the variables that would make a test depend on the machine's own configuration. */
export function cleanEnvironment(): Record<string, string | undefined> {
  const foreign = /^(LIVE_)?KIS|^(REDIS_URL|KAFKA_BROKERS|PROMETHEUS_PORT)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

export class KisignalProcess {
  readonly log: LogLine[] = [];
  /** What it wrote to standard error. */
  errors = '';
  readonly exited: Promise<number | null>;
  private readonly child: ChildProcess;
  private address: string | null = null;

  constructor({ dataFolder, flags = [], environment = {}, nodeFlags = [] }: KisignalOptions) {
    this.child = spawn(
      process.execPath,
      [...nodeFlags, join(packageRoot, 'dist', 'main.js'), 'run', '--data-dir', dataFolder, '--port', '0', ...flags],
      // Another working directory, so that no `.env` of the developer is read.
      { cwd: dataFolder, env: { ...cleanEnvironment(), ...environment }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.exited = once(this.child, 'exit').then(([code]) => code as number | null);
    this.child.stderr!.on('data', (chunk: Buffer) => {
      this.errors += chunk.toString('utf8');
    });
    createInterface({ input: this.child.stdout! }).on('line', (line) => {
      const entry = JSON.parse(line) as LogLine;
      this.log.push(entry);
      if (entry.msg === 'page') this.address = entry.address as string;
    });
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Address of the page, once it is served. @throws where the process ends before, with what it said */
  async url(): Promise<string> {
    await this.until(() => this.address !== null, 'the page is served');
    return this.address!;
  }

  async status(): Promise<Status> {
    const response = await fetch(new URL('/v1/status', await this.url()));
    return (await response.json()) as Status;
  }

  /** Waits for a condition on the status. */
  async untilStatus(condition: (status: Status) => boolean, what: string, msMax = 120_000): Promise<Status> {
    let status: Status | null = null;
    await this.until(
      async () => {
        status = await this.status();
        return condition(status);
      },
      what,
      msMax,
    );
    return status!;
  }

  async until(condition: () => boolean | Promise<boolean>, what: string, msMax = 120_000): Promise<void> {
    const deadline = performance.now() + msMax;
    while (!(await condition())) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`kisignal ended before ${what}:\n${this.transcript()}`);
      }
      if (performance.now() > deadline) throw new Error(`not within ${msMax} ms: ${what}\n${this.transcript()}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** kill -9: the engine dies on the spot, the emulator lives on. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  /** Ctrl-C; the report that it prints at its end. */
  async end(): Promise<EndReport> {
    this.child.kill('SIGINT');
    const code = await this.exited;
    const report = this.log.find(({ msg }) => msg.startsWith('ended'));
    if (code !== 0 || report === undefined) throw new Error(`kisignal ended with code ${code}:\n${this.transcript()}`);
    return report as unknown as EndReport;
  }

  private transcript(): string {
    return [...this.log.slice(-20).map((line) => JSON.stringify(line)), this.errors].join('\n');
  }
}

/** The part of /v1/status that tests read. */
export interface Status {
  readonly epoch: string;
  readonly source: string;
  readonly counters: {
    readonly ticks: Record<string, number>;
    readonly gaps: Record<string, number>;
    readonly gapShares: Record<string, number>;
    readonly duplicates: number;
    readonly predictions: Record<string, number>;
    readonly signals: { readonly buy: number; readonly sell: number };
  };
  readonly feed: { readonly state: string; readonly registered: number };
  readonly journal: { readonly entries: number; readonly clampedInputs: number };
  readonly recovered: { readonly snapshotOffset: number | null; readonly replayedEntries: number };
}

export function ticksOf({ counters }: Pick<Status, 'counters'>): number {
  return Object.values(counters.ticks).reduce((sum, ticks) => sum + ticks, 0);
}

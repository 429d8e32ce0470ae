// For tests: a whole run in this process, as the command line wires it, against an emulator in this process; its folder,
// its log and its journal at hand. All of it ends with the test.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { onTestFinished, vi } from 'vitest';
import type { KisKey } from '../config/kis-account.ts';
import { dataFolder } from '../config/paths.ts';
import { type Config, configSchema } from '../config/schema.ts';
import type { Emulator } from './emulator/emulator-options.ts';
import { dataLayout } from './engine.ts';
import type { ControlCommand, Input } from './input.ts';
import { readEntries } from './journal/reader.ts';
import { replay } from './replay.ts';
import { type Run, startRun } from './run.ts';
import type { DigestReport } from './streams/streams.ts';

const DEADLINE_MS = 30_000;
const POLL_MS = 10;

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kisignal-run-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  await vi.waitUntil(condition, { timeout: DEADLINE_MS, interval: POLL_MS });
}

/** Sections as a configuration file has them. */
type Sections = { readonly [section in keyof Config]?: object };

export function configOn(
  { restUrl, webSocketUrl }: Pick<Emulator, 'restUrl' | 'webSocketUrl'>,
  folder: string,
  { source = {}, journal = {}, ...sections }: Sections = {},
): Config {
  const { kis = {}, ...others } = source as { kis?: object };
  return configSchema.parse({
    ...sections,
    source: { ...others, kis: { restUrl, webSocketUrl, ...kis } },
    journal: { dataDir: folder, ...journal },
  });
}

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export class TestRun {
  readonly config: Config;
  readonly log: LogLine[] = [];
  readonly run: Run;
  private stopped: Promise<DigestReport> | null = null;

  private constructor(config: Config, run: Run, log: LogLine[]) {
    this.config = config;
    this.run = run;
    this.log = log;
  }

  /** Begun already. */
  static async start(config: Config, kisKeys: readonly KisKey[] = []): Promise<TestRun> {
    const lines: LogLine[] = [];
    const log = pino({ level: 'debug' }, { write: (line: string) => lines.push(JSON.parse(line)) });
    const one = new TestRun(config, await startRun({ config, kisKeys }, log, 'unused'), lines);
    onTestFinished(() => one.stop().then(() => undefined));
    one.run.begin();
    return one;
  }

  get folder(): string {
    return dataFolder(this.config);
  }

  /** The part of /v1/status that the test names by its type. */
  status<T>(): T {
    return JSON.parse(JSON.stringify(this.run.status())) as T;
  }

  /** What the journal holds so far. */
  *entries(): Iterable<Input> {
    for (const { entry } of readEntries({ folder: dataLayout(this.folder).journal })) yield entry.input;
  }

  commands<T extends ControlCommand['type']>(type: T): Extract<ControlCommand, { type: T }>[] {
    const commands = [...this.entries()].flatMap((input) => (input.kind === 'control' ? [input.command] : []));
    return commands.filter((command): command is Extract<ControlCommand, { type: T }> => command.type === type);
  }

  said(message: string): LogLine[] {
    return this.log.filter(({ msg }) => msg === message);
  }

  stop(): Promise<DigestReport> {
    this.stopped ??= this.run.stop('test');
    return this.stopped;
  }

  /** Digest of the run that has ended, and of its journal once more. */
  async digests(): Promise<[live: string, replayed: string]> {
    const { digest } = await this.stop();
    const again = await replay({ dataFolder: this.folder, log: pino({ level: 'silent' }) });
    return [digest, again.digest];
  }
}

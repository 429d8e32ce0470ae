// For tests: ingest and engines in this process, against an emulator in this process; all of it ends with the test.
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { dataFolder } from '../../config/paths.ts';
import type { Config } from '../../config/schema.ts';
import { type Ingest, startIngest } from '../ingest.ts';
import type { OutputBatch } from '../messages.ts';
import type { LogLine } from '../test-run.ts';
import { type LocalEngine, type LocalEngineOptions, openLocalEngine } from './local-engine.ts';

export function keptLog() {
  const lines: LogLine[] = [];
  return { lines, log: pino({ level: 'debug' }, { write: (line: string) => lines.push(JSON.parse(line)) }) };
}

export interface TestIngest {
  readonly ingest: Ingest;
  readonly lines: LogLine[];
}

export async function testIngest(config: Config, takeOver = false): Promise<TestIngest> {
  const { lines, log } = keptLog();
  const ingest = await startIngest({ loaded: { config, kisKeys: [] }, log, main: 'unused', takeOver });
  onTestFinished(() => ingest.stop('test'));
  return { ingest, lines };
}

export interface TestEngine {
  readonly engine: LocalEngine;
  /** Published while it served. */
  readonly outputs: OutputBatch[];
  readonly lines: LogLine[];
}

/** Follows and publishes already. */
export async function testEngine(config: Config, options: Partial<LocalEngineOptions> = {}): Promise<TestEngine> {
  const { lines, log } = keptLog();
  const engine = await openLocalEngine({
    dataFolder: dataFolder(config),
    history: { windowMs: 60_000, bytesMax: 8 * 1024 * 1024 },
    handOver: { compareMs: 200, timeoutMs: 10_000 },
    log,
    ...options,
  });
  const outputs: OutputBatch[] = [];
  engine.published.subscribe((output) => outputs.push(output));
  onTestFinished(() => engine.stop().then(() => undefined));
  engine.follow();
  return { engine, outputs, lines };
}

/** Numbers of a stream in the order in which they were published. */
export function numbersOf(outputs: readonly OutputBatch[], key: string): number[] {
  return outputs.flatMap(({ updates }) =>
    updates.filter(({ stream }) => stream.key === key).flatMap(({ messages }) => messages.map(({ seq }) => seq)),
  );
}

// One seed of the world of the log: a folder for its journal, a life of ingest, workers and gateways, and what came of it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initialiseBackend } from '../../engine/predict/tensorflow-model.ts';
import { type LogSeedOptions, LogWorld } from './log-world.ts';
import { marketOf } from './market.ts';
import type { SeedReport } from './seed.ts';

export async function runLogSeed(seed: number, options: LogSeedOptions = {}): Promise<SeedReport> {
  await initialiseBackend();
  marketOf(seed);
  const folder = mkdtempSync(join(tmpdir(), 'kisignal-simulated-log-'));
  try {
    return await new LogWorld(seed, folder, options).run();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

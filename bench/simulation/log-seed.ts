// One seed of the world of the log: a folder for its journal, a life of ingest, workers and gateways, and what came of it.
import { initialiseBackend } from '../../engine/predict/tensorflow-model.ts';
import { type LogSeedOptions, LogWorld } from './log-world.ts';
import { marketOf } from './market.ts';
import type { SeedReport } from './seed.ts';
import { inSeedFolder } from './seed-folder.ts';

export async function runLogSeed(seed: number, options: LogSeedOptions = {}): Promise<SeedReport> {
  await initialiseBackend();
  marketOf(seed);
  return inSeedFolder((folder) => new LogWorld(seed, folder, options).run());
}

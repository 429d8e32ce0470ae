// One seed: a folder, a life of the system on it in virtual time, and what came of it.
import { initialiseBackend } from '../../engine/predict/tensorflow-model.ts';
import { marketOf } from './market.ts';
import type { Plant } from './plants.ts';
import { inSeedFolder } from './seed-folder.ts';
import type { Violation } from './trace.ts';
import { World } from './world.ts';

export interface SeedReport {
  readonly seed: number;
  readonly steps: number;
  readonly virtualMs: number;
  /** Over all events, in order. */
  readonly traceHash: string;
  readonly violation: Violation | null;
  readonly lastEvents: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
}

export interface SeedOptions {
  readonly plant?: Plant | undefined;
  /** Hears every event. */
  readonly onEvent?: ((line: string) => void) | undefined;
}

export async function runSeed(seed: number, options: SeedOptions = {}): Promise<SeedReport> {
  // Loaded before time is taken over: the real disk and the real compiler take as long as they take.
  await initialiseBackend();
  marketOf(seed);
  return inSeedFolder((folder) => new World(seed, folder, options).run());
}

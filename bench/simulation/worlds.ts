// The worlds that a seed may be run in, by name: what the command line, its processes and the tests share.
import { LOG_PLANTS } from './log-plants.ts';
import { runLogSeed } from './log-seed.ts';
import { PLANTS } from './plants.ts';
import { runSeed, type SeedReport } from './seed.ts';

export interface SeedRun {
  readonly seed: number;
  /** A bug planted on purpose, one of the world's. (none) */
  readonly plant?: string | undefined;
  /** Hears every event. */
  readonly onEvent?: ((line: string) => void) | undefined;
}

export interface SimulatedWorld {
  readonly plants: Readonly<Record<string, { readonly about: string }>>;
  readonly run: (run: SeedRun) => Promise<SeedReport>;
}

export const WORLDS: Readonly<Record<string, SimulatedWorld>> = {
  folder: {
    plants: PLANTS,
    run: ({ seed, plant, onEvent }) =>
      runSeed(seed, { plant: plant === undefined ? undefined : PLANTS[plant], onEvent }),
  },
  log: {
    plants: LOG_PLANTS,
    run: ({ seed, plant, onEvent }) =>
      runLogSeed(seed, { plant: plant === undefined ? undefined : LOG_PLANTS[plant], onEvent }),
  },
};

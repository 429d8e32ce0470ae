// One of the processes that run seeds side by side: is told a seed, answers with what came of it.
import { serve } from '../worker.ts';
import type { SeedReport } from './seed.ts';
import { WORLDS } from './worlds.ts';

export interface SeedOrder {
  readonly world: string;
  readonly seed: number;
  readonly plant: string | undefined;
}

const handlers = {
  run: ({ world, seed, plant }: SeedOrder): Promise<SeedReport> => WORLDS[world].run({ seed, plant }),
};
export type SeedHandlers = typeof handlers;

serve(handlers);

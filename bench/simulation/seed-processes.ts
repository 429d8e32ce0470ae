// Many seeds, side by side: each process runs one after the other and asks for the next when it is done with one. A seed
// knows nothing of the others, so it is the same whoever runs it.
import { Worker } from '../worker.ts';
import type { SeedReport } from './seed.ts';
import type { SeedHandlers, SeedOrder } from './seed-process.ts';

export interface SideBySide extends Omit<SeedOrder, 'seed'> {
  readonly first: number;
  readonly seeds: number;
  readonly processes: number;
  readonly onReport: (report: SeedReport) => void;
}

/** @throws Error where a process ends before its seeds do */
export async function runSideBySide({ first, seeds, processes, world, plant, onReport }: SideBySide): Promise<void> {
  let next = first;
  const runSome = async (): Promise<void> => {
    const worker = new Worker<SeedHandlers>('simulation/seed-process');
    try {
      while (next < first + seeds) onReport(await worker.call('run', { world, seed: next++, plant }));
    } finally {
      await worker.end();
    }
  };
  await Promise.all(Array.from({ length: Math.min(processes, seeds) }, runSome));
}

// A small share of the demonstrations of `npm run crashes`: real processes, killed at moments drawn from a seed that the
// test's report names.
import { rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';
import { crashDataFolder } from './data-folder.ts';

const SEED = Math.floor(Math.random() * 1_000_000);
let folder: string;
beforeEach(() => {
  ({ folder } = temporaryFolder());
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const quiet = (): void => {};

it(`five kills of the one process cost clients nothing but time (seed ${SEED})`, { timeout: 300_000 }, async () => {
  const report = await crashDataFolder({ kills: 5, seed: SEED, folder, clients: 2, say: quiet });
  expect(report.failures).toEqual([]);
  expect(report).toMatchObject({ disturbances: { 'kill -9': 5 }, proof: { unproven: 0 } });
  expect(report.received).toBeGreaterThan(1000);
  expect(report.proof.gaps).toBeGreaterThan(0);
});

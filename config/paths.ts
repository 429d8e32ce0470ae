// Where the project's own files lie. Assets that the compiler does not copy (pages, model artifacts) are read from the
// package's root, which is the same whether this code runs from its sources or from dist/.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from './schema.ts';

/** Folder of the nearest package.json above this file. */
export const packageRoot = nearestPackage(dirname(fileURLToPath(import.meta.url)));

/** Folder of a run's journal and snapshots. Each environment has its own, so that simulated data never meet real ones. */
export function dataFolder(config: Config): string {
  return resolve(config.journal.dataDir, config.source.env);
}

function nearestPackage(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('kisignal is not inside its package: no package.json above it');
  return nearestPackage(parent);
}

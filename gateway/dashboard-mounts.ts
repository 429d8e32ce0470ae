// What the page consists of: its own list (dashboard/assets.json) names each path and the file or folder behind it,
// compiled code and chart libraries included, so that the page can be served without a bundler.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { StaticMount } from './static-files.ts';

const assets = z.array(
  z.union([
    z.strictObject({ path: z.string().startsWith('/'), file: z.string() }),
    z.strictObject({ path: z.string().startsWith('/'), folder: z.string() }),
  ]),
);

/** Mounts with paths below the package's root. Errors: those of reading the list, and ZodError where it is not valid. */
export async function dashboardMounts(packageRoot: string): Promise<StaticMount[]> {
  const list = assets.parse(JSON.parse(await readFile(join(packageRoot, 'gateway/dashboard/assets.json'), 'utf8')));
  return list.map((asset) =>
    'file' in asset
      ? { path: asset.path, file: join(packageRoot, asset.file) }
      : { path: asset.path, folder: join(packageRoot, asset.folder) },
  );
}

// Files of the page, read once at the start: a request is a look-up in a table, so no path can lead anywhere else.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, posix, relative, sep } from 'node:path';

/** A file, or a folder with all in it, served under a path. */
export type StaticMount =
  | { readonly path: string; readonly file: string }
  | { readonly path: string; readonly folder: string };

export interface StaticFile {
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly etag: string;
}

/** Only these are served; sources, tests and whatever else stands in a folder are not. */
const CONTENT_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};
const FILES_MAX = 1000;

/** By URL path. A folder's `index.html` also stands under the folder's own path. Errors: those of reading the files. */
export async function loadStaticFiles(mounts: readonly StaticMount[]): Promise<Map<string, StaticFile>> {
  const files = new Map<string, StaticFile>();
  for (const mount of mounts) {
    if ('file' in mount) {
      files.set(mount.path, await loadFile(mount.file));
      continue;
    }
    const entries = await readdir(mount.folder, { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      if (!entry.isFile() || entry.name.startsWith('.') || CONTENT_TYPES[extname(entry.name)] === undefined) continue;
      const file = join(entry.parentPath, entry.name);
      const path = posix.join(mount.path, relative(mount.folder, file).split(sep).join('/'));
      files.set(path, await loadFile(file));
      if (files.size > FILES_MAX) throw new Error(`more than ${FILES_MAX} files to serve under ${mount.folder}`);
      if (entry.name === 'index.html') files.set(path.slice(0, -'index.html'.length), files.get(path)!);
    }
  }
  return files;
}

async function loadFile(file: string): Promise<StaticFile> {
  const contentType = CONTENT_TYPES[extname(file)];
  if (contentType === undefined) throw new Error(`no content type is known for ${file}`);
  const body = await readFile(file);
  return { body, contentType, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` };
}

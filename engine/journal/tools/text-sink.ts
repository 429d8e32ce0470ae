// Writes many small texts to a file or to the terminal in few large pieces, and waits where the other end is slower.
import { createWriteStream, renameSync, rmSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';

const PIECE_CHARACTERS = 1 << 16;

/** Ends quietly where the reader has gone (`journal cat | head`). @throws Error where it cannot be written */
export async function writeTexts(texts: Iterable<string>, out: Writable): Promise<void> {
  // A stream tells of an error twice, by callback and by event; the event must have someone who hears it.
  out.on('error', () => {});
  const write = (piece: string): Promise<void> =>
    new Promise((resolve, reject) => {
      out.write(piece, (error) => (error ? reject(error) : resolve()));
    });
  try {
    let piece = '';
    for (const text of texts) {
      piece += text;
      if (piece.length < PIECE_CHARACTERS) continue;
      await write(piece);
      piece = '';
    }
    await write(piece);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

/** To a file that takes its name once it is whole. @throws Error where the disk refuses; nothing is left of it then */
export async function writeTextFile(texts: Iterable<string>, path: string): Promise<void> {
  const part = `${path}.part`;
  const out = createWriteStream(part);
  try {
    await writeTexts(texts, out);
    out.end();
    await finished(out);
    renameSync(part, path);
  } catch (error) {
    out.destroy();
    rmSync(part, { force: true });
    throw error;
  }
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { dataLayout } from './engine.ts';
import { Journal } from './journal/journal.ts';
import { listSegments } from './journal/segments.ts';
import { ReplayError, replay } from './replay.ts';
import { TEN } from './test-market.ts';

const log = pino({ level: 'silent' });
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-replay-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('refuses what is no data folder, and names it: no journal has no digest', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  for (const path of [join(folder, 'nowhere'), folder, file]) {
    const failure = await replay({ dataFolder: path, log }).catch((error) => error);
    expect(failure).toBeInstanceOf(ReplayError);
    expect(failure.message).toContain(path);
  }
});

it('says what is missing where older days were pruned and no state was kept', async () => {
  const layout = dataLayout(folder);
  const journal = new Journal({ folder: layout.journal, segmentBytesMax: 1 << 20, diskBudgetBytes: 1 << 30, log });
  for (const day of [0, 1]) journal.append([{ kind: 'clock', engineTimeUs: TEN + day * 86_400_000_000 }]);
  journal.close();
  rmSync(listSegments(layout.journal)[0].path);
  await expect(replay({ dataFolder: folder, log })).rejects.toThrow(ReplayError);
  writeFileSync(layout.journalId, 'id\n');
  await expect(replay({ dataFolder: folder, log })).rejects.toThrow(/older days were pruned.*snapshot/);
});

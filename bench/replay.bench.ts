// How fast a journal runs through the code that runs live, beside reading the same journal and doing nothing with it.
import { pino } from 'pino';
import { dataLayout } from '../engine/engine.ts';
import { readJournal } from '../engine/journal/reader.ts';
import { replay } from '../engine/replay.ts';
import { sharedUs } from './shared-clock.ts';

export interface ReplayResult {
  readonly ticks: number;
  readonly entries: number;
  readonly seconds: number;
  readonly readingSeconds: number;
}

/** @param dataFolder of one environment: `…/emulator` */
export async function benchReplay(dataFolder: string): Promise<ReplayResult> {
  let startUs = sharedUs();
  let read = 0;
  for (const { inputs } of readJournal({ folder: dataLayout(dataFolder).journal })) read += inputs.length;
  const readingSeconds = (sharedUs() - startUs) / 1e6;
  startUs = sharedUs();
  const { ticks, entries } = await replay({ dataFolder, log: pino({ level: 'silent' }) });
  if (entries !== read) throw new Error(`the replay took ${entries} entries of ${read}`);
  return { ticks, entries, seconds: (sharedUs() - startUs) / 1e6, readingSeconds };
}

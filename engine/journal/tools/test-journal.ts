// For tests of the journal's tools: a journal of a simulated market's real frames, in several segments, most compressed.
import { pino } from 'pino';
import type { FrameInput, Input } from '../../input.ts';
import { marketBatches, TEN } from '../../test-market.ts';
import { Journal } from '../journal.ts';

/** Two seconds of four symbols behind a start, a session that is lost and comes back, and what the operator asked for. */
export async function writeTestJournal(folder: string): Promise<Input[][]> {
  const start: Input = {
    kind: 'control',
    engineTimeUs: TEN,
    command: {
      type: 'start',
      epoch: 'e1',
      source: 'simulated',
      feed: 'test',
      configHash: 'c',
      modelHash: 'm',
      calendarHash: 'k',
      versions: { kisignal: '0', node: 'v20', backend: 'plain' },
    },
  };
  const session = (engineTimeUs: number, event: 'connected' | 'lost', code?: string): Input => ({
    kind: 'session',
    engineTimeUs,
    session: 'kis-1',
    event,
    ...(code && { code }),
  });
  const written: Input[][] = [
    [start, session(TEN, 'connected')],
    ...marketBatches({ seconds: 2 }),
    [session(TEN + 60_000_000, 'lost', '1006')],
    [
      session(TEN + 65_000_000, 'connected'),
      { kind: 'frame', engineTimeUs: TEN + 65_000_000, bytes: Buffer.from('?') },
    ],
  ];
  const journal = new Journal({
    folder,
    segmentBytesMax: 8_000,
    diskBudgetBytes: 1 << 30,
    compression: 'gzip',
    log: pino({ level: 'silent' }),
  });
  for (const inputs of written) journal.append(inputs);
  await journal.compressed();
  journal.close();
  return written;
}

/** Records of a TR as their fields, split as simply as can be, with the number of their entry. */
export function recordsOf(
  written: readonly Input[][],
  trIds: readonly string[],
): { offset: number; fields: string[] }[] {
  return written.flat().flatMap((input, offset) => {
    if (input.kind !== 'frame') return [];
    const [, trId, count, payload = ''] = textOf(input).split('|');
    if (!trIds.includes(trId)) return [];
    const fields = payload.split('^');
    const width = fields.length / Number(count);
    return Array.from({ length: Number(count) }, (_, r) => ({
      offset,
      fields: fields.slice(r * width, (r + 1) * width),
    }));
  });
}

export function textOf({ bytes }: FrameInput): string {
  return Buffer.from(bytes).toString('utf8');
}

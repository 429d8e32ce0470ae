// Real frames of several years, each alone, find nothing: no check holds the market for a fault. Market data may not be
// handed on, so they are read from outside of the project where they are at hand.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { kstToUtcUs } from '../../config/calendar.ts';
import { QualityFeed } from './quality-feed.ts';

const shared = process.env.KISIGNAL_SHARED_DATA ?? join(import.meta.dirname, '..', '..', '..', 'shared', 'data');
const FRAMES = join(shared, 'kis', 'frames.jsonl');
const DATE_FIELD = 33;
const WAY_US = 200_000;

interface Row {
  readonly tr_id: string;
  readonly raw: string;
  readonly note: string;
}

it.skipIf(!existsSync(FRAMES))(
  'finds nothing in real trades and books (skipped without the shared data folder)',
  () => {
    const rows = readFileSync(FRAMES, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row)
      .filter(({ tr_id, note }) => ['H0STCNT0', 'H0STASP0'].includes(tr_id) && !note.includes('TRUNCATED'));
    expect(rows.length).toBeGreaterThan(5);
    for (const { tr_id, raw } of rows) {
      const frame = raw.startsWith('0|') ? raw : `0|${tr_id}|001|${raw}`;
      const fields = frame.split('|')[3].split('^');
      const date = tr_id === 'H0STCNT0' ? Number(fields[DATE_FIELD]) : 20260922;
      const clock = fields.slice(1).find((field) => /^\d{6}$/.test(field))!;
      const [hours, minutes, seconds] = [0, 2, 4].map((at) => Number(clock.slice(at, at + 2)));
      const feed = new QualityFeed();
      feed.register(fields[0], 'KRX');
      feed.enter(kstToUtcUs(date, hours * 3600 + minutes * 60 + seconds) + WAY_US, new TextEncoder().encode(frame));
      expect(feed.findings, frame.slice(0, 60)).toEqual([]);
    }
  },
);

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { RecordingFeed } from './recording-feed.ts';
import { PlainClient, testEmulator } from './test-emulator.ts';

const folder = mkdtempSync(join(tmpdir(), 'kisignal-recording-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function recording(rows: readonly unknown[]): string {
  const path = join(folder, `${++files}.jsonl`);
  writeFileSync(path, rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n'));
  return path;
}

function trade(code: string, price: number): string {
  return `0|H0STCNT0|001|${code}^090000^${price}`;
}

describe('recording feed', () => {
  it('plays data frames at a fixed pace and passes over all else', () => {
    const path = recording([
      { raw: '{"header":{"tr_id":"PINGPONG"}}' },
      { raw: trade('005930', 1) },
      'no json',
      { raw: '1|H0STCNI0|001|AAAA' },
      { raw: trade('삼성전자', 2) },
      { raw: trade('0074K0', 3) },
      { other: 1 },
    ]);
    const feed = new RecordingFeed({ path, framesPerSecond: 10, startTimeUs: 1_000 });
    expect(feed.advanceTo(0).map(({ frame }) => frame)).toEqual([trade('005930', 1)]);
    expect(feed.advanceTo(99_999)).toEqual([]);
    expect(feed.advanceTo(200_000)).toEqual([
      { registration: 'H0STCNT0|삼성전자', frame: trade('삼성전자', 2) },
      { registration: 'H0STCNT0|0074K0', frame: trade('0074K0', 3) },
    ]);
    expect([feed.nextDueUs, feed.skipped, feed.timeUs]).toEqual([Number.POSITIVE_INFINITY, 4, 201_000]);
  });

  it('keeps recorded times, and lets a time that goes back follow at once', () => {
    const path = recording([
      { raw: trade('005930', 1), time_us: 5_000_000 },
      { raw: trade('005930', 2), time_us: 7_000_000 },
      { raw: trade('005930', 3), time_us: 6_000_000 },
      { raw: trade('005930', 4) },
      { raw: trade('005930', 5), time_us: 8_000_000 },
    ]);
    const feed = new RecordingFeed({ path, startTimeUs: 1 });
    expect(feed.timeUs).toBe(5_000_000);
    expect(feed.advanceTo(1_999_999)).toHaveLength(1);
    expect(feed.advanceTo(2_000_000)).toHaveLength(3);
    expect(feed.nextDueUs).toBe(3_000_000);
    expect(feed.timeUs).toBe(7_000_000);
  });

  it('reads files larger than its buffer, with lines across its edges', () => {
    const rows = Array.from({ length: 3_000 }, (_, at) => ({ raw: trade('삼성005930', at) + '^가'.repeat(at % 40) }));
    const feed = new RecordingFeed({ path: recording(rows), framesPerSecond: 1, startTimeUs: 0 });
    expect(feed.advanceTo(3_000_000_000).map(({ frame }) => frame)).toEqual(rows.map(({ raw }) => raw));
  });

  it('refuses a file without frames', () => {
    expect(() => new RecordingFeed({ path: recording([{ raw: 'x' }]), startTimeUs: 0 })).toThrow('no data frame');
  });

  it('begins on the wire only when clients have registered, and sends each what it asked for', async () => {
    const rows = Array.from({ length: 50 }, (_, at) => ({ raw: trade(at % 2 === 0 ? '005930' : '000660', at) }));
    const path = recording(rows);
    const emulator = await testEmulator({
      feed: { kind: 'recording', path, framesPerSecond: 1_000, startTimeUs: 1_000 },
    });
    const client = await PlainClient.connect(emulator);
    client.request('H0STCNT0', '005930');
    await vi.waitFor(() => expect(client.frames()).toHaveLength(25), { timeout: 20_000, interval: 5 });
    expect(client.frames()).toEqual(rows.filter((_, at) => at % 2 === 0).map(({ raw }) => raw));
  });
});

import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { isOnGrid, priceLimits } from '../../../config/tick-table.ts';
import { FaultLog } from './fault-log.ts';
import { FrameFaults, type FrameFaultType } from './frame-faults.ts';
import { parseFrame } from './frame-record.ts';

const TRADES = 'H0STCNT0|005930';
const BOOKS = 'H0STASP0|005930';
const PREVIOUS_CLOSE = 70_000;
const TIME_US = 1_790_000_000_000_000;

let log: FaultLog;
let faults: FrameFaults;
let day: { volume: number; turnover: number };
beforeEach(() => {
  log = new FaultLog();
  faults = new FrameFaults({ log, timeUs: () => TIME_US });
  day = { volume: 1_000, turnover: 70_000_000 };
});

/** Trades that go on from those before: [price, shares] each. */
function trades(prints: readonly (readonly [number, number])[], width = 47, date = '20260922'): Buffer {
  const records = prints.map(([price, volume]) => {
    day.volume += volume;
    day.turnover += price * volume;
    const fields = Array<string>(width).fill('0');
    fields.splice(0, 3, '005930', '093015', String(price));
    fields.splice(4, 1, String(price - PREVIOUS_CLOSE));
    fields.splice(7, 3, '70000', '71000', '69000');
    fields.splice(12, 3, String(volume), String(day.volume), String(day.turnover));
    fields[33] = date;
    return fields.join('^');
  });
  return Buffer.from(`0|H0STCNT0|${String(prints.length).padStart(3, '0')}|${records.join('^')}`);
}

function book(): Buffer {
  const fields = Array<string>(63).fill('0');
  fields.splice(0, 3, '005930', '093015', '0');
  for (let level = 0; level < 10; level += 1) {
    fields[3 + level] = String(70_100 + 100 * level);
    fields[13 + level] = String(70_000 - 100 * level);
  }
  return Buffer.from(`0|H0STASP0|001|${fields.join('^')}`);
}

function sent(frame: Buffer, registration = TRADES): string[] {
  return faults.spoil(frame, registration).map(String);
}

function recordsOf(message: string): string[][] {
  return parseFrame(message)!.records.map((fields) => [...fields]);
}

/** Records of all messages that are still frames of this layout, as a strict client reads them. */
function received(messages: readonly string[], width = 47): string[][] {
  return messages.flatMap((message) => {
    const frame = /^0\|H0STCNT0\|\d{3}\|[^|]*$/.test(message) ? parseFrame(message) : undefined;
    return frame?.records.filter((fields) => fields.length >= width && Number(fields[2]) > 0).map((f) => [...f]) ?? [];
  });
}

describe('a frame', () => {
  it('passes untouched, the same bytes, where no fault waits or none fits', () => {
    const frame = trades([[70_100, 5]]);
    expect(faults.spoil(frame, TRADES)[0]).toBe(frame);
    faults.add({ type: 'drop', trId: 'H0STCNT0', trKey: '000660' });
    faults.add({ type: 'crossed_book' });
    const next = trades([[70_100, 5]]);
    expect(faults.spoil(next, TRADES)[0]).toBe(next);
    expect(log.entries).toEqual([]);
  });

  it.each<[FrameFaultType, number]>([
    ['drop', 0],
    ['truncate', 1],
    ['split', 2],
    ['unknown_tr', 1],
    ['miscount', 1],
    ['empty_fields', 1],
    ['null_fields', 1],
    ['oversize', 1],
  ])('is lost by %s, and the log says how many records, shares and won', (type, messages) => {
    for (const prints of [
      [[70_100, 5]],
      [
        [70_100, 5],
        [70_200, 3],
      ],
      Array(20).fill([69_950, 1]),
    ]) {
      log.clear();
      faults.add({ type, trKey: '005930' });
      const result = sent(trades(prints as [number, number][]));
      expect(result).toHaveLength(messages);
      if (type !== 'oversize') expect(received(result)).toEqual([]);
      const shares = prints.reduce((sum, [, volume]) => sum + volume, 0);
      const won = prints.reduce((sum, [price, volume]) => sum + price * volume, 0);
      const loss = { recordsLost: prints.length, sharesLost: shares, wonLost: won };
      expect(log.entries).toEqual([{ type, trId: 'H0STCNT0', trKey: '005930', timeUs: TIME_US, ...loss }]);
    }
  });

  it('changes places by reorder, joins by merge, and comes twice by duplicate', () => {
    const [a, b, c, d, e] = Array.from({ length: 5 }, () => trades([[70_100, 5]]));
    faults.add({ type: 'reorder' });
    expect([...sent(a), ...sent(b)]).toEqual([String(b), String(a)]);
    faults.add({ type: 'merge' });
    expect([...sent(c), ...sent(d)]).toEqual([`${c}${d}`]);
    expect(received([`${c}${d}`])).toEqual([]);
    faults.add({ type: 'duplicate' });
    expect(sent(e)).toEqual([String(e), String(e)]);
    const entries = log.entries.map(({ type, recordsLost, sharesLost }) => [type, recordsLost, sharesLost]);
    expect(entries).toEqual([
      ['reorder', 0, 0],
      ['merge', 2, 10],
      ['duplicate', 0, 0],
    ]);
  });

  it('is held back per registration, and released at the end', () => {
    faults.add({ type: 'reorder' });
    const frame = trades([[70_100, 5]]);
    expect(sent(frame)).toEqual([]);
    expect(sent(book(), BOOKS)).toEqual([String(book())]);
    expect(faults.release()).toEqual([{ registration: TRADES, frame }]);
    expect(faults.release()).toEqual([]);
  });

  it('grows beyond 8 KB by large, with every record in it, and ends where the width changes', () => {
    faults.add({ type: 'large', count: 2 });
    const frames = Array.from({ length: 200 }, () => trades([[70_100, 1]]));
    const result: string[] = [];
    while (result.length === 0) result.push(...sent(frames.shift()!));
    expect(result[0].length).toBeGreaterThan(8192);
    const records = recordsOf(result[0]);
    expect(records).toHaveLength(200 - frames.length);
    expect(result[0].slice(11, 14)).toBe(String(records.length).padStart(3, '0'));
    expect([...sent(frames[0]), ...sent(frames[1])]).toEqual([]);
    const narrow = trades([[70_100, 1]], 46);
    expect(sent(narrow)).toEqual([expect.stringMatching(/^0\|H0STCNT0\|002\|/), String(narrow)]);
    expect(log.entries.map(({ recordsLost }) => recordsLost)).toEqual([0, 0]);
  });

  it('is preceded by the last three by rewind: cumulative volume goes back and returns, and nothing is lost', () => {
    const before = Array.from({ length: 5 }, () => String(trades([[70_100, 2]])));
    for (const frame of before) sent(Buffer.from(frame));
    faults.add({ type: 'rewind' });
    const frame = trades([[70_100, 2]]);
    expect(sent(frame)).toEqual([...before.slice(2), String(frame)]);
    expect(log.entries[0]).toMatchObject({ type: 'rewind', recordsLost: 0 });
  });

  it.each([46, 47])('of width %i is wider than any known layout by wider, each record for itself', (width) => {
    faults.add({ type: 'wider' });
    const records = recordsOf(
      sent(
        trades(
          [
            [70_100, 5],
            [70_200, 5],
          ],
          width,
        ),
      )[0],
    );
    expect(records.map((fields) => fields.length)).toEqual([48, 48]);
    expect(records[1][0]).toBe('005930');
  });
});

describe('corrupted values', () => {
  it.each([
    [70_100, 5],
    [1_990, 8],
    [700_000, 1],
  ] as const)('off_grid puts %i on no tick and no midpoint, and keeps every identity of the day', (price, volume) => {
    faults.add({ type: 'off_grid' });
    const result = [
      trades([
        [price, volume],
        [price, volume],
      ]),
      trades([[price, volume]]),
    ].flatMap((f) => sent(f));
    const records = recordsOf(result[0]).concat(recordsOf(result[1]));
    expect(isOnGrid(Number(records[0][2]))).toBe(false);
    expect(Number(records[0][2]) - Number(records[0][4])).toBe(PREVIOUS_CLOSE);
    for (let at = 1; at < records.length; at += 1) {
      const [before, now] = [records[at - 1].map(Number), records[at].map(Number)];
      expect(now[13] - before[13]).toBe(now[12]);
      expect(now[14] - before[14]).toBe(now[2] * now[12]);
    }
    expect(log.entries[0]).toMatchObject({ type: 'off_grid', recordsLost: 0, wonLost: 0 });
  });

  it('false turnover ends with the day', () => {
    faults.add({ type: 'beyond_limits' });
    const [spoiled] = recordsOf(sent(trades([[70_100, 5]]))[0]);
    expect(Number(spoiled[2])).toBeGreaterThan(priceLimits(PREVIOUS_CLOSE).upper);
    expect(isOnGrid(Number(spoiled[2]))).toBe(true);
    expect(Number(spoiled[8])).toBe(Number(spoiled[2]));
    const later = trades([[70_100, 5]]);
    expect(sent(later)).not.toEqual([String(later)]);
    for (let at = 0; at < 2; at += 1) {
      const tomorrow = trades([[70_100, 5]], 47, '20260923');
      expect(sent(tomorrow)).toEqual([String(tomorrow)]);
    }
  });

  it('bad_volume says more shares than the total rose by; bad_turnover more won, and goes on from there', () => {
    faults.add({ type: 'bad_volume' });
    const clean = trades([[70_100, 5]]);
    expect(Number(recordsOf(sent(clean)[0])[0][12])).toBe(12);
    const totalBefore = day.turnover;
    faults.add({ type: 'bad_turnover' });
    const records = [trades([[70_100, 5]]), trades([[70_100, 2]])].flatMap((f) => sent(f)).flatMap(recordsOf);
    expect(Number(records[0][14])).toBe(totalBefore + 2 * 5 * 70_100);
    expect(Number(records[1][14])).toBe(Number(records[0][14]) + 2 * 70_100);
  });

  it('crossed_book waits for a book, stale_time makes seconds old, null_fields says (null)', () => {
    faults.add({ type: 'crossed_book' });
    sent(trades([[70_100, 5]]));
    const [crossed] = recordsOf(sent(book(), BOOKS)[0]);
    expect([crossed[3], crossed[13]]).toEqual(['70000', '70100']);
    faults.add({ type: 'stale_time' });
    expect(recordsOf(sent(book(), BOOKS)[0])[0][1]).toBe('093005');
    faults.add({ type: 'null_fields' });
    expect(sent(book(), BOOKS)[0].split('^')[3]).toBe('(null)');
  });

  it('index_off lifts the level by two hundredths and keeps its previous close', () => {
    const fields = Array<string>(30).fill('0');
    fields.splice(0, 5, '0001', '093015', '3000.00', '2', '10.00');
    faults.add({ type: 'index_off' });
    const [spoiled] = recordsOf(sent(Buffer.from(`0|H0UPCNT0|001|${fields.join('^')}`), 'H0UPCNT0|0001')[0]);
    expect([spoiled[2], spoiled[4]]).toEqual(['3060.00', '70.00']);
  });
});

describe('accounting', () => {
  it('holds over any sequence of faults: what was sent is what was received and what the log calls lost', () => {
    // An oversize frame is read by nobody, but it does parse: it stands for the others here.
    const types = [
      'drop',
      'truncate',
      'split',
      'miscount',
      'unknown_tr',
      'merge',
      'reorder',
      'duplicate',
      'large',
    ] as const;
    const step = fc.record({
      fault: fc.option(fc.constantFrom<FrameFaultType>(...types, 'rewind', 'off_grid', 'beyond_limits', 'wider'), {
        nil: undefined,
      }),
      prints: fc.array(fc.tuple(fc.constantFrom(69_900, 70_000, 70_050, 70_100), fc.integer({ min: 1, max: 99 })), {
        minLength: 1,
        maxLength: 20,
      }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        log = new FaultLog();
        faults = new FrameFaults({ log, timeUs: () => 0 });
        day = { volume: 0, turnover: 0 };
        const messages = steps.flatMap(({ fault, prints }) => {
          if (fault !== undefined) faults.add({ type: fault });
          return sent(trades(prints));
        });
        messages.push(...faults.release().map(({ frame }) => String(frame)));
        const seen = new Map<string, number>();
        for (const fields of received(messages)) seen.set(fields[13], Number(fields[12]));
        const shares = [...seen.values()].reduce((sum, volume) => sum + volume, 0);
        const lost = log.entries.reduce((sum, { sharesLost }) => sum + sharesLost, 0);
        expect(shares + lost).toBe(day.volume);
        const records = steps.reduce((sum, { prints }) => sum + prints.length, 0);
        expect(seen.size + log.entries.reduce((sum, { recordsLost }) => sum + recordsLost, 0)).toBe(records);
      }),
    );
  });

  it('forgets its oldest entries at a bound, and says how many', () => {
    const entry = { type: 'drop', trId: '', trKey: '', recordsLost: 1, sharesLost: 1, wonLost: 1 } as const;
    for (let at = 0; at < 10_500; at += 1) log.add({ ...entry, timeUs: at });
    expect(log.forgotten).toBe(1_000);
    expect(log.entries.length).toBe(9_500);
    expect(log.entries[0].timeUs).toBe(1_000);
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kstToUtcUs } from '../../../config/calendar.ts';
import type { Input } from '../../input.ts';
import { TEN } from '../../test-market.ts';
import { listSegments } from '../segments.ts';
import { journalCommand } from './command.ts';
import type { JournalListing } from './listing.ts';
import type { JournalOptionTexts } from './options.ts';
import { parsePosition, SelectionError } from './selection.ts';
import type { JournalStatistics } from './statistics.ts';
import { recordsOf, textOf, writeTestJournal } from './test-journal.ts';

let home: string;
let folder: string;
let written: Input[][];
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'kisignal-tools-'));
  folder = join(home, 'journal');
  written = await writeTestJournal(folder);
});
afterAll(() => rmSync(home, { recursive: true }));

/** What the command prints. */
async function printed(word: string | undefined, options: JournalOptionTexts = {}, of = folder): Promise<string> {
  const out = new PassThrough();
  const all = text(out);
  await journalCommand(word, of, options, { out, remarks: new PassThrough() });
  out.end();
  return all;
}

describe('journal ls', () => {
  it('lists every segment with entries, time and form', async () => {
    const listing: JournalListing = JSON.parse(await printed('ls', { format: 'json' }));
    expect(listing).toMatchObject({ folder, days: 1, entries: written.flat().length, damages: [] });
    expect(listing.from).toBe('2026-11-23T10:00:00.000000+09:00');
    expect(listing.until).toBe('2026-11-23T10:01:05.000000+09:00');
    expect(listing.segments.map(({ firstOffset }) => firstOffset)).toEqual(
      listSegments(folder).map(({ firstOffset }) => firstOffset),
    );
    expect(listing.segments.at(-1)).toMatchObject({ date: 20261123, compression: null });
    expect(listing.segments[0]).toMatchObject({ compression: 'gzip', firstOffset: 0 });
  });

  it('is a table for a person, its columns under each other', async () => {
    const lines = (await printed('ls')).split('\n');
    expect(lines[0]).toBe(`journal   ${folder}`);
    const header = lines.findIndex((line) => line.startsWith('from (KST)'));
    expect(lines[header + 1]).toMatch(/^2026-11-23 10:00:00 +0 +\d+ +[\d.]+ (kB|bytes) {2}gzip$/);
    expect(lines[header].indexOf('form')).toBe(lines[header + 1].indexOf('gzip'));
  });

  it('lists the others where one is damaged, and says which', async () => {
    const broken = join(home, 'broken');
    await writeTestJournal(broken);
    const [first] = listSegments(broken);
    writeFileSync(first.path, 'no segment');
    const listing: JournalListing = JSON.parse(await printed('ls', { format: 'json' }, broken));
    expect(listing.segments).toHaveLength(listSegments(broken).length - 1);
    expect(listing.damages).toEqual([expect.stringContaining(first.path)]);
  });
});

describe('journal stats', () => {
  it('counts what was written', async () => {
    const statistics: JournalStatistics = JSON.parse(await printed('stats', { format: 'json' }));
    const inputs = written.flat();
    const count = (kind: Input['kind']) => inputs.filter((input) => input.kind === kind).length;
    expect(statistics.entries).toBe(inputs.length);
    expect(statistics.batches).toBe(written.length);
    expect(statistics.entriesByKind).toEqual({ frame: count('frame'), clock: count('clock'), session: 3, control: 1 });
    expect(statistics.sessions).toEqual({ connected: 2, lost: 1, 'lost: 1006': 1 });
    expect(statistics.commands).toEqual({ start: 1 });
    expect(statistics.undecoded).toEqual({ envelope: 1 });
    expect(statistics.streams.H0STCNT0.records).toBe(recordsOf(written, ['H0STCNT0']).length);
    expect(statistics.streams.unreadable).toEqual({ frames: 1, records: 0, bytes: 1 });
    expect(statistics.symbols).toBe(4);
    expect(statistics.peak.entries).toBe(inputs.filter(({ engineTimeUs }) => engineTimeUs < TEN + 60_000_000).length);
    expect(statistics.pauses.slice(0, 2).map(({ us }) => us)).toEqual([58_000_000, 5_000_000]);
  });

  it('is tables for a person', async () => {
    const shown = await printed('stats');
    expect(shown).toMatch(/^stream +frames +records +bytes$/m);
    expect(shown).toMatch(/^58 s +2026-11-23 10:00:02 +\d+$/m);
  });
});

describe('journal cat', () => {
  it('shows an entry a line, the frames as they came', async () => {
    const lines = (await printed('cat')).trimEnd().split('\n');
    expect(lines).toHaveLength(written.flat().length);
    expect(lines[0]).toMatch(/^0 {2}2026-11-23 10:00:00\.000000 {2}control {2}start epoch="e1" source="simulated"/);
    expect(lines[1]).toBe('1  2026-11-23 10:00:00.000000  session  kis-1 connected');
    const frame = written.flat().findIndex(({ kind }) => kind === 'frame');
    expect(lines[frame].endsWith(textOf(written.flat()[frame] as never))).toBe(true);
  });

  it('shows the kinds and the part that are asked for, at most so many', async () => {
    const shown = await printed('cat', { kinds: 'session,control', from: '1', limit: '2', format: 'json' });
    const entries = shown
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries).toMatchObject([
      { offset: 1, kind: 'session', session: 'kis-1', event: 'connected' },
      { kind: 'session', event: 'lost', code: '1006', time: '2026-11-23T10:01:00.000000+09:00' },
    ]);
    expect(await printed('cat', { from: '2026-11-23T10:01:01', kinds: 'session' })).toMatch(/^\d+ .*connected\n$/);
    expect(await printed('cat', { to: '2026-11-23' })).toBe('');
  });

  it('ends quietly where the reader has gone, and tells of any other failure', async () => {
    for (const [code, ends] of [
      ['EPIPE', true],
      ['EIO', false],
    ] as const) {
      const write = (_: unknown, __: unknown, done: (error: Error) => void): void =>
        done(Object.assign(new Error(code), { code }));
      const shown = journalCommand('cat', folder, {}, { out: new Writable({ write }), remarks: new PassThrough() });
      await (ends ? expect(shown).resolves.toBeUndefined() : expect(shown).rejects.toThrow(code));
    }
  });
});

describe('journal export', () => {
  it('goes to the terminal as JSON lines, or to a file that is named', async () => {
    const lines = (await printed('export', { symbols: '005930' })).trimEnd().split('\n');
    expect(new Set(lines.map((line) => JSON.parse(line).code))).toEqual(new Set(['005930']));
    const out = join(home, 'trades.jsonl');
    expect(await printed('export', { symbols: '005930', out })).toBe('');
    expect(readFileSync(out, 'utf8').trimEnd().split('\n')).toEqual(lines);
  });
});

describe('what is asked for wrongly', () => {
  it('is told', async () => {
    const wrong: [string | undefined, JournalOptionTexts, RegExp][] = [
      [undefined, {}, /needs a word: ls, cat/],
      ['dump', {}, /needs a word/],
      ['ls', { format: 'xml' }, /--format xml: it is one of text, json/],
      ['cat', { kinds: 'frame,tick' }, /--kinds tick/],
      ['cat', { limit: 'many' }, /--limit is a whole number/],
      ['cat', { from: 'yesterday' }, /"yesterday" is neither/],
      ['export', { what: 'bars' }, /--what bars/],
      ['export', { format: 'parquet' }, /needs a name/],
    ];
    for (const [word, options, message] of wrong) {
      const failure = await printed(word, options).catch((error) => error);
      expect(failure).toBeInstanceOf(SelectionError);
      expect(failure.message).toMatch(message);
    }
    await expect(printed('ls', {}, join(home, 'nowhere'))).rejects.toThrow(/no journal here/);
  });

  it('positions are entries or times of Korea', () => {
    expect(parsePosition('1200')).toEqual({ offset: 1200 });
    expect(parsePosition('2026-11-23')).toEqual({ timeUs: kstToUtcUs(20261123, 0) });
    expect(parsePosition('2026-11-23T09:30')).toEqual({ timeUs: kstToUtcUs(20261123, 34_200) });
    expect(parsePosition('2026-11-23 09:30:01.25')).toEqual({ timeUs: kstToUtcUs(20261123, 34_201.25) });
    for (const text of ['', '-1', '2026-13-01', '2026-11-23T24:00', '2026-11-23T09:60', '2026-11-23T09:00:60', '1e3']) {
      expect(() => parsePosition(text), text).toThrow(SelectionError);
    }
  });
});

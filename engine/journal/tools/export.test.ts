import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Input } from '../../input.ts';
import { TEN } from '../../test-market.ts';
import { listSegments } from '../segments.ts';
import { type ExportOptions, exportJournal } from './export.ts';
import { writeParquetFile } from './parquet-file.ts';
import type { Column } from './records.ts';
import { SelectionError } from './selection.ts';
import { recordsOf, writeTestJournal } from './test-journal.ts';

type Values = Record<string, string | number>;

let home: string;
let folder: string;
let written: Input[][];
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'kisignal-export-'));
  folder = join(home, 'journal');
  written = await writeTestJournal(folder);
});
afterAll(() => rmSync(home, { recursive: true }));

async function jsonLines(options: Omit<ExportOptions, 'out' | 'format'>): Promise<Values[]> {
  const path = join(home, 'rows.jsonl');
  const { rows } = await exportJournal(folder, { ...options, format: 'jsonl', out: path });
  const lines = readFileSync(path, 'utf8').split('\n');
  expect(lines.pop()).toBe('');
  expect(lines).toHaveLength(rows);
  return lines.map((line) => JSON.parse(line));
}

/** As JSON lines have them: whole numbers as numbers, times as text. */
async function parquetRows(path: string): Promise<Values[]> {
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path) });
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]),
    ),
  );
}

describe('an export', () => {
  it('of trades holds every record of every venue, as its fields say', async () => {
    expect(listSegments(folder).filter(({ compression }) => compression !== null).length).toBeGreaterThan(2);
    const rows = await jsonLines({ what: 'trades' });
    const records = recordsOf(written, ['H0STCNT0', 'H0NXCNT0']);
    expect(rows.length).toBeGreaterThan(30);
    const sides: Record<string, string> = { '1': 'buy', '5': 'sell', '3': 'auction' };
    expect(
      rows.map((row) => [row.journal_offset, row.code, row.price, row.volume, row.side, row.ask_price, row.bid_size]),
    ).toEqual(
      records.map(({ offset, fields }) => [
        offset,
        fields[0],
        Number(fields[2]),
        Number(fields[12]),
        sides[fields[21]],
        Number(fields[10]),
        Number(fields[37]),
      ]),
    );
    expect(rows.map((row) => [row.accumulated_volume, row.accumulated_turnover])).toEqual(
      records.map(({ fields }) => [Number(fields[13]), Number(fields[14])]),
    );
    expect(rows.map((row) => String(row.exchange_time).slice(0, 19).replace(/\D/g, ''))).toEqual(
      records.map(({ fields }) => fields[33] + fields[1]),
    );
    expect(new Set(rows.map(({ venue }) => venue))).toEqual(new Set(['KRX', 'NXT']));
    // An entry's number and a record's place in its frame name it for good.
    expect(new Set(rows.map((row) => `${row.journal_offset} ${row.record}`)).size).toBe(rows.length);
  });

  it('of books holds ten levels of both sides, as the fields say', async () => {
    const rows = await jsonLines({ what: 'books' });
    const records = recordsOf(written, ['H0STASP0', 'H0NXASP0']);
    expect(rows.length).toBeGreaterThan(20);
    for (const [i, { offset, fields }] of records.entries()) {
      const row = rows[i];
      const levels = (name: string) => Array.from({ length: 10 }, (_, level) => row[`${name}_${level + 1}`]);
      const numbers = (from: number) => fields.slice(from, from + 10).map(Number);
      expect([row.journal_offset, row.code]).toEqual([offset, fields[0]]);
      expect([levels('ask_price'), levels('bid_price')]).toEqual([numbers(3), numbers(13)]);
      expect([levels('ask_size'), levels('bid_size')]).toEqual([numbers(23), numbers(33)]);
      expect([row.total_ask_size, row.total_bid_size]).toEqual([Number(fields[43]), Number(fields[44])]);
    }
    expect(rows).toHaveLength(records.length);
  });

  it('as Parquet holds the same rows as JSON lines, of every table', async () => {
    for (const what of ['trades', 'books', 'entries'] as const) {
      const path = join(home, `${what}.parquet`);
      const { rows } = await exportJournal(folder, { what, format: 'parquet', out: path });
      const read = await parquetRows(path);
      expect(read).toHaveLength(rows);
      if (what === 'entries') {
        expect(read.map(({ journal_offset, kind }) => [journal_offset, kind])).toEqual(
          written.flat().map(({ kind }, offset) => [offset, kind]),
        );
        continue;
      }
      const lines = await jsonLines({ what });
      const time = (value: unknown): number => new Date(value as string).getTime();
      expect(read.map((row) => ({ ...row, exchange_time: time(row.exchange_time) }))).toEqual(
        lines.map((row) => ({ ...row, exchange_time: time(row.exchange_time) })),
      );
    }
  });

  it('takes the part that is asked for: symbols, entries, times', async () => {
    const all = await jsonLines({ what: 'trades' });
    const codes = new Set(['005930']);
    expect(await jsonLines({ what: 'trades', codes })).toEqual(all.filter(({ code }) => code === '005930'));
    const fromUs = TEN + 700_000;
    const toUs = TEN + 1_500_000;
    const some = await jsonLines({ what: 'trades', from: { timeUs: fromUs }, to: { timeUs: toUs } });
    expect(some).toEqual(all.filter(({ engine_time_us: us }) => (us as number) >= fromUs && (us as number) < toUs));
    expect(some.length).toBeGreaterThan(0);
    const part = await jsonLines({ what: 'entries', from: { offset: 5 }, to: { offset: 9 } });
    expect(part.map(({ offset }) => offset)).toEqual([5, 6, 7, 8]);
    await expect(jsonLines({ what: 'entries', codes })).rejects.toThrow(SelectionError);
  });

  it('that cannot be written leaves nothing behind', async () => {
    for (const format of ['jsonl', 'parquet'] as const) {
      const out = join(home, 'nowhere', 'file');
      await expect(exportJournal(folder, { what: 'trades', format, out })).rejects.toThrow(/ENOENT/);
    }
    const nothing = join(home, 'none');
    await expect(exportJournal(nothing, { what: 'trades', format: 'jsonl', out: nothing })).rejects.toThrow(
      /no journal/,
    );
    expect(readdirSync(home).filter((name) => name.endsWith('.part') || name === 'none')).toEqual([]);
  });
});

describe('a Parquet file', () => {
  const columns: Column[] = [
    { name: 'count', type: 'integer' },
    { name: 'price', type: 'double' },
    { name: 'name', type: 'text' },
  ];

  it('has row groups of bounded size, and every row in order', async () => {
    const path = join(home, 'groups.parquet');
    const names = ['삼성전자', '', 'a "quoted" name'];
    function* rows() {
      for (let i = 0; i < 2500; i++) yield [i * 1e9, i / 3, names[i % 3]];
    }
    expect(writeParquetFile({ path, columns, rows: rows(), rowGroupRows: 1000 })).toBe(2500);
    const metadata = await parquetMetadataAsync(await asyncBufferFromFile(path));
    expect(metadata.row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([1000, 1000, 500]);
    expect((await parquetRows(path)).map(({ count, price, name }) => [count, price, name])).toEqual([...rows()]);
  });

  it('without a row is a file all the same', async () => {
    const path = join(home, 'empty.parquet');
    expect(writeParquetFile({ path, columns, rows: [] })).toBe(0);
    expect(await parquetRows(path)).toEqual([]);
  });

  it('whose rows end in an error is not there', () => {
    const path = join(home, 'broken.parquet');
    function* rows(): Generator<[number, number, string]> {
      yield [1, 1, 'one'];
      throw new Error('the journal is damaged here');
    }
    expect(() => writeParquetFile({ path, columns, rows: rows(), rowGroupRows: 1 })).toThrow('damaged here');
    expect(readdirSync(home).filter((name) => name.startsWith('broken'))).toEqual([]);
  });
});

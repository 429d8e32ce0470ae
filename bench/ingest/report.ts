// Ingest and quality in RESULTS.md: goals, curves and tables.
import type { IngestResult, IngestRow } from '../ingest.bench.ts';
import { type Goal, number, table } from '../markdown.ts';

const TRADE_NS_MAX = 500;
const GROWTH_MAX = 1.5;
const TICKS_PER_SECOND_MIN = 100_000;
const MEMORY_BYTES_MAX = 300e6;
const FEWEST = 10;
const MOST = 2_800;
const BAR_WIDTH = 40;

interface QualityRow {
  readonly name: string;
  readonly value: number;
}

const WHOLE = /^trade, (\d+) symbols: decode, sequence and quality$/;

/** What a trade record costs by the number of symbols. */
function curveOf(rows: readonly QualityRow[]): { symbols: number; ns: number }[] {
  return rows.flatMap(({ name, value }) => {
    const symbols = WHOLE.exec(name)?.[1];
    return symbols === undefined ? [] : [{ symbols: Number(symbols), ns: value }];
  });
}

export function qualityGoals(rows: readonly QualityRow[]): Goal[] {
  const curve = curveOf(rows);
  const [least, most] = [FEWEST, MOST].map(
    (wanted) => curve.find(({ symbols }) => symbols === wanted)?.ns ?? Number.NaN,
  );
  return [
    {
      text: `decode, sequence and quality ≤0.5 µs a trade record (${FEWEST} symbols)`,
      value: `${number(least)} ns`,
      met: least <= TRADE_NS_MAX,
    },
    {
      text: `the same at ${number(MOST)} symbols`,
      value: `${number(most)} ns`,
      met: most <= TRADE_NS_MAX,
    },
    {
      text: `that cost grows by at most half from ${FEWEST} to ${number(MOST)} symbols`,
      value: `${number(most / least)}×`,
      met: most / least <= GROWTH_MAX,
    },
  ];
}

/** The curve as a picture of text. */
export function qualityNote(rows: readonly QualityRow[]): string {
  const curve = curveOf(rows);
  const most = Math.max(...curve.map(({ ns }) => ns));
  const lines = curve.map(({ symbols, ns }) => {
    const bar = '█'.repeat(Math.round((BAR_WIDTH * ns) / most));
    return `${number(symbols).padStart(6)} symbols  ${bar} ${number(ns)} ns`;
  });
  return `A trade record by the number of symbols, each symbol's state visited in turn:\n\n\`\`\`\n${lines.join('\n')}\n\`\`\``;
}

function perSecond({ trades, seconds }: IngestRow): number {
  return trades / seconds;
}

export function ingestGoals({ rows, memory }: IngestResult): Goal[] {
  const whole = rows.find(({ symbols, books }) => symbols === MOST && books === 0)!;
  return [
    {
      text: `a day of ${number(MOST)} symbols through ingest >100 k ticks/s (trades)`,
      value: `${number(perSecond(whole))} ticks/s`,
      met: perSecond(whole) > TICKS_PER_SECOND_MIN,
    },
    {
      text: `resident memory of the engine, ${number(memory.symbols)} symbols <300 MB`,
      value: `${number(memory.residentBytes / 1e6)} MB`,
      met: memory.residentBytes < MEMORY_BYTES_MAX,
    },
  ];
}

export function ingestSection({ rows, memory }: IngestResult): string {
  const cells = rows.map((row) => [
    `${number(row.symbols)} symbols, trades${row.books > 0 ? ' and books' : ''}${row.predicts ? ', with prediction' : ''}`,
    number(row.trades),
    number(row.books),
    number(perSecond(row)),
    number((row.trades + row.books) / row.seconds),
    number(row.trades / row.appendSeconds),
  ]);
  const head = ['', 'trades', 'books', 'trades/s', 'records/s', 'baseline, trades/s'];
  return [
    '## Ingest: the whole market through the engine',
    'Part of a day of the simulated market, recorded beforehand, through journal, decoder, sequence, quality, bars, ' +
      'indicators and streams with their digests, as in a run, but for the sockets; on one core. The baseline appends ' +
      'the same batches to a journal and does nothing else.',
    table(head, cells),
    `A whole run with ${number(memory.symbols)} symbols, ${number(memory.registered)} registrations over sessions of 41, ` +
      `emulator beside it: ${number(memory.residentBytes / 1e6)} MB resident ${memory.seconds} s after the last ` +
      `registration, at ${number(memory.ticksPerSecond)} ticks a second.`,
  ].join('\n\n');
}

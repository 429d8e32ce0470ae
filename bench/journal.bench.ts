// What it costs to append to the journal, by the size of batches, with and without the chain of hashes, beside a plain
// write of the same bytes in the same run; and what each policy of making it durable costs. Nothing is asserted.
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { monotonicUs } from '../engine/clock.ts';
import { frameText, SyntheticStock } from '../engine/decode/synthetic-frames.ts';
import type { FrameInput } from '../engine/input.ts';
import { EntryEncoder } from '../engine/journal/format.ts';
import { Journal } from '../engine/journal/journal.ts';

export interface JournalBenchRow {
  name: string;
  value: number;
  unit: string;
  baseline: number;
  baselineName: string;
  /** baseline ÷ value: how many times better. */
  ratio: number;
}

const BATCH_SIZES = [1, 10, 100];
/** A round of some milliseconds is seldom interrupted: the best of many says what the work costs. */
const RECORDS_PER_ROUND = 4000;
const WARM_UP_ROUNDS = 10;
const ROUNDS = 60;
/** Batches of 10 a round, so many that a disk which takes its time is not waited for too long. */
const SYNC_BATCHES = 200;
const SYNC_ROUNDS = 3;
const SYNC_MS = 200;
const BATCH_PERIOD_US = 5_000;
const START_US = 1_790_000_000_000_000;
/** As shipped. */
const PROOF = { journalId: 'bench', sealBytes: 65_536, sealMs: 1000 };

type Round = () => number;

/** One trade a frame, as most are. */
function batchesOf(records: number, size: number): FrameInput[][] {
  const stock = new SyntheticStock('005930', 70_000);
  const encoder = new TextEncoder();
  return Array.from({ length: Math.ceil(records / size) }, (_, batch) => {
    const trade = stock.trade({ time: '100000', price: 70_000 + 100 * (batch % 3), volume: 1, side: 'buy' }, 47);
    const bytes = encoder.encode(frameText('H0STCNT0', [trade]));
    return Array.from({ length: size }, () => ({
      kind: 'frame',
      engineTimeUs: START_US + batch * BATCH_PERIOD_US,
      bytes,
    }));
  });
}

function newJournal(home: string, isChained: boolean): Journal {
  return new Journal({
    folder: mkdtempSync(join(home, 'journal-')),
    segmentBytesMax: 1 << 30,
    diskBudgetBytes: 1e12,
    log: pino({ level: 'silent' }),
    ...(isChained && { proof: PROOF }),
  });
}

/** µs of a round of appends; a sync is asked for by `after`. */
function appendRound(
  home: string,
  batches: readonly FrameInput[][],
  isChained: boolean,
  after: (journal: Journal, batch: number) => void = () => {},
): number {
  const journal = newJournal(home, isChained);
  // The first batch makes the segment.
  journal.append([{ kind: 'clock', engineTimeUs: START_US }]);
  const startUs = monotonicUs();
  for (let i = 0; i < batches.length; i++) {
    journal.append(batches[i]);
    after(journal, i);
  }
  const us = monotonicUs() - startUs;
  journal.close();
  return us;
}

/** µs of as many plain writes of the same bytes, encoded beforehand. */
function plainRound(home: string, batches: readonly FrameInput[][]): number {
  const encoder = new EntryEncoder();
  const encoded = batches.map((inputs, i) => {
    encoder.clear();
    for (const input of inputs) encoder.add(input, i);
    return Buffer.from(encoder.bytes());
  });
  const fd = openSync(join(mkdtempSync(join(home, 'plain-')), 'file'), 'a');
  const startUs = monotonicUs();
  for (const bytes of encoded) writeSync(fd, bytes);
  const us = monotonicUs() - startUs;
  closeSync(fd);
  return us;
}

/** The best round of each: rounds alternate, so that all meet the same disturbances. */
function best(rounds: readonly Round[], warmUp: number, count: number): number[] {
  const least = rounds.map(() => Number.POSITIVE_INFINITY);
  for (let i = 0; i < warmUp + count; i++) {
    rounds.forEach((round, k) => {
      const us = round();
      if (i >= warmUp) least[k] = Math.min(least[k], us);
    });
  }
  return least;
}

function policyRounds(home: string, batches: readonly FrameInput[][]): Round[] {
  const every = (journal: Journal): void => journal.syncNow();
  const byTime = (): ((journal: Journal) => void) => {
    let lastUs = monotonicUs();
    return (journal) => {
      if (monotonicUs() - lastUs < SYNC_MS * 1000) return;
      lastUs = monotonicUs();
      journal.sync();
    };
  };
  return [
    () => appendRound(home, batches, true),
    () => appendRound(home, batches, true, byTime()),
    () => appendRound(home, batches, true, every),
  ];
}

export async function benchJournal(): Promise<JournalBenchRow[]> {
  const home = mkdtempSync(join(tmpdir(), 'kisignal-bench-journal-'));
  const rows: JournalBenchRow[] = [];
  const add = (name: string, value: number, baseline: number, baselineName: string): void => {
    rows.push({ name, value, unit: 'µs/record', baseline, baselineName, ratio: baseline / value });
  };
  try {
    for (const size of BATCH_SIZES) {
      const batches = batchesOf(RECORDS_PER_ROUND, size);
      const rounds = [
        () => plainRound(home, batches),
        ...[false, true].map((is) => () => appendRound(home, batches, is)),
      ];
      const [plain, bare, chained] = best(rounds, WARM_UP_ROUNDS, ROUNDS).map((us) => us / RECORDS_PER_ROUND);
      add(`append, batches of ${size}, no chain`, bare, plain, 'writeSync of the same bytes');
      add(`append, batches of ${size}, chain`, chained, plain, 'writeSync of the same bytes');
    }
    const batches = batchesOf(10 * SYNC_BATCHES, 10);
    const [never, byTime, every] = best(policyRounds(home, batches), 1, SYNC_ROUNDS).map(
      (us) => us / (10 * SYNC_BATCHES),
    );
    add('durable: never asked for, batches of 10', never, never, 'never asked for');
    add(`durable: every ${SYNC_MS} ms, beside the engine`, byTime, never, 'never asked for');
    add('durable: every batch, waited for', every, never, 'never asked for');
    return rows;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { name, value, unit, baseline, baselineName, ratio } of await benchJournal()) {
    process.stdout.write(
      `${name}: ${value.toFixed(2)} ${unit}; ${baselineName}: ${baseline.toFixed(2)} (${ratio.toFixed(2)}×)\n`,
    );
  }
}

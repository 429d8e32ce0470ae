// From what was measured to RESULTS.md: head, goals, and a section for each bench. It judges by the goals and says by how
// much one is missed; why, the section of the bench says from its own measurements.

import { recoveryGoals, replayGoals, snapshotGoals } from './durability-goals.ts';
import { ingestGoals, ingestSection, qualityGoals, qualityNote } from './ingest/report.ts';
import type { IngestResult } from './ingest.bench.ts';
import type { KafkaBenchResult } from './kafka.bench.ts';
import { kafkaGoals, kafkaSection } from './kafka-report.ts';
import type { Machine } from './machine.ts';
import { arrayOfWords, type Goal, goalTable, number, table } from './markdown.ts';
import type { RecoveryResult } from './recovery.bench.ts';
import type { ReplayResult } from './replay.bench.ts';
import type { SnapshotResult } from './snapshot.bench.ts';
import type { StartResult } from './start.bench.ts';
import { wholePathGoals, wholePathSection } from './whole-path/report.ts';
import type { WholePathResult } from './whole-path/whole-path.ts';

/** A row of the small benches. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline: number;
  readonly baselineName: string;
  /** baseline ÷ value: how many times better. */
  readonly ratio: number;
}

/** What ran; the rest was not asked for. */
export interface Results {
  decode?: readonly BenchRow[];
  quality?: readonly BenchRow[];
  indicators?: readonly BenchRow[];
  predict?: readonly BenchRow[];
  journal?: readonly BenchRow[];
  path?: WholePathResult;
  replay?: ReplayResult;
  ingest?: IngestResult;
  /** Null where there is no Kafka. */
  kafka?: KafkaBenchResult | null;
  snapshot?: SnapshotResult;
  recovery?: RecoveryResult;
  start?: StartResult;
}

const DECODE_NS_MAX = 200;
const DECODE_TIMES_MIN = 10;
const INDICATORS_NS_MAX = 250;
const PREDICT_US_MAX = 2.5;
const START_MS_MAX = 2_000;
const SIGNAL_MS_MAX = 10_000;
const MEMORY_BYTES_MAX = 300e6;

export function renderResults(results: Results, machine: Machine): string {
  const { decode, quality, indicators, predict, journal, path, replay, ingest, kafka, snapshot, recovery, start } =
    results;
  return [
    '# What kisignal costs, and how fast it is',
    `Written by \`${machine.command}\` on ${machine.date} UTC; do not edit. Each number stands beside a baseline of the ` +
      'same run on the same machine: the ratio travels to other machines, the number does not.',
    machineTable(machine),
    '## Goals',
    goalTable(goalsOf(results)),
    ...(decode ? [rowsSection('Decode: from the bytes of a frame to typed columns', decode)] : []),
    ...(quality ? [qualitySection(quality)] : []),
    ...(indicators ? [rowsSection('Indicators: the first twelve, for each tick', indicators)] : []),
    ...(predict ? [rowsSection('Prediction: the shipped model on tf.js wasm', predict)] : []),
    ...(journal ? [rowsSection('Journal: what an append costs, a record, and what durability costs', journal)] : []),
    ...(path ? [wholePathSection(path, machine.cores)] : []),
    ...(replay ? [replaySection(replay)] : []),
    ...(ingest ? [ingestSection(ingest)] : []),
    ...(kafka ? [kafkaSection(kafka, machine.cores)] : []),
    ...(snapshot ? [snapshotSection(snapshot)] : []),
    ...(recovery ? [recoverySection(recovery)] : []),
    ...(start ? [startSection(start)] : []),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

function goalsOf(results: Results): Goal[] {
  const { decode, quality, indicators, predict, path, replay, ingest, kafka, snapshot, recovery, start } = results;
  const goals: Goal[] = [];
  const trade = decode?.find(
    ({ name, baselineName }) => /^trade, 10.*columns/.test(name) && /6 fields/.test(baselineName),
  );
  if (trade !== undefined) {
    goals.push(
      {
        text: 'a trade record to a typed tick ≤200 ns',
        value: `${number(trade.value)} ns`,
        met: trade.value <= DECODE_NS_MAX,
      },
      {
        text: 'at least 10 times as fast as `split`',
        value: `${number(trade.ratio)}×`,
        met: trade.ratio >= DECODE_TIMES_MIN,
      },
    );
  }
  if (quality !== undefined) goals.push(...qualityGoals(quality));
  const twelve = indicators?.find(({ name }) => name === '12 indicators, a trade and a book');
  if (twelve !== undefined) {
    goals.push({
      text: 'the 12 indicators ≤250 ns a tick',
      value: `${number(twelve.value)} ns`,
      met: twelve.value <= INDICATORS_NS_MAX,
    });
  }
  const rows = predict?.find(({ name }) => name.includes('64 rows'));
  if (rows !== undefined) {
    goals.push({
      text: '64 rows of prediction ≤2.5 µs a row',
      value: `${number(rows.value)} µs`,
      met: rows.value <= PREDICT_US_MAX,
    });
  }
  if (path !== undefined) goals.push(...wholePathGoals(path));
  if (ingest !== undefined) goals.push(...ingestGoals(ingest));
  if (replay !== undefined) goals.push(...replayGoals(replay));
  if (kafka) goals.push(...kafkaGoals(kafka));
  if (snapshot !== undefined) goals.push(...snapshotGoals(snapshot));
  if (recovery !== undefined) goals.push(...recoveryGoals(recovery));
  if (start !== undefined) goals.push(...startGoals(start));
  return goals;
}

function startGoals({ rounds }: StartResult): Goal[] {
  const worst = (of: (round: StartResult['rounds'][number]) => number): number => Math.max(...rounds.map(of));
  const predictionMs = worst(({ predictionMs }) => predictionMs);
  const signalMs = worst(({ signalMs }) => signalMs);
  const bytes = worst(({ residentBytes }) => residentBytes);
  return [
    {
      text: 'start to the first prediction <2 s (slowest round)',
      value: `${number(predictionMs)} ms`,
      met: predictionMs < START_MS_MAX,
    },
    {
      text: 'start to the first signal <10 s (slowest round)',
      value: Number.isNaN(signalMs) ? 'none came' : `${number(signalMs)} ms`,
      met: signalMs < SIGNAL_MS_MAX,
    },
    {
      text: 'resident memory of the engine, 20 symbols <300 MB',
      value: `${number(bytes / 1e6)} MB`,
      met: bytes < MEMORY_BYTES_MAX,
    },
  ];
}

function machineTable(machine: Machine): string {
  return table(
    ['', ''],
    [
      ['processor', `${machine.processor}, ${machine.cores} cores shared by load, engine and clients`],
      ['memory', `${machine.memoryGb} GB`],
      ['system', machine.system],
      ['Node', machine.node],
      ['commit', machine.commit],
      ['load before the bench began', `${number(machine.loadBefore)} (others on the machine; 0 is quiet)`],
    ],
  );
}

function rowsSection(title: string, rows: readonly BenchRow[]): string {
  const cells = rows.map(({ name, value, unit, baseline, baselineName, ratio }) => [
    name,
    `${number(value)} ${unit}`,
    `${number(baseline)} ${unit}`,
    baselineName,
    `${number(ratio)}×`,
  ]);
  const head = ['', 'kisignal', 'baseline', 'which is', 'baseline ÷ kisignal'];
  return `## ${title}\n\nMany short rounds, kisignal and baseline in turn, so that both meet the same machine.\n\n${table(head, cells)}`;
}

function qualitySection(rows: readonly BenchRow[]): string {
  return `${rowsSection('Decode, sequence and quality: what a record costs, and how that grows', rows)}\n\n${qualityNote(rows)}`;
}

function replaySection({ ticks, entries, seconds, readingSeconds }: ReplayResult): string {
  const perSecond = ticks / seconds;
  const cells = [
    ['the journal of the last round, through the whole state machine', `${number(seconds)} s`, `${number(perSecond)}`],
    ['baseline: the same journal only read', `${number(readingSeconds)} s`, `${number(ticks / readingSeconds)}`],
  ];
  return (
    `## Replay\n\n${number(entries)} entries with ${number(ticks)} ticks, one core, digest included.\n\n` +
    table(['', 'time', 'ticks a second'], cells)
  );
}

function snapshotSection(result: SnapshotResult): string {
  const { symbols, snapshots, snapshotBytes, pauseUsMedian, pauseUsMax, inProcessUs, withoutUs, withUs } = result;
  const cells = [
    ['asking for a snapshot, median', number(pauseUsMedian / 1000)],
    ['asking for a snapshot, longest', number(pauseUsMax / 1000)],
    ['baseline: state and bytes made by the pipeline itself', number(inProcessUs / 1000)],
    ['a turn of the pipeline, median: without one under way', number(withoutUs.median / 1000)],
    ['… with one under way', number(withUs.median / 1000)],
  ];
  return (
    `## Snapshots: how long the pipeline stands still\n\n${number(symbols)} symbols, ${snapshots} snapshots of ` +
    `${number(snapshotBytes / 1e6)} MB, made by a process of their own.\n\n${table(['', 'ms'], cells)}`
  );
}

function recoverySection({ entries, seconds, readingSeconds, snapshotBytes }: RecoveryResult): string {
  const million = (of: number): string => number((of * 1e6) / entries);
  const cells = [
    ['recovery of the tail', number(seconds), million(seconds)],
    ['baseline: the same tail only read', number(readingSeconds), million(readingSeconds)],
  ];
  return (
    `## Recovery\n\nA snapshot of ${number(snapshotBytes / 1e6)} MB and ${number(entries)} entries behind it.\n\n` +
    table(['', 's', 's for a million entries'], cells)
  );
}

function startSection({ rounds, bareNodeMs, bareNodeBytes }: StartResult): string {
  const cells = rounds.map(({ pageMs, predictionMs, signalMs, residentBytes }, i) => [
    `round ${i + 1}`,
    ...[pageMs, predictionMs, signalMs].map(number),
    number(residentBytes / 1e6),
  ]);
  cells.push([
    'bare `node`: first output of an empty program',
    number(bareNodeMs),
    '',
    '',
    number(bareNodeBytes / 1e6),
  ]);
  return (
    '## Start\n\nFrom the start of `kisignal run` on an empty data folder, at the shipped settings (20 symbols, the ' +
    `emulator started with it); ${arrayOfWords(['page', 'prediction', 'signal'])} are the first ones that a client gets.` +
    `\n\n${table(['', 'page, ms', 'prediction, ms', 'signal, ms', 'engine resident, MB'], cells)}`
  );
}

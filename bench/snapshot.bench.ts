// How long the pipeline stands still for a snapshot of the whole market: turns of the event loop, one batch each, with a
// snapshot under way in its own process and without; beside what the state costs where the pipeline makes it itself.
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pino } from 'pino';
import { Subject } from 'rxjs';
import { hostTimeUs } from '../engine/clock.ts';
import { openEngine } from '../engine/engine.ts';
import type { InputBatch } from '../engine/input.ts';
import { readJournal } from '../engine/journal/reader.ts';
import { encodeSnapshot } from '../engine/state/snapshot.ts';
import { SnapshotChild } from '../engine/state/snapshot-child.ts';
import { ARTIFACT_FOLDER, testSettings } from '../engine/test-market.ts';
import type { FramesHandlers } from './ingest/frames.ts';
import { sharedUs } from './shared-clock.ts';
import { Worker } from './worker.ts';

export interface SnapshotResult {
  readonly symbols: number;
  readonly snapshots: number;
  readonly snapshotBytes: number;
  /** What asking for one took, microseconds: the median and the longest. */
  readonly pauseUsMedian: number;
  readonly pauseUsMax: number;
  /** What the last one took its process. */
  readonly seconds: number;
  /** Turns without and with one under way: the median, the slowest thousandth and the slowest, microseconds. */
  readonly withoutUs: Turns;
  readonly withUs: Turns;
  /** The baseline: state and bytes of it made by the pipeline, microseconds. */
  readonly inProcessUs: number;
}

export interface Turns {
  readonly median: number;
  readonly slowThousandth: number;
  readonly max: number;
}

export interface SnapshotLoad {
  readonly symbols: number;
  readonly trades: number;
  readonly rounds: number;
}

export const SNAPSHOT_LOAD: SnapshotLoad = { symbols: 2_800, trades: 150_000, rounds: 4 };
/** So much of the feed goes by before anything is measured. */
const WARM_SHARE = 0.2;

/** @param folder empty; the caller removes it */
export async function benchSnapshot(
  folder: string,
  { symbols, trades, rounds }: SnapshotLoad,
): Promise<SnapshotResult> {
  const frames = join(folder, 'frames');
  const load = new Worker<FramesHandlers>('ingest/frames');
  await load.call('write', { folder: frames, symbols, trades, books: true });
  await load.end();
  const log = pino({ level: 'warn' });
  const engine = await openEngine({
    dataFolder: join(folder, 'data'),
    settings: testSettings(),
    artifactFolder: ARTIFACT_FOLDER,
    backend: 'wasm',
    journal: { segmentBytesMax: 1 << 28, diskBudgetBytes: Number.MAX_SAFE_INTEGER, syncMs: 1000 },
    snapshotEveryMs: 3_600_000,
    snapshotEveryEntries: Number.POSITIVE_INFINITY,
    snapshotMaker: new SnapshotChild({ msMax: 300_000, heapMbMax: 2048, redis: null, log }),
    clockPeriodMs: 1000,
    log,
  });
  const batches = new Subject<InputBatch>();
  const feed = [...readJournal({ folder: frames })];
  engine.start({
    source: 'simulated',
    identity: 'bench',
    clock: { nowUs: () => engine.machine.timeUs },
    clockReady: () => false,
    startTimeUs: feed[0].inputs[0].engineTimeUs,
    batches: [batches],
  });
  let at = 0;
  const turn = async (): Promise<number> => {
    const beganUs = sharedUs();
    batches.next({ receivedUs: hostTimeUs(), inputs: feed[at++].inputs });
    await setImmediate();
    return sharedUs() - beganUs;
  };
  while (at < feed.length * WARM_SHARE) await turn();
  const [without, during, pauses]: [number[], number[], number[]] = [[], [], []];
  const each = Math.floor((feed.length - at) / (2 * rounds));
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < each; i++) without.push(await turn());
    let underWay = true;
    engine.snapshots.take();
    void engine.snapshots.idle().then(() => {
      underWay = false;
    });
    for (let i = 0; i < each; i++) {
      const us = await turn();
      if (underWay) during.push(us);
    }
    await engine.snapshots.idle();
    pauses.push(engine.snapshots.figures.pauseUs);
  }
  const { made, failed, bytes, seconds, pauseUsMax } = engine.snapshots.figures;
  if (failed > 0) throw new Error(`${failed} snapshots failed`);
  const beganUs = sharedUs();
  const { machine, bus, journal } = engine;
  const state = machine.save();
  encodeSnapshot({ journalId: '', build: '', offset: journal.nextOffset, state, retained: bus.save() });
  const inProcessUs = sharedUs() - beganUs;
  await engine.stop('bench');
  return {
    symbols,
    snapshots: made,
    snapshotBytes: bytes,
    pauseUsMedian: pauses.sort((a, b) => a - b)[pauses.length >> 1],
    pauseUsMax,
    seconds,
    withoutUs: turnsOf(without),
    withUs: turnsOf(during),
    inProcessUs,
  };
}

function turnsOf(us: number[]): Turns {
  us.sort((a, b) => a - b);
  const quantile = (q: number): number => us[Math.min(us.length - 1, Math.floor(q * us.length))] ?? Number.NaN;
  return { median: quantile(0.5), slowThousandth: quantile(0.999), max: quantile(1) };
}

import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildName } from './build.ts';
import { hostTimeUs } from './clock.ts';
import { dataLayout, type Engine, type EngineOptions, type Feed, openEngine } from './engine.ts';
import type { Input, InputBatch } from './input.ts';
import { FolderLocked } from './journal/folder-lock.ts';
import { JournalDamaged } from './journal/format.ts';
import { UNJOURNALED } from './journal/recorder.ts';
import { listSegments } from './journal/segments.ts';
import type { OutputBatch } from './messages.ts';
import { replay } from './replay.ts';
import { decodeSnapshot, encodeSnapshot, type Snapshot } from './state/snapshot.ts';
import { ARTIFACT_FOLDER, marketBatches, TEN, testSettings } from './test-market.ts';

const DAY_US = 86_400_000_000;
const logged: string[] = [];
const log = pino({ level: 'debug' }, { write: (line: string) => logged.push(line) });
const market = marketBatches({ seconds: 20 });
const half = Math.floor(market.length / 2);

let folder: string;
const open: Run[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-engine-'));
  logged.length = 0;
});
afterEach(async () => {
  for (const run of open.splice(0)) await run.engine.stop('test_over');
  rmSync(folder, { recursive: true, force: true });
});

/** An engine on a feed that delivers what it is told, and all that it published. */
class Run {
  readonly engine: Engine;
  readonly published: OutputBatch[] = [];
  private readonly batches = new Subject<InputBatch>();

  constructor(engine: Engine) {
    this.engine = engine;
    engine.bus.subscribe((batch) => this.published.push(batch));
  }

  start(change: Partial<Feed> = {}): void {
    const clock = { nowUs: () => this.engine.machine.timeUs };
    const batches = [this.batches];
    // Its clock is never ready: the batches bring clock entries of their own.
    const feed = { source: 'simulated', identity: 'feed-1', clock, clockReady: () => false, startTimeUs: TEN, batches };
    this.engine.start({ ...(feed as Feed), ...change });
  }

  play(batches: readonly (readonly Input[])[]): this {
    for (const inputs of batches) {
      this.batches.next({ receivedUs: hostTimeUs(), inputs: inputs.map((input) => ({ ...input })) });
    }
    return this;
  }

  async stop() {
    open.splice(open.indexOf(this), 1);
    return this.engine.stop('test');
  }

  /** Seqs by stream, which must have no hole. */
  lastSeqs(seqs = new Map<string, number>()): Map<string, number> {
    for (const { updates } of this.published) {
      for (const { stream, prevSeq, messages } of updates) {
        expect(prevSeq, stream.key).toBe(seqs.get(stream.key) ?? 0);
        seqs.set(stream.key, prevSeq + messages.length);
      }
    }
    return seqs;
  }
}

async function opened(change: Partial<EngineOptions> = {}): Promise<Run> {
  const run = new Run(
    await openEngine({
      dataFolder: folder,
      settings: testSettings(),
      artifactFolder: ARTIFACT_FOLDER,
      backend: 'wasm',
      journal: { segmentBytesMax: 1 << 26, diskBudgetBytes: 1 << 30, syncMs: 1000 },
      snapshotEveryMs: 3_600_000,
      snapshotEveryEntries: Number.POSITIVE_INFINITY,
      clockPeriodMs: 1000,
      log,
      ...change,
    }),
  );
  open.push(run);
  return run;
}

async function started(change: Partial<EngineOptions> = {}): Promise<Run> {
  const run = await opened(change);
  run.start();
  return run;
}

/** The rest of the test goes on on a copy of the folder as it is now: what a kill -9 leaves. */
function crash(lockChange: object = { pid: spawnSync(process.execPath, ['-e', '']).pid, started: '' }): void {
  const copy = mkdtempSync(join(tmpdir(), 'kisignal-engine-'));
  cpSync(folder, copy, { recursive: true });
  const path = join(copy, 'engine.lock');
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...lockChange }));
  const left = folder;
  folder = copy;
  for (const run of open.splice(0)) void run.engine.stop('crashed').then(() => rmSync(left, { recursive: true }));
}

async function expectReplay(report: { digest: string; messages: number; streams: number }) {
  const { digest, messages, streams } = report;
  const replayed = await replay({ dataFolder: folder, log });
  expect({ digest: replayed.digest, messages: replayed.messages, streams: replayed.streams }).toEqual({
    digest,
    messages,
    streams,
  });
  return replayed;
}

function snapshotPaths(): string[] {
  const layout = dataLayout(folder);
  return [layout.snapshots, layout.days].flatMap((path) => {
    try {
      return readdirSync(path).map((name) => join(path, name));
    } catch {
      return [];
    }
  });
}

function changeSnapshot(path: string, change: Partial<Snapshot>): void {
  const journalId = readFileSync(dataLayout(folder).journalId, 'utf8').trim();
  const snapshot = decodeSnapshot(readFileSync(path), journalId, buildName()) as Snapshot;
  expect(snapshot).toBeTypeOf('object');
  writeFileSync(path, encodeSnapshot({ ...snapshot, ...change }));
}

describe('an engine', () => {
  it('stopped and started again goes on with the next numbers, and its replay has its digest', async () => {
    const first = await started();
    const { epoch } = first.play(market.slice(0, half)).engine.machine;
    const firstReport = await first.stop();
    await expectReplay(firstReport);
    const second = await opened();
    expect(second.engine.recovered).toMatchObject({ replayedEntries: 0 });
    expect(second.engine.machine.report()).toEqual(firstReport);
    second.start();
    second.play(market.slice(half));
    expect(second.engine.machine.epoch).toBe(epoch);
    expect(second.engine.machine.counters).toMatchObject({ gaps: {}, duplicates: 0 });
    const seqs = second.lastSeqs(first.lastSeqs());
    const report = await second.stop();
    expect([...seqs.values()].reduce((sum, seq) => sum + seq, 0)).toBe(report.messages);
    const replayed = await expectReplay(report);
    expect(replayed).toMatchObject({ epoch, firstOffset: 0, entries: second.engine.journal.nextOffset });
  });

  it('killed goes on with the next numbers, from the journal alone', async () => {
    const first = await started();
    const replayedEntries = first.play(market.slice(0, half)).engine.journal.nextOffset;
    crash();
    const second = await opened();
    expect(second.engine.recovered).toMatchObject({ snapshotOffset: null, replayedEntries });
    second.start();
    second.play(market.slice(half));
    second.lastSeqs(first.lastSeqs());
    expect(second.engine.bus.retained('ticks/005930.KRX').length).toBe(1);
    await expectReplay(await second.stop());
  });

  it('whose machine went down begins a new epoch, since a published tail may be lost', async () => {
    const first = await started();
    first.play(market.slice(0, half));
    crash({ boot: 'another boot' });
    const second = await started();
    expect(second.engine.machine.epoch).not.toBe(first.engine.machine.epoch);
    expect(second.engine.bus.retained('ticks/005930.KRX')).toEqual([]);
    second.play(market.slice(half)).lastSeqs();
    await expectReplay(await second.stop());
  });

  it('that gave up before it began leaves the next one to begin that epoch', async () => {
    const first = await started();
    crash({ boot: 'another boot' });
    await (await opened()).stop();
    const third = await started();
    expect(third.engine.machine.epoch).not.toBe(first.engine.machine.epoch);
    await third.stop();
    const fourth = await started();
    expect(fourth.engine.machine.epoch).toBe(third.engine.machine.epoch);
  });

  it('warns where a live run begins behind the end of its journal: the host clock was ahead then, or is behind', async () => {
    for (const [source, aheadUs, warned] of [
      ['simulated', 3_600_000_000, false],
      ['simulated', 0, false],
      ['paper', 0, true],
    ] as const) {
      const run = await opened();
      run.start({ source, startTimeUs: hostTimeUs() + aheadUs });
      await run.stop();
      expect(logged.join().includes('ahead of the host clock')).toBe(warned);
    }
  });

  it('refuses a second one on its folder, and is not harmed', async () => {
    const first = await started();
    await expect(opened()).rejects.toThrow(FolderLocked);
    first.play(market.slice(0, 20)).lastSeqs();
    await first.stop();
    await (await opened()).stop();
  });

  it('cuts a tail that was torn and goes on behind it', async () => {
    (await started()).play(market.slice(0, half));
    crash();
    const { path, bytes } = listSegments(dataLayout(folder).journal).at(-1)!;
    truncateSync(path, bytes - 5);
    const second = await started();
    second.play(market.slice(half));
    expect(logged.join()).toContain('torn tail cut');
    await expectReplay(await second.stop());
  });

  it('refuses a damaged journal, says where it is, and leaves the folder free', async () => {
    const first = await started();
    first.play(market.slice(0, half));
    await first.stop();
    const { path } = listSegments(dataLayout(folder).journal)[0];
    const bytes = readFileSync(path);
    bytes[5000] ^= 1;
    writeFileSync(path, bytes);
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(opened()).rejects.toThrow(JournalDamaged);
      await expect(opened()).rejects.toThrow(/journal damaged: .*\.kisj at byte \d+/);
    }
    await expect(replay({ dataFolder: folder, log })).rejects.toThrow(JournalDamaged);
  });

  it('moves a time that goes back up to the last one, counts it, and derives the same again', async () => {
    const run = await started();
    run.play(market.slice(0, half));
    const late = market.slice(half).map((inputs) => inputs.map((input) => ({ ...input, engineTimeUs: TEN })));
    run.play(late.slice(0, 50)).play(market.slice(half + 50));
    expect(run.engine.recorder.clampedInputs).toBeGreaterThanOrEqual(50);
    const times = run.published
      .flatMap(({ updates }) => updates.flatMap(({ messages }) => messages))
      .map((m) => m.timeUs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    await expectReplay(await run.stop());
  });

  it('journals a command, and knows it after a restart', async () => {
    const first = await started();
    first.play(market.slice(0, half));
    first.engine.command({ type: 'kill_switch', on: true, reason: 'test' });
    const later = first.published.length;
    first.play(market.slice(half));
    const channels = first.published.slice(later).flatMap(({ updates }) => updates.map(({ stream }) => stream.channel));
    expect(channels).toContain('predictions');
    expect(channels).not.toContain('signals');
    expect(first.engine.machine.counters.denied.kill_switch).toBeGreaterThan(0);
    const report = await first.stop();
    await expectReplay(report);
    expect((await opened()).engine.machine.haltReason).toBe('kill_switch');
  });

  it('tells all of its times in order, and the bus before it tells its readers', async () => {
    const run = await started();
    const seen: OutputBatch[] = [];
    run.engine.published.subscribe((output) => {
      expect(run.published.at(-1)).toBe(output);
      seen.push(output);
    });
    run.play(market.slice(0, 40));
    for (const { times } of seen) {
      const [t0, ...since] = times;
      expect(t0).toBeGreaterThan(0);
      expect([...since].sort((a, b) => a - b)).toEqual(since);
    }
    expect(seen.length).toBeGreaterThan(30);
  });

  it('goes on with the plain backend and other settings where its configuration changed', async () => {
    const first = await started();
    first.play(market.slice(0, half));
    await first.stop();
    const second = await started({ backend: 'plain', settings: testSettings({ probabilityMin: 0.9 }) });
    second.play(market.slice(half));
    second.lastSeqs(first.lastSeqs());
    await expectReplay(await second.stop());
  });
});

describe('a full disk', () => {
  const disk = { full: false };
  const write = (fd: number, bytes: Uint8Array): number => {
    if (disk.full) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    return writeSync(fd, bytes);
  };
  beforeEach(() => {
    disk.full = false;
  });

  it('halts signals and lets data flow under an epoch of their own; room again begins a new one, as the replay says', async () => {
    const run = await started({ disk: { write, truncate() {} } });
    const { machine, recorder } = run.engine;
    const third = Math.floor(market.length / 3);
    run.play(market.slice(0, third));
    const before = machine.epoch;
    disk.full = true;
    run.play(market.slice(third, 2 * third));
    expect(machine.haltReason).toBe('journal_unavailable');
    expect(machine.epoch.startsWith(UNJOURNALED)).toBe(true);
    expect(recorder.unjournaledInputs).toBeGreaterThan(100);
    const unjournaled = run.published.filter(({ epoch }) => epoch === machine.epoch);
    const channels = unjournaled.flatMap(({ updates }) => updates.map(({ stream }) => stream.channel));
    expect(channels).toContain('ticks');
    expect(channels).not.toContain('signals');
    expect(machine.counters.denied.journal_unavailable).toBeGreaterThan(0);
    disk.full = false;
    run.play(market.slice(2 * third));
    expect(machine.haltReason).toBeNull();
    const after = machine.epoch;
    expect(after.startsWith(UNJOURNALED)).toBe(false);
    expect(new Set(run.published.map(({ epoch }) => epoch)).size).toBe(3);
    expect(after).not.toBe(before);
    // Every epoch counts each stream from 1.
    for (const epoch of new Set(run.published.map((batch) => batch.epoch))) {
      const seqs = new Map<string, number>();
      for (const { updates } of run.published.filter((batch) => batch.epoch === epoch)) {
        for (const { stream, prevSeq, messages } of updates) {
          expect(prevSeq).toBe(seqs.get(stream.key) ?? 0);
          seqs.set(stream.key, prevSeq + messages.length);
        }
      }
    }
    expect(await expectReplay(await run.stop())).toMatchObject({ epoch: after });
    expect(logged.join()).toContain('journal_unavailable');
  });

  it('from the first entry on halts signals, too', async () => {
    await (await started()).stop();
    disk.full = true;
    const run = await started({ disk: { write, truncate() {} } });
    run.play(market);
    expect(run.engine.machine.haltReason).toBe('journal_unavailable');
    expect(run.published.flatMap(({ updates }) => updates.map(({ stream }) => stream.channel))).not.toContain(
      'signals',
    );
    disk.full = false;
  });

  it('at the end of a run leaves the journal as it was, and the next run goes on from there', async () => {
    const run = await started({ disk: { write, truncate() {} } });
    run.play(market.slice(0, half));
    const { digest } = run.engine.machine.report();
    disk.full = true;
    run.play(market.slice(half));
    await run.stop();
    const next = await opened();
    expect(next.engine.machine.report().digest).toBe(digest);
  });
});

describe('snapshots', () => {
  /** Two of them, at two stops. */
  async function runTwice(): Promise<string> {
    const first = await started();
    first.play(market.slice(0, half));
    await first.stop();
    const second = await started();
    second.play(market.slice(half));
    return (await second.stop()).digest;
  }

  it('that are damaged are passed over: an older one, then the whole journal', async () => {
    const digest = await runTwice();
    const paths = snapshotPaths().sort();
    expect(paths).toHaveLength(2);
    let last = Number.POSITIVE_INFINITY;
    for (const path of paths.reverse()) {
      const bytes = readFileSync(path);
      bytes[bytes.length >> 1] ^= 1;
      writeFileSync(path, bytes);
      const run = await opened();
      const offset = run.engine.recovered.snapshotOffset ?? 0;
      expect(offset).toBeLessThan(last);
      last = offset;
      expect(run.engine.machine.report().digest).toBe(digest);
      expect(logged.join()).toContain('checksum does not match');
      await run.stop();
    }
    expect(last).toBe(0);
  });

  it.each<[string, Partial<Snapshot>]>([
    ['of another build', { build: '0.0.0+other' }],
    ['of another journal', { journalId: 'other' }],
    ['of entries that the journal has lost', { offset: 1e9 }],
  ])('%s are passed over', async (_reason, change) => {
    const digest = await runTwice();
    for (const path of snapshotPaths()) {
      changeSnapshot(path, change);
      if (change.offset !== undefined) renameSync(path, path.replace(/\d+\.snapshot$/, '0000001000000000.snapshot'));
    }
    const run = await opened();
    expect(run.engine.recovered.snapshotOffset).toBeNull();
    expect(run.engine.machine.report().digest).toBe(digest);
    // One that the journal may grow past is a trap for a later recovery.
    if (change.offset !== undefined) expect(snapshotPaths()).toEqual([]);
  });

  it('are no more durable than the journal: it is synced first, and where it cannot be there is none', async () => {
    const syncs: number[] = [];
    const sync = (): void => void syncs.push(snapshotPaths().length);
    const first = await started({ disk: { sync } });
    first.play(market.slice(0, half));
    await first.stop();
    expect(syncs[0]).toBe(0);
    expect(snapshotPaths()).toHaveLength(1);
    const refuse = (): never => {
      throw Object.assign(new Error('i/o error'), { code: 'EIO' });
    };
    const second = await started({ disk: { sync: refuse } });
    second.play(market.slice(half));
    await second.stop();
    expect(snapshotPaths()).toHaveLength(1);
    expect(logged.join()).toContain('snapshot not saved');
  });

  it('are taken after so many entries, and of a run that is killed the last one is found', async () => {
    const run = await started({ snapshotEveryEntries: 100 });
    run.play(market.slice(0, half));
    await vi.waitUntil(() => snapshotPaths().some((path) => path.endsWith('.snapshot')), { timeout: 20_000 });
    run.play(market.slice(half, half + 20));
    crash();
    const next = await opened();
    expect(next.engine.recovered.snapshotOffset).toBeGreaterThan(99);
    expect(next.engine.machine.report()).toEqual(run.engine.machine.report());
  });
});

it('removes what a killed run left half written', async () => {
  await (await started()).stop();
  const { snapshots, journal, contents } = dataLayout(folder);
  for (const path of [snapshots, journal, contents]) writeFileSync(join(path, 'half-written.part'), 'half');
  await (await opened()).stop();
  for (const path of [snapshots, journal, contents]) {
    expect(readdirSync(path).filter((name) => name.endsWith('.part'))).toEqual([]);
  }
});

describe('days beyond the disk budget', () => {
  const days = [0, 1, 2, 3].map((day) => marketBatches({ seconds: 4, seed: day, startTimeUs: TEN + day * DAY_US }));
  const journal = { segmentBytesMax: 1 << 26, diskBudgetBytes: 1, syncMs: 1000 };
  const little = { journal, snapshotEveryEntries: 100 };

  /** Each day with the time that its snapshot takes. */
  async function playDays(run: Run, played: typeof days): Promise<void> {
    for (const day of played) {
      run.play(day);
      await run.engine.snapshots.idle();
    }
  }

  it('are pruned with their snapshots, and the replay begins at the first kept day with the digest of all', async () => {
    const run = await started(little);
    await playDays(run, days);
    const report = await run.stop();
    const replayed = await expectReplay(report);
    expect(replayed.firstOffset).toBeGreaterThan(0);
    expect(readdirSync(dataLayout(folder).days).length).toBeLessThan(3);
    const next = await opened({ journal });
    expect(next.engine.machine.report()).toEqual(report);
  });

  it('and a kill: the state kept for the day is where recovery begins', async () => {
    const run = await started(little);
    await playDays(run, days);
    const report = run.engine.machine.report();
    crash();
    const next = await opened({ journal });
    expect(next.engine.recovered.snapshotOffset).toBeGreaterThan(0);
    expect(next.engine.machine.report()).toEqual(report);
  });

  it('leave nothing to recover from for another build: it says so and begins a new epoch', async () => {
    const run = await started(little);
    await playDays(run, days.slice(0, 3));
    await run.stop();
    for (const path of snapshotPaths()) changeSnapshot(path, { build: '0.0.0+older' });
    const next = await started(little);
    expect(logged.join()).toContain('all begins anew');
    expect(next.engine.machine.epoch).not.toBe(run.engine.machine.epoch);
    await playDays(next, [days[3]]);
    next.lastSeqs();
    // A day later the journal holds nothing of the older build, and proves itself again.
    await playDays(next, [marketBatches({ seconds: 4, startTimeUs: TEN + 4 * DAY_US })]);
    await expectReplay(await next.stop());
  });

  it('are kept where no replay could begin behind them, until a recovery has passed there', async () => {
    const run = await started({ journal });
    for (const day of days) run.play(day);
    const report = await run.stop();
    expect((await expectReplay(report)).firstOffset).toBe(0);
    const next = await opened({ journal });
    expect(next.engine.recovered.days).toHaveLength(3);
    expect(next.engine.machine.report()).toEqual(report);
    expect((await expectReplay(report)).firstOffset).toBe(next.engine.recovered.days.at(-1));
  });

  it('cannot be replayed by another build, which is named', async () => {
    const run = await started(little);
    await playDays(run, days);
    await run.stop();
    for (const path of snapshotPaths()) changeSnapshot(path, { build: '0.0.0+older' });
    await expect(replay({ dataFolder: folder, log })).rejects.toThrow(/older days were pruned.* of another build/);
  });
});

it('a replay tells how far it is, and fails clearly where a content is missing', async () => {
  const run = await started();
  run.play(market);
  const report = await run.stop();
  const progress: number[] = [];
  const replayed = await replay({ dataFolder: folder, log, onProgress: ({ fraction }) => progress.push(fraction) });
  expect(replayed.digest).toBe(report.digest);
  expect(progress.every((fraction) => fraction > 0 && fraction <= 1)).toBe(true);
  rmSync(dataLayout(folder).contents, { recursive: true });
  await expect(replay({ dataFolder: folder, log })).rejects.toThrow(/^content [0-9a-f]{64}/);
});

// Snapshots by the process that makes them, as it is installed (compiled): what it makes, and every way in which it may
// not. The journal is a real engine's, which goes on writing it.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import { pino } from 'pino';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { packageRoot } from '../../config/paths.ts';
import { readArtifact } from '../../models/artifact.ts';
import { Bus } from '../bus/bus.ts';
import { dataLayout } from '../data-folder.ts';
import type { Input } from '../input.ts';
import { Contents } from '../journal/contents.ts';
import { Journal } from '../journal/journal.ts';
import { newStateMachine } from '../journal-machine.ts';
import { initialiseBackend } from '../predict/tensorflow-model.ts';
import { recover } from '../recovery.ts';
import type { StateMachine } from '../state-machine.ts';
import { ARTIFACT_FOLDER, control, marketBatches, startCommand, TEN, testSettings } from '../test-market.ts';
import { DaySnapshots } from './day-snapshots.ts';
import { findRedis } from './redis-server.ts';
import { decodeSnapshot, type Snapshot } from './snapshot.ts';
import type { SnapshotRequest } from './snapshot-by-replay.ts';
import { SnapshotChild } from './snapshot-child.ts';
import { FolderSnapshotStore } from './snapshot-store.ts';

const compiled = join(packageRoot, 'dist', 'engine');
const moduleOf = (name: string): string => join(compiled, `${name}.js`);
const market = marketBatches({ seconds: 8 });
const half = Math.floor(market.length / 2);
const DAY_US = 86_400_000_000;
const JOURNAL_ID = 'journal-1';
const redis = findRedis();
const noRedis = redis.available ? '' : ' (skipped: no redis-server on the PATH and no REDIS_URL)';

let build: string;
let folder: string;
let layout: ReturnType<typeof dataLayout>;
let writer: Writer;
let child: SnapshotChild;
const lines: string[] = [];
const log = pino({ level: 'debug' }, { write: (line: string) => lines.push(line) });

/** A journal that is being written, and the machine that it makes. */
class Writer {
  readonly journal: Journal;
  readonly machine: StateMachine;
  readonly bus = new Bus();

  constructor() {
    const contents = new Contents(layout.contents);
    const configHash = contents.putJson(testSettings());
    const modelHash = contents.put(readArtifact(ARTIFACT_FOLDER).bytes);
    this.machine = newStateMachine(contents);
    this.journal = new Journal({ folder: layout.journal, segmentBytesMax: 1 << 16, diskBudgetBytes: 1 << 30, log });
    this.write([[control(startCommand({ configHash, modelHash }), TEN)]]);
  }

  write(batches: readonly (readonly Input[])[]): this {
    for (const inputs of batches) {
      const updates = this.machine.apply(inputs, this.journal.append(inputs));
      this.bus.retain({ epoch: this.machine.epoch, updates });
    }
    return this;
  }
}

beforeAll(async () => {
  await initialiseBackend();
  const script = `import { buildName } from ${JSON.stringify(pathToFileURL(moduleOf('build')).href)};
    process.stdout.write(buildName());`;
  build = execFileSync(process.execPath, ['--input-type=module', '-e', script]).toString();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-snapshot-'));
  layout = dataLayout(folder);
  lines.length = 0;
  writer = new Writer();
  child = open();
});
afterEach(async () => {
  await child.close();
  writer.journal.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(change: Partial<ConstructorParameters<typeof SnapshotChild>[0]> = {}): SnapshotChild {
  const module = moduleOf('state/snapshot-process');
  return new SnapshotChild({ msMax: 60_000, heapMbMax: 1024, redis: null, log, module, ...change });
}

async function reopened(change: Partial<ConstructorParameters<typeof SnapshotChild>[0]>): Promise<void> {
  await child.close();
  child = open(change);
}

function request(change: Partial<SnapshotRequest> = {}): SnapshotRequest {
  const { nextOffset: offset } = writer.journal;
  return { dataFolder: folder, journalId: JOURNAL_ID, build, offset, resumeWindowMs: 0, ...change };
}

async function snapshotAt(offset: number, store = new FolderSnapshotStore(layout.snapshots)): Promise<Snapshot> {
  const snapshot = decodeSnapshot(await store.load(offset), JOURNAL_ID, build);
  if (typeof snapshot === 'string') throw new Error(snapshot);
  return snapshot;
}

/** As it comes back from a snapshot. */
function plain<T>(value: T): T {
  return deserialize(serialize(value)) as T;
}

/** The process that makes the snapshot which was asked for last. */
async function worker(): Promise<number> {
  const begun = () => lines.filter((line) => line.includes('snapshot begun')).at(-1);
  await vi.waitUntil(begun, { timeout: 20_000, interval: 5 });
  return JSON.parse(begun()!).pid as number;
}

it('is the state of the machine at that entry, while the journal goes on; the next begins with it', async () => {
  writer.write(market.slice(0, half));
  const state = plain(writer.machine.save());
  const retained = plain(writer.bus.save());
  const asked = request();
  const making = child.make(asked);
  for (const batch of market.slice(half)) {
    writer.write([batch]);
    await new Promise(setImmediate);
  }
  const made = await making;
  expect(made).toMatchObject({ offset: asked.offset, fromOffset: 0, replayedEntries: asked.offset, unsaved: [] });
  const snapshot = await snapshotAt(asked.offset);
  expect(snapshot.state).toEqual(state);
  expect(snapshot.retained).toEqual(retained);
  const next = await child.make(request());
  expect(next).toMatchObject({ fromOffset: asked.offset, remarks: [] });
  expect((await snapshotAt(next.offset)).state).toEqual(plain(writer.machine.save()));
});

it('reads over half an entry that is being written, and asks for no more than there is', async () => {
  writer.write(market.slice(0, half));
  const asked = request();
  const segment = join(layout.journal, readdirSync(layout.journal).sort().at(-1)!);
  writeFileSync(segment, Buffer.from([200, 0, 0, 0, 1, 2]), { flag: 'a' });
  expect(await child.make(asked)).toMatchObject({ offset: asked.offset });
  await expect(child.make({ ...asked, offset: asked.offset + 1 })).rejects.toThrow(/journal ends at entry/);
});

it('killed or hanging in the middle is an error, and the next one is made', async () => {
  writer.write(market);
  for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
    await reopened({ msMax: signal === 'SIGSTOP' ? 500 : 60_000 });
    lines.length = 0;
    const making = child.make(request());
    process.kill(await worker(), signal);
    await expect(making).rejects.toThrow(signal === 'SIGKILL' ? /ended by SIGKILL/ : /not made within 500 ms/);
  }
  await reopened({});
  expect(await child.make(request())).toMatchObject({ unsaved: [] });
});

it('whose process that stands by is killed is an error, and another one is started', async () => {
  writer.write(market);
  const making = child.make(request());
  const pid = await worker();
  const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
  process.kill(parent, 'SIGKILL');
  await expect(making).rejects.toThrow(/SIGKILL/);
  // What worked for it has ended with it.
  await vi.waitUntil(() => !existsSync(`/proc/${pid}`), { timeout: 20_000, interval: 10 });
  expect(await child.make(request())).toMatchObject({ unsaved: [] });
});

it('of another build than the code on the disk is refused', async () => {
  await expect(child.make(request({ build: '0.0.0+other' }))).rejects.toThrow(/another build/);
});

it('that cannot be written is an error, and leaves nothing half written', async () => {
  writer.write(market.slice(0, half));
  // A file where the folder should be: no user may write there.
  writeFileSync(layout.snapshots, '');
  await expect(child.make(request())).rejects.toThrow(/EEXIST|ENOTDIR/);
  rmSync(layout.snapshots);
  mkdirSync(layout.snapshots);
  chmodSync(layout.snapshots, 0o500);
  if (process.getuid?.() !== 0) await expect(child.make(request())).rejects.toThrow(/EACCES/);
  chmodSync(layout.snapshots, 0o700);
  // A disk that is full; /dev/full refuses every byte.
  const part = join(layout.snapshots, `${String(writer.journal.nextOffset).padStart(16, '0')}.snapshot.part`);
  execFileSync('ln', ['-s', '/dev/full', part]);
  await expect(child.make(request())).rejects.toThrow(/ENOSPC/);
  expect(readdirSync(layout.snapshots)).toEqual([]);
  expect(await child.make(request())).toMatchObject({ unsaved: [] });
});

it('passes over a newest one that is damaged, and says so', async () => {
  writer.write(market.slice(0, half));
  const { offset: first } = await child.make(request());
  writer.write(market.slice(half));
  const { offset: second } = await child.make(request());
  const path = join(layout.snapshots, readdirSync(layout.snapshots).sort().at(-1)!);
  const bytes = readFileSync(path);
  bytes[bytes.length - 100] ^= 1;
  writeFileSync(path, bytes);
  const third = await child.make(request());
  expect(third).toMatchObject({ offset: second, fromOffset: first });
  expect(third.remarks.join()).toContain('checksum does not match');
  expect((await snapshotAt(second)).state).toEqual(plain(writer.machine.save()));
});

it('keeps the state at the first entry of each day, from which the days after give the same', async () => {
  const nextDay = marketBatches({ seconds: 4, startTimeUs: TEN + DAY_US });
  writer.write(market);
  const { nextOffset: dayOffset } = writer.journal;
  const atDay = plain(writer.machine.save());
  writer.write(nextDay);
  const made = await child.make(request());
  expect(made.days).toEqual([dayOffset]);
  const days = new DaySnapshots(layout.days, layout.journal);
  expect((await snapshotAt(dayOffset, days)).state).toEqual(atDay);
  const machine = newStateMachine(new Contents(layout.contents));
  await recover({
    journalFolder: layout.journal,
    journalId: JOURNAL_ID,
    build,
    firstOffset: dayOffset,
    nextOffset: writer.journal.nextOffset,
    stores: [days],
    removesLost: false,
    machine,
    bus: new Bus(),
    lastFailure: 'thrown',
    days,
    log,
  });
  expect(machine.report()).toEqual(writer.machine.report());
});

describe.skipIf(!redis.available)(`with Redis${noRedis}`, () => {
  it('is kept there as well, over a connection of its own; a Redis that is gone harms nothing', async () => {
    const server = await redis.start();
    try {
      await reopened({ redis: { url: server.url, namespace: server.namespace } });
      writer.write(market);
      const { offset } = await child.make(request());
      const key = `kisignal:{${server.namespace}:${JOURNAL_ID}}:snapshot:${offset}`;
      expect(await server.client.getBuffer(key)).toEqual(await new FolderSnapshotStore(layout.snapshots).load(offset));
      // From Redis alone, where the folder has lost its own.
      rmSync(layout.snapshots, { recursive: true });
      expect(await child.make(request())).toMatchObject({ fromOffset: offset, replayedEntries: 0 });
      if (!redis.own) return;
      await server.kill();
      const made = await child.make(request());
      expect(made.unsaved).toHaveLength(1);
    } finally {
      await server.stop();
    }
  });
});

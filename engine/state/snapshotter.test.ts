import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { SnapshotMade, SnapshotRequest } from './snapshot-by-replay.ts';
import { type SnapshotMaker, Snapshotter } from './snapshotter.ts';

const request = { dataFolder: 'data', journalId: 'journal-1', build: 'build-1', resumeWindowMs: 0 };
const refused = (): Promise<number> => Promise.reject(Object.assign(new Error('i/o error'), { code: 'EIO' }));

/** A maker whose snapshots are made, or fail, when the test says so. */
class HeldMaker implements SnapshotMaker {
  readonly asked: SnapshotRequest[] = [];
  end: (error?: Error) => void = () => {};

  make(asked: SnapshotRequest): Promise<SnapshotMade> {
    this.asked.push(asked);
    const rest = { bytes: 10, fromOffset: 0, replayedEntries: 1, seconds: 0.1, days: [], unsaved: [], remarks: [] };
    return new Promise((resolve, reject) => {
      this.end = (error) => (error === undefined ? resolve({ offset: asked.offset, ...rest }) : reject(error));
    });
  }

  async close(): Promise<void> {
    this.end(new Error('closed'));
  }
}

function open(durable: () => Promise<number>) {
  const maker = new HeldMaker();
  const said: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => said.push(JSON.parse(line).msg) });
  const made: number[] = [];
  const onMade = ({ offset }: SnapshotMade): void => void made.push(offset);
  return { maker, said, made, snapshotter: new Snapshotter({ maker, request, durable, onMade, log }) };
}

it('asks for what is durable alone, one at a time; those that come meanwhile are counted and said once', async () => {
  let offset = 7;
  const { snapshotter, maker, made, said } = open(async () => offset);
  snapshotter.take();
  await Promise.resolve().then(() => {});
  offset = 9;
  for (let i = 0; i < 3; i++) snapshotter.take();
  expect(maker.asked).toEqual([{ ...request, offset: 7 }]);
  maker.end();
  await snapshotter.idle();
  expect(made).toEqual([7]);
  expect(snapshotter.figures).toMatchObject({ made: 1, failed: 0, skipped: 3, offset: 7, bytes: 10 });
  expect(said).toEqual(['snapshot skipped: the one before is not made yet']);
});

it('makes none of what is not durable, and none twice; a failure is counted and the next one is asked for', async () => {
  const failing = open(refused);
  failing.snapshotter.take();
  await failing.snapshotter.idle();
  expect(failing.maker.asked).toEqual([]);
  expect(failing.snapshotter.figures.failed).toBe(1);
  expect(failing.said).toEqual(['snapshot not saved']);

  const { snapshotter, maker } = open(async () => 7);
  for (const error of [new Error('killed'), undefined]) {
    snapshotter.take();
    await Promise.resolve().then(() => {});
    maker.end(error);
    await snapshotter.idle();
  }
  snapshotter.take();
  await snapshotter.idle();
  expect(maker.asked).toHaveLength(2);
  expect(snapshotter.figures).toMatchObject({ made: 1, failed: 1, offset: 7 });
});

it('ends with what is under way given up, and asks for nothing more', async () => {
  const { snapshotter, maker, said } = open(async () => 7);
  snapshotter.take();
  await Promise.resolve().then(() => {});
  await snapshotter.close();
  snapshotter.take();
  await snapshotter.idle();
  expect(maker.asked).toHaveLength(1);
  expect(said).toEqual([]);
});

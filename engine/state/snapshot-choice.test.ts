// Which snapshots are kept, and with which one a recovery begins.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SavedState, STATE_VERSION } from './saved-state.ts';
import { encodeSnapshot } from './snapshot.ts';
import { chooseSnapshot } from './snapshot-choice.ts';
import { FolderSnapshotStore, keptSnapshots, SNAPSHOTS_KEPT, type SnapshotStore } from './snapshot-store.ts';

const SECOND = 1_000_000;
const origin = { journalId: 'journal-1', build: 'build-1' };
let folder: string;
const said: string[] = [];
const log = pino({}, { write: (line: string) => said.push(line) });
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-choice-'));
  said.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function snapshotAt(offset: number, timeUs = offset * SECOND): Buffer {
  const state = { version: STATE_VERSION, timeUs } as SavedState;
  return encodeSnapshot({ ...origin, offset, state, retained: [] });
}

function choose(stores: SnapshotStore[], change: object = {}) {
  return chooseSnapshot({ ...origin, stores, firstOffset: 0, nextOffset: 1000, removesLost: false, log, ...change });
}

describe('of the snapshots made', () => {
  it('there is always one older than the window once one was, not much older, and few in all', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 0, max: 120 }), (steps, windowSeconds) => {
        const windowUs = windowSeconds * SECOND;
        let found: { offset: number; timeUs: number }[] = [];
        let timeUs = 0;
        for (const [offset, step] of steps.entries()) {
          timeUs += step * SECOND;
          found = [{ offset, timeUs }, ...found];
          const kept = keptSnapshots(found, windowUs);
          found = found.filter((one) => kept.has(one.offset));
          expect(found[0].offset).toBe(offset);
          expect(found.length).toBeLessThanOrEqual(SNAPSHOTS_KEPT + 5);
          const oldest = found.at(-1)!;
          if (timeUs - steps[0] * SECOND < windowUs) expect(oldest.offset).toBe(0);
          else {
            const old = found.find((one) => timeUs - one.timeUs >= windowUs);
            expect(old).toBeDefined();
            expect(timeUs - old!.timeUs).toBeLessThanOrEqual(1.5 * windowUs + 2 * 40 * SECOND);
          }
        }
      }),
    );
  });

  it('one whose header cannot be read is kept no longer than the newest', () => {
    const found = [5, 4, 3, 2, 1].map((offset) => ({ offset, timeUs: offset === 5 ? SECOND : null }));
    expect([...keptSnapshots(found, 60 * SECOND)]).toEqual([5, 4, 3]);
  });
});

describe('a recovery begins', () => {
  it('with the newest that is old enough, else with the oldest, else with none', async () => {
    const store = new FolderSnapshotStore(folder, Infinity);
    expect(await choose([store])).toBeNull();
    for (const offset of [100, 160, 220]) await store.save(offset, snapshotAt(offset));
    expect((await choose([store]))?.offset).toBe(220);
    expect((await choose([store], { notAfterUs: 200 * SECOND }))?.offset).toBe(160);
    expect((await choose([store], { notAfterUs: 50 * SECOND }))?.offset).toBe(100);
  });

  it('with an older one where the chosen is damaged, and with a younger one before none', async () => {
    const store = new FolderSnapshotStore(folder, Infinity);
    for (const offset of [100, 160, 220]) {
      const bytes = snapshotAt(offset);
      if (offset !== 220) bytes[bytes.length - 1] ^= 1;
      await store.save(offset, bytes);
    }
    expect((await choose([store], { notAfterUs: 170 * SECOND }))?.offset).toBe(220);
    expect(said.filter((line) => line.includes('checksum does not match'))).toHaveLength(2);
  });

  it('with none of entries that the journal has lost or pruned; its writer removes the lost ones', async () => {
    const store = new FolderSnapshotStore(folder, Infinity);
    for (const offset of [100, 160, 220]) await store.save(offset, snapshotAt(offset));
    expect(await choose([store], { firstOffset: 161, nextOffset: 219 })).toBeNull();
    expect(await store.list()).toEqual([220, 160, 100]);
    expect((await choose([store], { nextOffset: 219, removesLost: true }))?.offset).toBe(160);
    expect(await store.list()).toEqual([160, 100]);
  });

  it('without a store that fails, and with whichever has the newest', async () => {
    const [one, other] = ['one', 'other'].map((name) => new FolderSnapshotStore(join(folder, name), Infinity));
    await one.save(100, snapshotAt(100));
    await other.save(160, snapshotAt(160));
    const away = async (): Promise<never> => {
      throw new Error('away');
    };
    const failing: SnapshotStore = { save: away, list: away, head: away, load: away, remove: away };
    expect((await choose([failing, one, other]))?.offset).toBe(160);
    const unreadable: SnapshotStore = { ...failing, list: async () => [900] };
    expect((await choose([unreadable, one]))?.offset).toBe(100);
    expect(said.join()).toContain('cannot be read: away');
  });
});

// The whole chain as processes: an engine whose snapshots are made beside it is killed again and again, recovers from
// them, and its journal gives the digest that it goes on with. It is the compiled engine, so that all are of one build.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packageRoot } from '../../config/paths.ts';
import type { ReplayReport } from '../replay.ts';

const ROUNDS = 4;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-crash-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const moduleOf = (name: string): string =>
  JSON.stringify(pathToFileURL(join(packageRoot, 'dist', 'engine', `${name}.js`)).href);

/** Opens, says how it recovered, and plays the market from where the journal ends; each snapshot made is a line. */
const script = `
  import { Subject } from 'rxjs';
  import { pino } from 'pino';
  import { setTimeout } from 'node:timers/promises';
  import { openEngine } from ${moduleOf('engine')};
  import { replay } from ${moduleOf('replay')};
  import { SnapshotChild } from ${moduleOf('state/snapshot-child')};
  import { ARTIFACT_FOLDER, marketBatches, TEN, testSettings } from ${moduleOf('test-market')};
  const [dataFolder, round] = process.argv.slice(1);
  const say = (value) => process.stdout.write(JSON.stringify(value) + '\\n');
  const log = pino({ level: 'error' }, process.stderr);
  const engine = await openEngine({
    dataFolder, settings: testSettings(), artifactFolder: ARTIFACT_FOLDER, backend: 'wasm', log, clockPeriodMs: 1000,
    journal: { segmentBytesMax: 1 << 18, diskBudgetBytes: 1 << 30, syncMs: 100 },
    snapshotEveryMs: 100, snapshotEveryEntries: 1e9, resume: { windowMs: 2000, bytesMax: 1 << 24 },
    snapshotMaker: new SnapshotChild({ msMax: 60000, heapMbMax: 512, redis: null, log }),
  });
  const replayed = engine.journal.nextOffset === 0 ? null : await replay({ dataFolder, log });
  say({ recovered: engine.recovered, report: engine.machine.report(), replayed });
  const batches = new Subject();
  const startTimeUs = TEN + Number(round) * 60e6;
  const clock = { nowUs: () => engine.machine.timeUs };
  engine.start({ source: 'simulated', identity: 'feed-1', clock, clockReady: () => false, startTimeUs, batches: [batches] });
  for (const inputs of marketBatches({ seconds: 50, startTimeUs, seed: 7 + Number(round) })) {
    batches.next({ receivedUs: Date.now() * 1000, inputs });
    say({ snapshot: engine.snapshots.figures.offset });
    await setTimeout(10);
  }
`;

interface Said {
  readonly recovered?: { readonly snapshotOffset: number | null; readonly replayedEntries: number };
  readonly report?: Pick<ReplayReport, 'digest' | 'messages' | 'streams'>;
  /** Null of an empty journal. */
  readonly replayed?: ReplayReport | null;
  readonly snapshot?: number | null;
}

it('an engine killed at any moment recovers from what was made beside it, with the digest of its journal', {
  timeout: 120_000,
}, async () => {
  const begunWith: (number | null)[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const engine = spawn(process.execPath, ['--input-type=module', '-e', script, folder, String(round)], {
      cwd: packageRoot,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(engine, 'exit');
    try {
      for await (const line of createInterface({ input: engine.stdout })) {
        const said = JSON.parse(line) as Said;
        if (said.recovered !== undefined) {
          if (said.replayed) {
            const { digest, messages, streams } = said.replayed;
            expect(said.report).toEqual({ digest, messages, streams });
          }
          begunWith.push(said.recovered.snapshotOffset);
        }
        // One was made in this life, and what follows it is in the journal alone.
        if (typeof said.snapshot === 'number') break;
      }
    } finally {
      engine.kill('SIGKILL');
      await ended;
    }
  }
  expect(begunWith).toHaveLength(ROUNDS);
  expect(begunWith[0]).toBeNull();
  const later = begunWith.slice(1) as number[];
  expect(later.every((offset) => offset > 0)).toBe(true);
  expect(later).toEqual([...later].sort((a, b) => a - b));
});

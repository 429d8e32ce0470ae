// Somebody who may write everything in the data folder, and does it well: every checksum and every seal is right again.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dataLayout } from '../engine.ts';
import type { Input } from '../input.ts';
import type { Seal } from '../journal/format.ts';
import { Journal } from '../journal/journal.ts';
import { readJournal } from '../journal/reader.ts';
import { anchorOf } from './anchors.ts';
import { isFault } from './findings.ts';
import { checkJournal } from './journal-check.ts';
import { BUILD, JOURNAL_ID, type TestFolder, writeTestFolder } from './test-data-folder.ts';
import { verify } from './verify.ts';

let home: string;
let original: string;
let folder: TestFolder;
let anchorsFile: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'kisignal-rewriting-'));
  original = join(home, 'original');
  folder = await writeTestFolder(original);
  anchorsFile = join(home, 'anchors.jsonl');
  writeFileSync(anchorsFile, folder.anchors.map((anchor) => `${JSON.stringify(anchor)}\n`).join(''));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** The same journal with other inputs; its seals go on saying what signals were published. */
function rewrite(change: (input: Input, offset: number) => Input): string {
  const data = join(home, 'rewritten');
  rmSync(data, { recursive: true, force: true });
  cpSync(original, data, { recursive: true });
  const from = dataLayout(original).journal;
  const to = dataLayout(data).journal;
  rmSync(to, { recursive: true });
  const told = new Map(checkJournal(from, JOURNAL_ID).seals.map(({ offset, signals }) => [offset, signals]));
  const journal: Journal = new Journal({
    folder: to,
    segmentBytesMax: 30_000,
    diskBudgetBytes: 1 << 30,
    proof: { journalId: JOURNAL_ID, sealBytes: 4096, sealMs: 500, signals: () => told.get(journal.nextOffset)! },
    log: pino({ level: 'silent' }),
  });
  for (const { inputs, firstOffset } of readJournal({ folder: from })) {
    journal.append(inputs.map((input, i) => change(input, firstOffset + i)));
  }
  journal.close();
  return data;
}

const faults = (findings: Awaited<ReturnType<typeof verify>>['findings']): string[] => [
  ...new Set(findings.filter(isFault).map(({ code }) => code)),
];

it('is found by anchors, wherever a byte of a frame was changed', async () => {
  expect(faults((await verify({ dataFolder: rewrite((input) => input), build: BUILD, anchorsFile })).findings)).toEqual(
    [],
  );
  await fc.assert(
    fc.asyncProperty(fc.nat(folder.entries - 1), fc.nat(), async (at, nat) => {
      let changed = false;
      const dataFolder = rewrite((input, offset) => {
        if (changed || offset < at || input.kind !== 'frame') return input;
        changed = true;
        const bytes = Buffer.from(input.bytes);
        bytes[nat % bytes.length] ^= 1;
        return { ...input, bytes };
      });
      fc.pre(changed);
      expect(faults((await verify({ dataFolder, build: 'another' })).findings)).toEqual([]);
      const { findings } = await verify({ dataFolder, build: 'another', anchorsFile });
      expect(faults(findings)).toEqual(['anchor_differs']);
      const [from, to] = findings.find(isFault)!.entries!;
      expect(from <= at + 40 && to > at).toBe(true);
    }),
    { numRuns: 15 },
  );
});

it('is found without an anchor where it changes a signal: the journal no longer gives what was published', async () => {
  const first = folder.signals[0].journalOffset;
  const dataFolder = rewrite((input, offset) =>
    input.kind === 'frame' && offset <= first ? { ...input, bytes: Buffer.from('0|H0STCNT0|001|') } : input,
  );
  const { findings } = await verify({ dataFolder, build: BUILD });
  expect(faults(findings)).toEqual(['signals_differ']);
});

it('knows an anchor of another journal', async () => {
  const seal: Seal = { ...checkJournal(dataLayout(original).journal, JOURNAL_ID).seals[0] };
  const file = join(home, 'foreign.jsonl');
  writeFileSync(file, `${JSON.stringify(anchorOf(seal, 'other-journal', BUILD))}\n`);
  expect(faults((await verify({ dataFolder: original, build: BUILD, anchorsFile: file })).findings)).toEqual([
    'anchor_foreign',
  ]);
});

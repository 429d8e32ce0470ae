import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dataLayout } from '../engine.ts';
import { compressionOf } from '../journal/segment-names.ts';
import { listSegments } from '../journal/segments.ts';
import { isFault } from './findings.ts';
import { BUILD, type TestFolder, type TestFolderOptions, writeTestFolder } from './test-data-folder.ts';
import { VerifyError, type VerifyOptions, type VerifyReport, verify } from './verify.ts';

let home: string;
let data: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'kisignal-verify-'));
  data = join(home, 'data');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const check = (options: Partial<VerifyOptions> = {}): Promise<VerifyReport> =>
  verify({ dataFolder: data, build: BUILD, ...options });
const codes = ({ findings }: VerifyReport): string[] => findings.map(({ code }) => code);
const written = (options?: TestFolderOptions): Promise<TestFolder> => writeTestFolder(data, options);

function anchorsFile({ anchors }: Pick<TestFolder, 'anchors'>): string {
  const path = join(home, 'anchors.jsonl');
  writeFileSync(path, anchors.map((anchor) => `${JSON.stringify(anchor)}\n`).join(''));
  return path;
}

describe('a journal that nobody touched', () => {
  it('is whole, and gives the signals that were published', async () => {
    const folder = await written();
    const report = await check({ anchorsFile: anchorsFile(folder) });
    expect(report.findings).toEqual([]);
    expect(report).toMatchObject({ ok: true, nextOffset: folder.entries, anchors: folder.anchors.length, contents: 3 });
    expect(report.seals).toBe(folder.anchors.length);
    expect(folder.signals.length).toBeGreaterThan(0);
    expect(report.derivation).toMatchObject({ signals: folder.signals.length, sealsCompared: report.seals });
    expect(report.parts).toMatchObject([{ fromOffset: 0, toOffset: folder.entries, derived: true }]);
  });

  it('is whole in compressed segments as well, and over days of which the first was pruned', async () => {
    const runs = [{}, { day: 1 }, { day: 2, epoch: 'e2' }];
    const folder = await written({ runs, journal: { compression: 'gzip' } });
    expect((await check({ anchorsFile: anchorsFile(folder) })).findings).toEqual([]);
    const segments = listSegments(dataLayout(data).journal);
    expect(segments.some(({ compression }) => compression === 'gzip')).toBe(true);
    const [, second] = readdirSync(dataLayout(data).days).map((name) => Number.parseInt(name, 10));
    const [kept] = readdirSync(dataLayout(data).days).map((name) => Number.parseInt(name, 10));
    for (const { path, firstOffset } of segments) if (firstOffset < kept) unlinkSync(path);
    const pruned = await check({ anchorsFile: anchorsFile(folder) });
    expect(new Set(codes(pruned))).toEqual(new Set(['anchor_pruned']));
    expect(pruned.derivation).toMatchObject({ fromOffset: kept, toOffset: folder.entries });
    expect(pruned.derivation?.sealsCompared).toBeGreaterThan(2);
    // Without the state of the day, from the next run that began from nothing.
    rmSync(dataLayout(data).days, { recursive: true });
    const stateless = await check();
    expect(stateless.ok).toBe(true);
    expect(stateless.derivation).toMatchObject({ fromOffset: second });
  });

  it('by several builds is derived where this one wrote it, and the others are named', async () => {
    const runs = [{ build: 'older' }, {}, { build: 'newer' }, {}];
    const { entries } = await written({ runs: runs.map((run) => ({ seconds: 1, ...run })) });
    const report = await check();
    expect(report.ok).toBe(true);
    expect(report.findings).toMatchObject([
      { code: 'build_needed', message: expect.stringContaining('older') },
      { code: 'build_needed', message: expect.stringContaining('newer') },
    ]);
    expect(report.parts.map(({ derived }) => derived)).toEqual([false, true, false, true]);
    expect(report.derivation).toMatchObject({ toOffset: entries });
    const foreign = await check({ build: 'another' });
    expect(foreign).toMatchObject({ ok: true, derivation: null });
    expect(foreign.findings).toHaveLength(3);
  });

  it('of version 1 says that it has no chain, and one by who derived nothing that there is nothing to compare', async () => {
    await written({ chained: false, runs: [{ seconds: 1 }] });
    const unchained = await check();
    expect([unchained.ok, codes(unchained)]).toEqual([true, ['unchained']]);
    rmSync(data, { recursive: true });
    await written({ derives: false, runs: [{ seconds: 1 }] });
    const underived = await check();
    expect([underived.ok, codes(underived), underived.derivation?.sealsCompared]).toEqual([
      true,
      ['nothing_derived'],
      0,
    ]);
  });

  it('is looked for where there is one only', async () => {
    await expect(check()).rejects.toThrow(VerifyError);
  });
});

describe('a change', () => {
  let original: string;
  let folder: TestFolder;
  beforeAll(async () => {
    original = mkdtempSync(join(tmpdir(), 'kisignal-verify-original-'));
    const runs = [{ seconds: 2 }, { seconds: 1, day: 1 }];
    folder = await writeTestFolder(original, { runs, journal: { compression: 'gzip' } });
  });
  afterAll(() => rmSync(original, { recursive: true, force: true }));
  beforeEach(() => cpSync(original, data, { recursive: true }));

  it('of one byte anywhere is found, and located to file, bytes and entries', async () => {
    const layout = dataLayout(data);
    const files = [layout.journal, layout.contents, layout.days].flatMap((name) =>
      readdirSync(name).map((file) => join(name, file)),
    );
    const segments = listSegments(layout.journal);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (file, nat, flip) => {
          const bytes = readFileSync(file);
          const at = nat % bytes.length;
          const changed = Buffer.from(bytes);
          changed[at] ^= flip;
          writeFileSync(file, changed);
          try {
            // By another build, so that nothing but the bytes tells.
            const report = await check({ build: 'another' });
            const found = report.findings.find((finding) => isFault(finding) && finding.file === file);
            expect(found, JSON.stringify(report.findings)).toBeDefined();
            const [from, to] = found!.bytes!;
            expect(from <= at && at < to, `byte ${at} in ${from}–${to} of ${file}`).toBe(true);
            const segment = segments.findIndex(({ path }) => path === file);
            if (segment === -1) return;
            const end = segments[segment + 1]?.firstOffset ?? folder.entries;
            expect(found!.entries![0]).toBeGreaterThanOrEqual(segments[segment].firstOffset);
            expect(found!.entries![1]).toBeLessThanOrEqual(end + 1);
            expect(report.findings.filter(isFault)).toHaveLength(1);
          } finally {
            writeFileSync(file, bytes);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('of the end, cut at any byte, is found by an anchor, and harmless without one', async () => {
    const last = listSegments(dataLayout(data).journal).at(-1)!;
    const whole = readFileSync(last.path);
    const anchors = anchorsFile(folder);
    await fc.assert(
      fc.asyncProperty(fc.nat(last.bytes - 1), async (bytes) => {
        writeFileSync(last.path, whole);
        truncateSync(last.path, bytes);
        const blind = await check({ build: 'another' });
        expect(blind.findings.filter(isFault)).toEqual([]);
        const seeing = await check({ build: 'another', anchorsFile: anchors });
        expect(codes(seeing)).toContain('anchor_beyond_end');
      }),
      { numRuns: 25 },
    );
  });

  it('of what is there is found: a content, a segment', async () => {
    const [content] = readdirSync(dataLayout(data).contents);
    unlinkSync(join(dataLayout(data).contents, content));
    expect(codes(await check({ build: 'another' }))).toContain('content_missing');
    const segments = listSegments(dataLayout(data).journal);
    expect(segments.length).toBeGreaterThan(2);
    expect(compressionOf(segments[1].path)).toBe('gzip');
    unlinkSync(segments[1].path);
    expect(codes(await check({ build: 'another' }))).toContain('entries_missing');
  });
});

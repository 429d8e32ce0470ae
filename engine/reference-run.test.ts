// Reference data in a whole run: what REST says enters the journal, a gap of the wire is told with its evidence and its
// bars are filled, and a replay derives the same from the journal alone.
import { expect, it } from 'vitest';
import { post, testEmulator } from './emulator/test-emulator.ts';
import { dataLayout } from './engine.ts';
import { readEntries } from './journal/reader.ts';
import type { BarMessage } from './messages.ts';
import type { Finding } from './quality/findings.ts';
import { configOn, type LogLine, TestRun, temporaryFolder, until } from './test-run.ts';

interface ReferenceStatus {
  readonly reference: { readonly loaded: Record<string, number>; readonly failures: Record<string, number> };
  readonly counters: { readonly gaps: Record<string, number>; readonly gapShares: Record<string, number> };
}

interface QualityBody {
  readonly scores: Record<string, number>;
  readonly findings: Record<string, number>;
  readonly instruments: readonly { readonly instrument: string; readonly findings: Record<string, number> }[];
  readonly evidence: readonly Finding[];
}

const CODES = ['005930', '000660'];
const isWarning = ({ level }: LogLine): boolean => level === 40;
/** A minute of the market in two seconds. */
const SPEED = 30;
const MINUTE_US = 60_000_000;

it('takes masters, limits, calendar and minutes into the journal, each content stored, and replays to the same', async () => {
  const emulator = await testEmulator();
  const one = await TestRun.start(configOn(emulator, temporaryFolder(), { universe: { symbols: CODES } }));
  await until(() => (one.status<ReferenceStatus>().reference.loaded.minute_bars ?? 0) === CODES.length);
  expect(one.status<ReferenceStatus>().reference.failures).toEqual({});
  const told = one.commands('reference');
  expect(new Set(told.map(({ kind }) => kind))).toEqual(
    new Set(['calendar', 'instruments', 'daily_close', 'minute_bars']),
  );
  expect(new Set(told.map(({ hash }) => hash)).size).toBe(told.length);
  const metrics = await one.run.metrics();
  expect(metrics).toMatch(/kisignal_upstream_request_duration_seconds_count\{operation="[\w-]+"\} [1-9]/);
  expect(metrics).toMatch(/kisignal_data_quality_score\{dimension="overall"\} \d/);
  const [live, replayed] = await one.digests();
  expect(replayed).toBe(live);
});

it('asks for none of it again in the next run of the same day', async () => {
  const emulator = await testEmulator();
  const config = configOn(emulator, temporaryFolder(), {
    universe: { symbols: CODES },
    reference: { warmBars: false },
  });
  const first = await TestRun.start(config);
  await until(() => (first.status<ReferenceStatus>().reference.loaded.daily_close ?? 0) > 0);
  await first.stop();
  const kinds = first.commands('reference').map(({ kind, hash }) => `${kind} ${hash}`);
  const second = await TestRun.start(config);
  await until(() => second.run.ready());
  await until(() => second.commands('reference').length >= kinds.length + 2);
  expect(second.status<ReferenceStatus>().reference.loaded).toEqual({});
  const [live, replayed] = await second.digests();
  expect(replayed).toBe(live);
});

it('tells a gap to the share with the entry that proves it, and fills the bars that it tore', async () => {
  const emulator = await testEmulator({ speed: SPEED });
  const one = await TestRun.start(
    configOn(emulator, temporaryFolder(), { universe: { symbols: CODES }, bars: { intervals: ['1m'] } }),
  );
  const { run } = one;
  const bars = (): readonly BarMessage[] => run.bus.retained('bars/005930.KRX/1m') as readonly BarMessage[];
  await until(() => bars().some(({ complete }) => complete));
  emulator.fault({ type: 'drop', trId: 'H0STCNT0', trKey: '005930' });
  await until(() => (one.status<ReferenceStatus>().counters.gaps.KRX ?? 0) > 0);
  const lost = emulator.faults().faults.find(({ type }) => type === 'drop')!;
  expect(one.status<ReferenceStatus>().counters.gapShares.KRX).toBe(lost.sharesLost);

  await until(() => (run.quality() as QualityBody).findings.gap === 1);
  const quality = run.quality() as QualityBody;
  expect(quality.instruments[0]).toMatchObject({ instrument: '005930.KRX', findings: { gap: 1 } });
  const [gap] = quality.evidence.filter(({ kind }) => kind === 'gap');
  expect(gap).toMatchObject({ instrument: '005930.KRX', stream: 'trades', amount: lost.sharesLost });
  const [proof] = readEntries({ folder: dataLayout(one.folder).journal, fromOffset: gap.offset });
  const { input } = proof.entry;
  expect(input.kind === 'frame' && Buffer.from(input.bytes).toString('latin1')).toMatch(/^0\|H0STCNT0\|\d+\|005930\^/);

  const filled = (): readonly BarMessage[] => bars().filter((bar) => bar.filled);
  await until(() => filled().some(({ startUs }) => startUs + MINUTE_US > lost.timeUs));
  const added = filled().map((bar) => {
    const torn = bars().find(({ startUs, filled: again }) => startUs === bar.startUs && !again)!;
    expect([torn.complete, bar.complete]).toEqual([false, true]);
    return bar.volume - torn.volume;
  });
  // What is lost within one bar is counted in it at once; across a boundary REST alone tells whose it was.
  expect([0, lost.sharesLost]).toContain(added.reduce((sum, shares) => sum + shares, 0));
  expect(await run.metrics()).toContain('\nkisignal_gaps_total{market="KRX"} 1\n');
  const [live, replayed] = await one.digests();
  expect(replayed).toBe(live);
});

it('goes on without REST while it answers with errors, says each kind once, counts all', async () => {
  const emulator = await testEmulator();
  const answer = await post(`${emulator.restUrl}/emulator/fault`, {
    type: 'rest_error',
    code: 'EGW00201',
    count: 1000,
  });
  expect(answer.status).toBe(200);
  const one = await TestRun.start(configOn(emulator, temporaryFolder(), { universe: { symbols: CODES } }));
  await until(() => one.run.bus.retained('ticks/005930.KRX').length > 0);
  await until(() => Object.keys(one.status<ReferenceStatus>().reference.failures).length > 1);
  const warnings = one.said('reference data failed to load; the engine goes on without').filter(isWarning);
  expect(new Set(warnings.map(({ task, code }) => `${task} ${code}`)).size).toBe(warnings.length);
  expect(one.commands('reference')).toEqual([]);
  const [live, replayed] = await one.digests();
  expect(replayed).toBe(live);
});

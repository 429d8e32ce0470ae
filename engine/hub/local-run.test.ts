// The role `engine` as the command line has it: the face that gateway, page and metrics look at, without an ingest as with
// one, and its end once another has taken over.
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { testEmulator } from '../emulator/test-emulator.ts';
import { configOn, temporaryFolder, until } from '../test-run.ts';
import { type LocalRun, startLocalRun } from './local-run.ts';
import { testIngest } from './test-roles.ts';

const log = pino({ level: 'silent' });

it('tells how it is and how the ingest is, and hands over with the numbers of its own streams', async () => {
  const config = configOn(await testEmulator(), temporaryFolder(), {
    universe: { symbols: ['005930'] },
    journal: { compression: 'none' },
    handOver: { compareMs: 100, timeoutMs: 10_000 },
  });
  const { ingest } = await testIngest(config);
  const start = async (takeOver = false): Promise<LocalRun> => {
    const run = await startLocalRun({ loaded: { config }, log, takeOver, snapshotMaker: null });
    onTestFinished(() => run.stop('test').then(() => undefined));
    run.begin();
    return run;
  };
  const run = await start();
  await until(run.ready);
  await until(() => run.figures().feed === 'connected' && run.bus.retained('status/engine').length > 0);
  await until(() => (run.status() as { feed: { registered: number } }).feed.registered === 2);
  expect(run.status()).toMatchObject({
    epoch: run.origin().epoch,
    source: 'simulated',
    journal: { available: true },
    ingest: { connected: true, pid: process.pid },
  });
  expect(await run.metrics()).toMatch(/kisignal_ticks_total\{.*\} [1-9]/);
  void run.handedOver.then(() => run.stop('handed_over'));
  const next = await start(true);
  const seq = run.bus.retained('status/engine').at(-1)!.seq;
  expect(next.origin()).toEqual(run.origin());
  await until(() => next.bus.retained('status/engine').at(-1)!.seq > seq);
  expect(next.bus.since('status/engine', next.origin().epoch, seq)?.[0]?.seq).toBe(seq + 1);
  await ingest.stop('test');
  await until(() => !next.ready());
  expect(next.status()).toMatchObject({ ingest: { connected: false } });
});

// Quality that falls below its floor in a whole run: the alert is published, counted, and in the journal's replay.
import { expect, it } from 'vitest';
import { testEmulator } from './emulator/test-emulator.ts';
import type { AlertMessage, QualityMessage } from './messages.ts';
import { configOn, TestRun, temporaryFolder, until } from './test-run.ts';

it('raises the alert once, withholds signals of what is not good enough, and replays to the same', async () => {
  const emulator = await testEmulator({ speed: 5 });
  const one = await TestRun.start(
    configOn(emulator, temporaryFolder(), {
      universe: { symbols: ['005930'] },
      quality: { floor: 98, signalFloor: 99 },
      signals: { probabilityMin: 0.5 },
      reference: { bootstrap: false, warmBars: false, crossCheck: false },
    }),
  );
  const { bus } = one.run;
  await until(() => bus.retained('ticks/005930.KRX').length > 0);
  emulator.fault({ type: 'off_grid', trId: 'H0STCNT0', trKey: '005930', count: 200 });
  await until(() => bus.retained('alerts/engine').length > 0);
  const [alert] = bus.retained('alerts/engine') as readonly AlertMessage[];
  expect(alert).toMatchObject({ rule: 'data_quality', state: 'raised', subject: 'engine', threshold: 98 });
  expect(alert!.value).toBeLessThan(98);
  const score = bus.retained('quality/engine').at(-1) as QualityMessage;
  expect(score.accuracy).toBeLessThan(score.completeness);
  expect(await one.run.metrics()).toMatch(/\nkisignal_alerts_total\{rule="data_quality",severity="\w+"\} 1\n/);
  await until(async () => /denied_total\{reason="quality"\} [1-9]/.test(await one.run.metrics()));
  const [live, replayed] = await one.digests();
  expect(replayed).toBe(live);
});

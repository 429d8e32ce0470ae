// Hand-overs on a data folder: of the engine at an entry of the journal, of the ingest with two keys and with one; and
// those that are refused, after which the old one goes on.
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { dataFolder } from '../../config/paths.ts';
import type { Config } from '../../config/schema.ts';
import { dataLayout } from '../data-folder.ts';
import { testEmulator } from '../emulator/test-emulator.ts';
import { numbersOf, testEngine, testIngest } from '../hub/test-roles.ts';
import { HANDED_OVER } from '../ingest.ts';
import { Contents } from '../journal/contents.ts';
import { replay } from '../replay.ts';
import type { EngineSettings } from '../settings.ts';
import { configOn, temporaryFolder, until } from '../test-run.ts';

const TICKS = 'ticks/005930.KRX';
const log = pino({ level: 'silent' });

async function newConfig(sections: object = {}): Promise<Config> {
  return configOn(await testEmulator(), temporaryFolder(), {
    universe: { symbols: ['005930', '000660'] },
    journal: { compression: 'none' },
    handOver: { timeoutMs: 10_000 },
    ...sections,
  });
}

/** Settings under which other messages follow from the same journal. */
class OtherSettings extends Contents {
  override getJson<T>(hash: string): T {
    const content = super.getJson<T>(hash) as Partial<EngineSettings>;
    return (content.timeFrames === undefined ? content : { ...content, timeFrames: ['1m'] }) as T;
  }
}

function expectContiguous(numbers: readonly number[]): void {
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => numbers[0] + i));
}

it('takes over at an entry: neither a hole nor a double, and the history goes on', async () => {
  const config = await newConfig();
  const { ingest } = await testIngest(config);
  const old = await testEngine(config);
  await until(() => numbersOf(old.outputs, TICKS).length > 5);
  const retired = old.engine.handedOver.then(async (offset) => {
    expect(old.engine.nextOffset).toBe(offset);
    return old.engine.stop();
  });
  const young = await testEngine(config, { takeOver: true });
  const atOnce = await retired;
  expect(atOnce.messages).toBeGreaterThan(0);
  await until(() => numbersOf(young.outputs, TICKS).length > 5);
  const [before, after] = [numbersOf(old.outputs, TICKS), numbersOf(young.outputs, TICKS)];
  expectContiguous([...before, ...after]);
  expect(before[0]).toBe(1);
  // A client that heard the old engine last resumes here.
  const { bus, machine } = young.engine;
  expect(bus.since(TICKS, machine.epoch, before.length - 2)![0].seq).toBe(before.length - 1);
  await ingest.stop('test');
  await until(() => !young.engine.connected);
  const { digest } = await young.engine.stop();
  expect((await replay({ dataFolder: dataFolder(config), log })).digest).toBe(digest);
});

it('refuses where the outputs differ, says in which stream, and the old engine goes on', async () => {
  const config = await newConfig();
  await testIngest(config);
  const old = await testEngine(config);
  await until(() => numbersOf(old.outputs, TICKS).length > 5);
  const contents = new OtherSettings(dataLayout(dataFolder(config)).contents);
  const refused = testEngine(config, { takeOver: true, contents }).then(
    () => 'not refused',
    (error: Error) => error.message,
  );
  expect(await refused).toMatch(
    /^hand-over refused at entry \d+: indicators\/\d{6}\.KRX\/tick differs: serving \d+ messages, digest [0-9a-f]{16}, new nothing/,
  );
  const before = numbersOf(old.outputs, TICKS).length;
  await until(() => numbersOf(old.outputs, TICKS).length > before + 3);
  expectContiguous(numbersOf(old.outputs, TICKS));
});

it('refuses where no engine serves that could be taken over from', async () => {
  const config = await newConfig();
  await testIngest(config);
  const handOver = { compareMs: 0, timeoutMs: 300 };
  await expect(testEngine(config, { takeOver: true, handOver })).rejects.toThrow(/^hand-over refused: /);
});

it.each([
  ['beside the old one where a key is free', {}, true],
  ['after the old one where every key is in use', { emulator: { registrationsMax: 1 } }, false],
])('hands the KIS session over, %s: the followers go on, no trade comes twice', async (_name, sections, beside) => {
  const config = await newConfig({ ...sections, universe: { symbols: manyCodes(beside ? 2 : 6) } });
  const first = await testIngest(config);
  const { engine, outputs } = await testEngine(config);
  await until(() => numbersOf(outputs, TICKS).length > 5);
  const second = await testIngest(config, true);
  expect(await first.ingest.ended).toBe(HANDED_OVER);
  const taken = second.lines.find(({ msg }) => msg === 'the journal was taken over');
  expect(taken).toMatchObject({ makeBeforeBreak: beside, from: process.pid });
  const before = numbersOf(outputs, TICKS).length;
  await until(() => engine.connected && numbersOf(outputs, TICKS).length > before + 5);
  expectContiguous(numbersOf(outputs, TICKS));
  const goes = second.lines.find(({ msg }) => msg.startsWith('the feed goes on'));
  expect(goes?.gapMs).toBeTypeOf('number');
  if (beside) expect(engine.machine.counters.gapShares).toEqual({});
  await second.ingest.stop('test');
  await until(() => !engine.connected);
  const { digest } = await engine.stop();
  expect((await replay({ dataFolder: dataFolder(config), log })).digest).toBe(digest);
});

function manyCodes(count: number): string[] {
  return ['005930', '000660', '035420', '005380', '051910', '006400'].slice(0, count);
}

it('does not start a successor where no ingest is there to be replaced', async () => {
  const config = await newConfig({ handOver: { timeoutMs: 200 } });
  await expect(testIngest(config, true)).rejects.toThrow(
    'no ingest answers within 200 ms: there is nothing to take over',
  );
});

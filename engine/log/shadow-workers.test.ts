import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { HandOverRefused } from '../hand-over/shadow.ts';
import type { Input } from '../input.ts';
import { Contents } from '../journal/contents.ts';
import { initialiseBackend } from '../predict/tensorflow-model.ts';
import type { EngineSettings } from '../settings.ts';
import { marketBatches } from '../test-market.ts';
import { findKafka, type KafkaServer } from './kafka-server.ts';
import { TestCluster, until } from './test-cluster.ts';

const kafka = findKafka();
const there = kafka.available ? '' : ' (skipped: no Kafka here; npm run servers, or KAFKA_BROKERS)';
let server: KafkaServer;
let market: Input[][];
beforeAll(async () => {
  if (!kafka.available) return;
  await initialiseBackend();
  market = marketBatches({ seconds: 30 });
  server = await kafka.start();
});
afterAll(() => server?.stop());

/** Plays on until the work is done: somebody must publish while two workers are compared. */
async function playing<T>(one: TestCluster, from: number, work: Promise<T>): Promise<T> {
  let next = from;
  const timer = setInterval(() => {
    if (next < market.length) one.play([market[next++]]);
  }, 25);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}

/** Settings under which other messages follow from the same journal. */
class OtherSettings extends Contents {
  override getJson<T>(hash: string): T {
    const content = super.getJson<T>(hash) as Partial<EngineSettings>;
    return (content.timeFrames === undefined ? content : { ...content, timeFrames: ['1m'] }) as T;
  }
}

it.skipIf(!kafka.available)(`takes over from the workers that serve, without hole or double${there}`, async () => {
  const one = new TestCluster(server.brokers, server.prefix(), 2);
  const { role, said } = await one.gateway();
  await one.engine();
  one.start('e1').play(market.slice(0, 20));
  await until(() => said.messages > 100);
  const young = await playing(one, 20, one.successor({ build: 'young' }));
  await until(() => one.retired.length === 1 && young.lag().length === 2);
  expect(one.retired).toEqual(['worker-0']);
  const goesOn = said.messages;
  one.play([[{ kind: 'clock', engineTimeUs: one.journal.lastTimeUs + 120_000_000 }]]);
  const expected = one.undisturbed();
  await until(() => said.messages >= expected.messages);
  expect(said.messages).toBeGreaterThan(goesOn);
  expect(said.sorted()).toEqual(expected.sorted());
  expect(role.reader.figures).toMatchObject({ holes: 0, quarantined: 0 });
  expect(one.failures).toEqual([]);
});

it.skipIf(!kafka.available)(
  `refuses where it derives something else, says where, and the old one goes on${there}`,
  async () => {
    const one = new TestCluster(server.brokers, server.prefix(), 2);
    const { role, said } = await one.gateway();
    const old = await one.engine();
    one.start('e1').play(market.slice(0, 20));
    await until(() => said.messages > 100);
    const folder = mkdtempSync(join(tmpdir(), 'kisignal-other-settings-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const contents = new OtherSettings(folder);
    const refused = await playing(
      one,
      20,
      one.successor({ build: 'other', contents }).catch((error: Error) => error),
    );
    expect(refused).toBeInstanceOf(HandOverRefused);
    expect((refused as Error).message).toMatch(
      /partition \d+, entry \d+ of journal journal-1: indicators\/\S+ from message \d+ on/,
    );
    one.play([[{ kind: 'clock', engineTimeUs: one.journal.lastTimeUs + 120_000_000 }]]);
    const expected = one.undisturbed();
    await until(() => said.messages >= expected.messages);
    expect(said.sorted()).toEqual(expected.sorted());
    expect(role.reader.figures).toMatchObject({ holes: 0, quarantined: 0 });
    expect(old.lag()).toHaveLength(2);
    expect(one.retired).toEqual([]);
  },
);

it.skipIf(!kafka.available)(`refuses where nobody serves${there}`, async () => {
  const one = new TestCluster(server.brokers, server.prefix(), 1);
  one.start('e1').play(market.slice(0, 20));
  await until(() => one.shipper.entriesBehind === 0);
  await expect(one.successor({ timeoutMs: 2000 })).rejects.toThrow(/nothing to compare within 2000 ms/);
});

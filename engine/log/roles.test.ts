import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Input } from '../input.ts';
import { initialiseBackend } from '../predict/tensorflow-model.ts';
import { marketBatches } from '../test-market.ts';
import { findKafka, type KafkaServer } from './kafka-server.ts';
import { Sockets, TestCluster, until } from './test-cluster.ts';

const kafka = findKafka();
const there = kafka.available ? '' : ' (skipped: no Kafka here; npm run servers, or KAFKA_BROKERS)';
const killable = kafka.own ? '' : ' (skipped: no Kafka of our own)';
let server: KafkaServer;
let market: Input[][];
beforeAll(async () => {
  if (!kafka.available) return;
  await initialiseBackend();
  market = marketBatches({ seconds: 8 });
  server = await kafka.start();
});
afterAll(() => server?.stop());

const cluster = (partitions: number): TestCluster => new TestCluster(server.brokers, server.prefix(), partitions);
const third = (i: number): Input[][] => market.slice((i * market.length) / 3, ((i + 1) * market.length) / 3);

for (const partitions of [1, 4, 8]) {
  it.skipIf(!kafka.available)(`says over ${partitions} partitions what one follower says${there}`, async () => {
    const one = cluster(partitions);
    const { role, said } = await one.gateway();
    const engine = await one.engine();
    one.start('e1').play(market);
    const expected = one.undisturbed();
    await until(() => said.messages >= expected.messages);
    expect(said.sorted()).toEqual(expected.sorted());
    expect(role.reader.figures).toMatchObject({ holes: 0, late: 0, quarantined: 0 });
    expect(engine.notReady()).toBeNull();
    expect(engine.lag()).toHaveLength(partitions);
    expect(one.failures).toEqual([]);
  });
}

it.skipIf(!kafka.available)(`goes on where a worker was killed, the same for every gateway${there}`, async () => {
  const one = cluster(4);
  const sockets = new Sockets();
  const first = await one.engine(sockets);
  const second = await one.engine();
  const before = await one.gateway();
  await until(() => first.lag().length === 2 && second.lag().length === 2);
  one.start('e1').play(third(0));
  await until(() => before.said.messages > 100);
  sockets.cut();
  one.play(third(1));
  await until(() => second.lag().length === 4);
  one.play(third(2));
  const expected = one.undisturbed();
  await until(() => before.said.messages >= expected.messages);
  const after = await one.gateway();
  const third3 = await one.engine();
  await until(() => third3.lag().length === 2);
  one.play([[{ kind: 'clock', engineTimeUs: one.journal.lastTimeUs + 1_000_000 }]]);
  const all = one.undisturbed();
  await until(() => before.said.messages >= all.messages);
  expect(before.said.sorted()).toEqual(all.sorted());
  expect(before.role.reader.figures).toMatchObject({ holes: 0, quarantined: 0 });
  expect(after.role.reader.figures).toMatchObject({ holes: 0, quarantined: 0 });
});

it.skipIf(!kafka.own)(
  `loses nothing while the broker is away, nor where the shipper is killed${killable}`,
  async () => {
    const one = cluster(2);
    const { role, said } = await one.gateway();
    const engine = await one.engine();
    one.start('e1').play(third(0));
    await until(() => said.messages > 100);
    await server.kill();
    // Far less memory than what comes: most of it is read from the disk again.
    one.restartShipper(20_000);
    one.play(third(1));
    await server.restart();
    await until(() => one.shipper.entriesBehind === 0);
    one.restartShipper();
    one.play(third(2));
    const expected = one.undisturbed();
    await until(() => said.messages >= expected.messages);
    expect(said.sorted()).toEqual(expected.sorted());
    expect(role.reader.figures).toMatchObject({ holes: 0, quarantined: 0 });
    for (const { figures } of engine.workers.workers.values())
      expect(figures).toMatchObject({ holes: 0, quarantined: 0 });
    expect(one.failures).toEqual([]);
  },
);

import kafkajs from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Input } from '../input.ts';
import type { OutputBatch } from '../messages.ts';
import { initialiseBackend } from '../predict/tensorflow-model.ts';
import { marketBatches } from '../test-market.ts';
import { findKafka, type KafkaServer } from './kafka-server.ts';
import { decodeOutput, outputRecord } from './output-record.ts';
import type { LogRecord } from './partitioned-log.ts';
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

it.skipIf(!kafka.available)(`puts what it cannot read into quarantine, and goes on${there}`, async () => {
  const one = cluster(1);
  const { role, said } = await one.gateway();
  const engine = await one.engine();
  one.start('e1').play(third(0));
  await until(() => one.shipper.entriesBehind === 0);
  const { prefix } = one.topics;
  const log = one.open();
  const strange = { partition: 0, key: null, value: Buffer.from('strange'), headers: { type: 'omen' } };
  await log.append(`${prefix}.journal`, [strange]);
  await log.append(`${prefix}.signals`, [strange]);
  // Its headers say what it was, so that nothing is taken for missing behind it.
  const next = one.journal.nextOffset;
  const headers = { journal: 'other', first: '0', last: '1', batch: '1', previous: '-1', term: '-1' };
  await log.append(`${prefix}.journal`, [{ ...strange, headers: { type: 'share', ...headers } }]);
  one.play(third(1));
  const expected = one.undisturbed();
  await until(() => said.messages >= expected.messages);
  expect(said.sorted()).toEqual(expected.sorted());
  const damaged = {
    journal: 'journal-1',
    first: next,
    last: 1e6,
    batch: 1e6,
    previous: one.journal.nextOffset - 1,
    term: 0,
  };
  const texts = Object.fromEntries(Object.entries(damaged).map(([name, value]) => [name, String(value)]));
  await log.append(`${prefix}.journal`, [{ ...strange, headers: { type: 'share', ...texts } }]);
  const { figures } = engine.workers.workers.get(0)!;
  await until(() => figures.quarantined === 2);
  expect(figures).toMatchObject({ late: 1, holes: 0 });
  expect(role.reader.figures).toMatchObject({ quarantined: 1, holes: 0 });
  expect(one.failures).toEqual([]);
});

it.skipIf(!kafka.available)(`ignores what a worker writes that has lost its partition${there}`, async () => {
  const one = cluster(1);
  const { role, said } = await one.gateway();
  const first = await one.engine();
  one.start('e1').play(third(0));
  const some = one.undisturbed().messages;
  await until(() => said.messages >= some);
  const signals = `${one.topics.prefix}.signals`;
  const log = one.open();
  const copies: LogRecord[] = [];
  const onRecords = (_: number, records: readonly LogRecord[]): void => void copies.push(...records);
  const reader = await log.read({ topic: signals, from: [{ partition: 0, offset: 0 }], onRecords, onFailed: () => {} });
  await until(() => copies.length === role.reader.figures.records);
  await reader.stop();
  await first.stop(1000);
  const second = await one.engine();
  one.play(third(1));
  const more = one.undisturbed().messages;
  await until(() => said.messages >= more);
  // It wakes up and writes again what it had, and something that follows from nothing.
  const [start] = copies;
  const late = { ...start.headers, term: '0' };
  const after: OutputBatch = { ...(decodeOutput(copies[copies.length - 1].value) as OutputBatch) };
  const updates = after.updates.map((update) => ({ ...update, prevSeq: update.prevSeq + 1_000_000 }));
  await log.append(signals, [
    ...copies.slice(-50),
    outputRecord(0, { ...after, updates }, { journal: 'journal-1', offset: 1, term: 0, worker: 'late' }),
    outputRecord(0, { ...after, epoch: 'late' }, { journal: 'journal-1', offset: 1, term: 0, worker: 'late' }),
    { ...start, headers: late },
  ]);
  one.play(third(2));
  const expected = one.undisturbed();
  await until(() => said.messages >= expected.messages);
  expect(said.sorted()).toEqual(expected.sorted());
  expect(role.reader.figures.late).toBe(updates.length + 1);
  expect(role.reader.figures).toMatchObject({ holes: 0, quarantined: 0 });
  expect(second.notReady()).toBeNull();
});

it.skipIf(!kafka.available)(`begins a new epoch where retention took what no snapshot holds${there}`, async () => {
  const one = cluster(2);
  const { said } = await one.gateway();
  const first = await one.engine();
  one.start('e1').play(third(0));
  await until(() => said.messages >= one.undisturbed().messages);
  await first.stop(1000);
  for (const partition of [0, 1]) {
    const store = one.storeOf(partition);
    for (const offset of await store.list()) await store.remove(offset);
  }
  const admin = new kafkajs.Kafka({ brokers: [...server.brokers], logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  const topic = `${one.topics.prefix}.journal`;
  await admin.fetchTopicOffsets(topic);
  const partitions = [0, 1].map((partition) => ({ partition, offset: '5' }));
  await admin.deleteTopicRecords({ topic, partitions });
  await admin.disconnect();
  const second = await one.engine();
  await until(() => second.lag().length === 2);
  expect(second.notReady()).toMatch(/offset_out_of_range/);
  expect(one.logged(/offset_out_of_range/)).toHaveLength(2);
  // The run goes on under the epoch whose numbers are spent: nothing is said of it.
  one.start('e1').play(third(1));
  one.start('e2').play(third(2));
  const expected = [...one.undisturbed().streams].filter(([key]) => key.startsWith('e2 ')).sort();
  expect(expected.length).toBeGreaterThan(10);
  await until(() => second.notReady() === null && one.shipper.entriesBehind === 0 && second.workers.lag === 0);
  const e2 = () => [...said.streams].filter(([key]) => key.startsWith('e2 ')).sort();
  await until(() => JSON.stringify(e2()) === JSON.stringify(expected));
  expect(one.failures).toEqual([]);
});

import { connect, type Socket } from 'node:net';
import kafkajs from 'kafkajs';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { KafkaLog, type KafkaLogOptions } from './kafka-log.ts';
import { findKafka, type KafkaServer } from './kafka-server.ts';
import { LogError, type LogPosition, type LogRecord, type ReadRecord } from './partitioned-log.ts';

const kafka = findKafka();
const there = kafka.available ? '' : ' (skipped: no Kafka here; npm run servers, or KAFKA_BROKERS)';
const killable = kafka.own ? '' : ' (skipped: no Kafka of our own)';
const warned: string[] = [];
const log = pino({ level: 'warn' }, { write: (line: string) => warned.push(line) });
let server: KafkaServer;
beforeAll(async () => {
  if (kafka.available) server = await kafka.start();
});
afterAll(() => server?.stop());

function open(change: Partial<KafkaLogOptions> = {}): KafkaLog {
  const options = { brokers: server.brokers, clientId: 'test', compression: 'none', sessionMs: 1500, log } as const;
  const one = new KafkaLog({ ...options, ...change });
  onTestFinished(() => one.close());
  return one;
}

async function topic(one: KafkaLog, partitions: number): Promise<string> {
  const name = `${server.prefix()}.test`;
  await one.prepare([{ name, partitions, replicas: 1, settings: { 'retention.ms': '3600000' } }]);
  return name;
}

function record(partition: number, text: string): LogRecord {
  return { partition, key: null, value: Buffer.from(text), headers: { n: text } };
}

const texts = (records: readonly ReadRecord[]): string[] => records.map(({ value }) => Buffer.from(value).toString());
const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 30_000, interval: 10 });
const unexpected = (error: Error): void => {
  throw error;
};

it.skipIf(!kafka.available)(`keeps what is appended in order, by partition${there}`, async () => {
  const one = open({ compression: 'gzip' });
  const name = await topic(one, 3);
  const appended = await Promise.all([
    one.append(name, [record(0, 'a'), record(2, 'b')]),
    one.append(name, [record(0, 'c'), record(0, 'd')]),
    one.append(name, []),
  ]);
  expect(appended.map((offsets) => [...offsets])).toEqual([
    [
      [0, 0],
      [2, 0],
    ],
    [[0, 1]],
    [],
  ]);
  expect(await one.extent(name)).toEqual([
    { partition: 0, first: 0, next: 3 },
    { partition: 1, first: 0, next: 0 },
    { partition: 2, first: 0, next: 1 },
  ]);
  const read: ReadRecord[] = [];
  const from: LogPosition[] = [{ partition: 0, offset: 1 }];
  const reader = await one.read({
    topic: name,
    from,
    onRecords: (_, records) => void read.push(...records),
    onFailed: unexpected,
  });
  await until(() => read.length === 2);
  await one.append(name, [record(0, 'e'), record(2, 'f')]);
  await until(() => read.length === 3);
  expect(texts(read)).toEqual(['c', 'd', 'e']);
  expect(read[2]).toMatchObject({ partition: 0, offset: 3, key: null, headers: { n: 'e' } });
  expect([...reader.lag()]).toEqual([[0, 0]]);
  await reader.stop();
});

it.skipIf(!kafka.available)(`says what is not as it was wanted${there}`, async () => {
  const one = open();
  const name = await topic(one, 2);
  const spec = { name, partitions: 2, replicas: 1, settings: { 'retention.ms': '7200000' } };
  await one.prepare([spec]);
  expect(warned.filter((line) => line.includes(name) && line.includes('set otherwise'))).toHaveLength(1);
  await expect(one.prepare([{ ...spec, partitions: 3 }])).rejects.toMatchObject({ code: 'log_refused' });
  await expect(one.append(`${name}.not-there`, [record(0, 'x')])).rejects.toBeInstanceOf(LogError);
  // What failed leaves nothing behind that the next append would suffer from.
  await one.append(name, [record(1, 'y')]);
});

it.skipIf(!kafka.available)(`tells what retention has taken, at the start and while reading${there}`, async () => {
  const one = open();
  const name = await topic(one, 1);
  await one.append(
    name,
    ['a', 'b', 'c', 'd'].map((text) => record(0, text)),
  );
  const failures: Error[] = [];
  const read: ReadRecord[] = [];
  const reading = (offset: number) =>
    one.read({
      topic: name,
      from: [{ partition: 0, offset }],
      onRecords: (_, records) => void read.push(...records),
      onFailed: (error) => failures.push(error),
    });
  await reading(4);
  const admin = new kafkajs.Kafka({ brokers: [...server.brokers], logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.fetchTopicOffsets(name);
  await admin.deleteTopicRecords({ topic: name, partitions: [{ partition: 0, offset: '3' }] });
  await expect(reading(2)).rejects.toMatchObject({ code: 'offset_out_of_range' });
  await expect(reading(5)).rejects.toMatchObject({ code: 'offset_out_of_range' });
  await one.append(
    name,
    ['e', 'f'].map((text) => record(0, text)),
  );
  await until(() => read.length === 2);
  expect(failures).toEqual([]);
  await admin.disconnect();
});

/** Members of a group that note what they hold and what they read. */
class Member {
  readonly held = new Map<number, number>();
  readonly read: string[] = [];
  readonly failures: Error[] = [];
  terms: number[] = [];
  readonly positions: Map<number, number>;
  readonly log: KafkaLog;

  constructor(log: KafkaLog, positions: Map<number, number>) {
    this.log = log;
    this.positions = positions;
  }

  join(name: string, member: string) {
    return this.log.read({
      topic: name,
      group: `${name}.group`,
      member,
      onAssigned: async (partitions, term) => {
        this.terms.push(term);
        for (const partition of partitions) this.held.set(partition, term);
        return partitions.map((partition) => ({ partition, offset: this.positions.get(partition) ?? 0 }));
      },
      onRevoked: async (partitions) => {
        for (const partition of partitions) this.held.delete(partition);
      },
      onRecords: async (partition, records) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        this.read.push(...texts(records));
        this.positions.set(partition, records[records.length - 1].offset + 1);
      },
      onFailed: (error) => this.failures.push(error),
    });
  }
}

it.skipIf(!kafka.available)(
  `shares partitions among members under growing terms, each record read once${there}`,
  async () => {
    const cut: Socket[] = [];
    let cutOff = false;
    const socketFactory: NonNullable<KafkaLogOptions['socketFactory']> = ({ host, port, onConnect }) => {
      const socket = connect(cutOff ? 1 : port, host, onConnect);
      cut.push(socket);
      return socket;
    };
    const [first, second] = [open(), open({ socketFactory })];
    const name = await topic(first, 4);
    const positions = new Map<number, number>();
    const [a, b] = [new Member(first, positions), new Member(second, positions)];
    const write = async (text: string): Promise<void> => {
      await first.append(
        name,
        [0, 1, 2, 3].map((partition) => record(partition, `${text}${partition}`)),
      );
    };
    const sorted = () => [...a.read, ...b.read].sort();
    await write('a');
    const one = await a.join(name, 'a');
    await until(() => sorted().length === 4);
    await b.join(name, 'b');
    await until(() => a.held.size === 2 && b.held.size === 2);
    await write('b');
    await until(() => sorted().length === 8);
    // As if killed: it says nothing to anybody any more.
    cutOff = true;
    for (const socket of cut) socket.destroy(new Error('cut'));
    await until(() => a.held.size === 4);
    await write('c');
    await until(() => sorted().length === 12);
    expect(new Set(sorted()).size).toBe(12);
    expect(a.terms).toEqual([...a.terms].sort((x, y) => x - y));
    expect(new Set(a.terms).size).toBe(a.terms.length);
    await one.stop();
    expect(a.held.size).toBe(0);
  },
);

it.skipIf(!kafka.own)(`goes on where it was once a killed broker is back${killable}`, async () => {
  const one = open();
  const name = await topic(one, 1);
  const read: ReadRecord[] = [];
  const onRecords = (_: number, records: readonly ReadRecord[]): void => void read.push(...records);
  await one.read({ topic: name, from: [{ partition: 0, offset: 0 }], onRecords, onFailed: unexpected });
  await one.append(name, [record(0, '0')]);
  await until(() => read.length === 1);
  await server.kill();
  await expect(one.append(name, [record(0, '1')])).rejects.toMatchObject({ code: 'log_unavailable' });
  await server.restart();
  const again = async (text: string): Promise<void> => {
    for (let i = 0; i < 20; i++) {
      try {
        await one.append(name, [record(0, text)]);
        return;
      } catch (error) {
        expect(error).toMatchObject({ code: 'log_unavailable' });
      }
    }
    throw new Error('the broker does not come back');
  };
  for (const text of ['1', '2', '3']) await again(text);
  await until(() => read.length >= 4);
  expect([...new Set(texts(read))]).toEqual(['0', '1', '2', '3']);
});

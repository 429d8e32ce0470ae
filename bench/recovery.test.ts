// The demonstration of recovery, as a test: the engine is killed in the middle of a run at speed and started again.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { dataLayout, newStateMachine } from '../engine/engine.ts';
import { Contents } from '../engine/journal/contents.ts';
import { readJournal } from '../engine/journal/reader.ts';
import type { Message } from '../engine/messages.ts';
import { initialiseBackend } from '../engine/predict/tensorflow-model.ts';
import { KisignalClient, type WebSocketLike } from '../gateway/client.ts';
import { KisignalProcess, ticksOf } from './kisignal-process.ts';

const CHANNELS = ['ticks', 'books', 'bars', 'indicators', 'predictions', 'signals', 'scores'] as const;
let folder: string;
const processes: KisignalProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-recovery-'));
});
afterEach(async () => {
  for (const one of processes.splice(0)) await one.kill();
  rmSync(folder, { recursive: true, force: true });
});

function start(flags: string[] = ['--speed', '20', '--activity', '4']): KisignalProcess {
  const one = new KisignalProcess({ dataFolder: folder, flags });
  processes.push(one);
  return one;
}

/** What a client received: JSON of each message by `stream seq`, and whatever broke the rules. */
interface Received {
  readonly messages: Map<string, string>;
  readonly lastSeq: Map<string, number>;
  readonly broken: string[];
  readonly sources: Set<string>;
  readonly epochs: Set<string>;
}

async function listen(url: string, received: Received): Promise<KisignalClient> {
  const client = new KisignalClient({
    url: url.replace('http', 'ws').replace(/\/$/, '/v1/stream'),
    WebSocket: WebSocket as unknown as new (url: string, protocols: string[]) => WebSocketLike,
    onHole: (hole) => received.broken.push(`hole ${JSON.stringify(hole)}`),
    onUpdate: ({ stream, messages, source, epoch, prevSeq, seq }) => {
      received.sources.add(source);
      received.epochs.add(epoch);
      if (messages.length !== seq - prevSeq)
        received.broken.push(`${stream}: ${messages.length} from ${prevSeq} to ${seq}`);
      for (const message of messages) keep(stream, message, received);
    },
  });
  await client.subscribe({ channels: [...CHANNELS] });
  return client;
}

function keep(stream: string, message: Message, received: Received): void {
  const key = `${stream} ${message.seq}`;
  if (received.messages.has(key)) received.broken.push(`${key} came twice`);
  received.messages.set(key, JSON.stringify(message));
  received.lastSeq.set(stream, message.seq);
}

it('an engine killed at speed goes on with the next numbers, doubles nothing and measures what it missed', {
  timeout: 300_000,
}, async () => {
  const received: Received = {
    messages: new Map(),
    lastSeq: new Map(),
    broken: [],
    sources: new Set(),
    epochs: new Set(),
  };
  const first = start();
  const firstClient = await listen(await first.url(), received);
  const tickStreamsOf = () => [...received.lastSeq.keys()].filter((stream) => stream.startsWith('ticks/'));
  const before = await first.untilStatus(
    (status) => ticksOf(status) > 20_000 && status.counters.signals.buy > 0 && tickStreamsOf().length === 20,
    '20,000 ticks, of every instrument, and a signal',
  );
  expect(before.counters.gaps).toEqual({});
  await first.kill();
  firstClient.close();
  const lastBefore = new Map(received.lastSeq);

  const second = start();
  const secondClient = await listen(await second.url(), received);
  const tickStreams = tickStreamsOf();
  const wentOn = (stream: string): boolean => received.lastSeq.get(stream)! > lastBefore.get(stream)!;
  const after = await second.untilStatus(
    ({ counters }) => tickStreams.every(wentOn) && Object.keys(counters.gaps).length > 0,
    'new ticks of every instrument, and a gap',
  );
  secondClient.close();
  const report = await second.end();

  // Nothing doubled, no hole but the one of the time between, and every stream goes on behind its last number.
  expect(received.broken).toEqual([]);
  expect([...received.sources]).toEqual(['simulated']);
  expect(received.epochs.size).toBe(1);
  expect([...lastBefore].filter(([stream, seq]) => received.lastSeq.get(stream)! < seq)).toEqual([]);
  // The same market went on meanwhile, so the loss is known to the share.
  expect(after.epoch).toBe(before.epoch);
  expect(Object.values(after.counters.gaps)[0]).toBeGreaterThan(0);
  expect(Object.values(after.counters.gapShares)[0]).toBeGreaterThan(0);
  expect(after.counters.duplicates).toBe(0);

  // The journal gives every message that was received, to the byte, and the digest that was printed.
  await initialiseBackend();
  const layout = dataLayout(join(folder, 'emulator'));
  const machine = newStateMachine(new Contents(layout.contents));
  let proven = 0;
  for (const { inputs, firstOffset } of readJournal({ folder: layout.journal })) {
    for (const { stream, messages } of machine.apply(inputs, firstOffset)) {
      for (const message of messages) {
        const published = received.messages.get(`${stream.key} ${message.seq}`);
        if (published === undefined) continue;
        if (published !== JSON.stringify(message)) expect.unreachable(`${stream.key} ${message.seq} differs`);
        proven += 1;
      }
    }
  }
  expect(proven).toBe(received.messages.size);
  expect(machine.report()).toMatchObject({ digest: report.digest, messages: report.messages, streams: report.streams });
});

it('a second engine on the same folder is refused, and harms neither the first nor its emulator', {
  timeout: 120_000,
}, async () => {
  const first = start();
  await first.untilStatus((status) => ticksOf(status) > 100, 'ticks');
  const second = start();
  expect(await second.exited).toBe(1);
  expect(second.errors).toContain(`in use by process ${first.pid}`);
  expect(second.errors).not.toContain('    at ');
  const { counters } = await first.status();
  await first.untilStatus((status) => ticksOf(status) > Object.values(counters.ticks)[0], 'more ticks');
  await first.end();
});

it('a port in use ends the start with its number, and leaves the folder free', { timeout: 120_000 }, async () => {
  const first = start();
  const { port } = new URL(await first.url());
  const other = mkdtempSync(join(tmpdir(), 'kisignal-recovery-other-'));
  const blocked = new KisignalProcess({ dataFolder: other, flags: ['--port', port] });
  processes.push(blocked);
  expect(await blocked.exited).toBe(1);
  expect(blocked.errors).toContain(port);
  await first.end();
  const again = new KisignalProcess({ dataFolder: other });
  processes.push(again);
  await again.untilStatus((status) => ticksOf(status) > 0, 'ticks');
  await again.end();
  rmSync(other, { recursive: true, force: true });
});

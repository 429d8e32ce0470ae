// The hub against raw sockets: a follower that does not read costs the writer no memory and loses nothing; whoever does
// not know the token, or breaks the rules of the wire, is shown the door.
import { connect, type Socket } from 'node:net';
import { pino } from 'pino';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { dataLayout } from '../data-folder.ts';
import { Journal } from '../journal/journal.ts';
import { type RecordedBatch, Recorder } from '../journal/recorder.ts';
import { temporaryFolder, until } from '../test-run.ts';
import { Hub } from './hub.ts';
import { readIngestFile } from './ingest-file.ts';
import { encodeMessage, FRAME_BYTES_MAX, FrameReader, type FromIngest, type Received, type ToIngest } from './wire.ts';

const log = pino({ level: 'silent' });
const QUEUE_BYTES_MAX = 64 * 1024;
const BATCH = 40;
const FRAME_BYTES = 200;
let hub: Hub;
let recorder: Recorder;
let file: string;

beforeEach(async () => {
  const layout = dataLayout(temporaryFolder());
  const options = { segmentBytesMax: 1 << 20, diskBudgetBytes: 1e9, log };
  const journal = new Journal({ folder: layout.journal, ...options });
  recorder = new Recorder(journal, log);
  file = layout.ingest;
  hub = new Hub({
    journalFolder: layout.journal,
    journalId: 'j',
    file,
    head: () => ({ nextOffset: journal.nextOffset, available: recorder.available }),
    keysInUse: () => [],
    onCommand: () => {},
    onFill: () => {},
    onYield: () => {},
    queueBytesMax: QUEUE_BYTES_MAX,
    log,
  });
  await hub.listen();
  onTestFinished(async () => {
    await hub.close();
    journal.close();
  });
});

let timeUs = 1_790_000_000_000_000;
function record(): RecordedBatch {
  const inputs = Array.from({ length: BATCH }, () => {
    timeUs += 1000;
    return { kind: 'frame', engineTimeUs: timeUs, bytes: Buffer.alloc(FRAME_BYTES, 'x') } as const;
  });
  const batch = recorder.record({ receivedUs: timeUs, inputs });
  hub.publish(batch);
  return batch;
}

class Peer {
  readonly messages: FromIngest[] = [];
  /** First entries of the batches, and how many each has. */
  readonly batches: [firstOffset: number, count: number][] = [];
  closed = false;
  readonly socket: Socket;
  private readonly reader = new FrameReader<FromIngest>(FRAME_BYTES_MAX);

  constructor() {
    this.socket = connect({ host: '127.0.0.1', port: readIngestFile(file)!.port });
    this.socket.on('data', (bytes: Buffer) => {
      for (const received of this.reader.push(bytes)) this.take(received);
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.closed = true;
    });
    onTestFinished(() => void this.socket.destroy());
  }

  say(...messages: ToIngest[]): this {
    this.socket.write(Buffer.concat(messages.map(encodeMessage)));
    return this;
  }

  get refusal(): string | undefined {
    return this.messages.flatMap((one) => (one.type === 'refused' ? [one.code] : [])).at(-1);
  }

  get nextOffset(): number {
    const [firstOffset, count] = this.batches.at(-1) ?? [0, 0];
    return firstOffset + count;
  }

  private take(received: Received<FromIngest>): void {
    if (received.kind === 'message') this.messages.push(received.message);
    if (received.kind === 'batch') this.batches.push([received.batch.firstOffset, received.batch.inputs.length]);
  }
}

function hello(token = readIngestFile(file)!.token): ToIngest {
  return { type: 'hello', token, role: 'serving', pid: 1 };
}

it('gives all of the journal in order, from the disk and live, to one that reads and to one that stops reading', async () => {
  for (let i = 0; i < 10; i++) record();
  const quick = new Peer().say(hello(), { type: 'follow', fromOffset: 0 });
  await until(() => hub.figures.live === 1);
  const slow = new Peer().say({ ...hello(), role: 'shadow' } as ToIngest, { type: 'follow', fromOffset: 5 * BATCH });
  await until(() => hub.figures.live === 2);
  slow.socket.pause();
  // The system takes some; beyond it, what waits is bounded.
  let written = 0;
  for (; hub.figures.fellBehind === 0 && written < 5_000; written++) {
    record();
    if (written % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(hub.figures.fellBehind).toBeGreaterThan(0);
  for (let i = 0; i < 200; i++) record();
  const end = (10 + written + 200) * BATCH;
  await until(() => quick.nextOffset === end);
  slow.socket.resume();
  await until(() => slow.nextOffset === end);
  await until(() => hub.figures.live === 2);
  record();
  await until(() => slow.nextOffset === end + BATCH && quick.nextOffset === end + BATCH);
  for (const { batches } of [quick, slow]) {
    let next = batches[0][0];
    for (const [firstOffset, count] of batches) {
      expect(firstOffset).toBe(next);
      next += count;
    }
  }
  expect([quick.batches[0][0], slow.batches[0][0]]).toEqual([0, 5 * BATCH]);
});

it('refuses whoever does not know the token, takes a role that is taken, asks for what is not there, or talks nonsense', async () => {
  const stranger = new Peer().say(hello('0'.repeat(64)));
  await until(() => stranger.closed);
  expect(stranger.refusal).toBe('token');
  const eager = new Peer().say({ type: 'follow', fromOffset: 0 });
  await until(() => eager.closed);
  expect(eager.refusal).toBe('token');
  const first = new Peer().say(hello());
  await until(() => first.messages.length === 1);
  const second = new Peer().say(hello());
  await until(() => second.closed);
  expect(second.refusal).toBe('role_taken');
  const ahead = new Peer().say({ ...hello(), role: 'shadow' } as ToIngest, { type: 'follow', fromOffset: 1 });
  await until(() => ahead.closed);
  expect(ahead.refusal).toBe('out_of_range');
  const long = new Peer();
  long.socket.write(Buffer.from([0xff, 0xff, 0xff, 0x7f, 1]));
  await until(() => long.closed);
  expect(long.refusal).toBe('protocol');
});

// For tests: recordings in the exchange's format of a made-up market, in which the next move of the mid follows the
// imbalance at the top most of the time.
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Random } from '../learners/random.ts';
import { seededRandom } from '../learners/random.ts';

export interface TestRecordingOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly quotesPerSecond: number;
}

const START_NS = 1_723_161_256_000_000_000n;

/** A line as recorded: receive time in nanoseconds, a space, JSON. */
export function recordedLine(timeUs: number, message: unknown): string {
  return `${START_NS + BigInt(Math.round(timeUs)) * 1000n} ${JSON.stringify(message)}`;
}

export function streamMessage(kind: string, data: Record<string, unknown>): unknown {
  return { stream: `testusdt@${kind}`, data };
}

export function writeTestRecording(path: string, options: TestRecordingOptions): void {
  writeFileSync(path, gzipSync(`${testRecordingLines(options).join('\n')}\n`));
}

/** Spot messages: a snapshot, then quotes, depth diffs every 100 ms, and trades. */
export function testRecordingLines({ seed, seconds, quotesPerSecond }: TestRecordingOptions): string[] {
  const random = seededRandom(seed);
  let bid = 10_000;
  let id = 100;
  const sizes = { bid: 1 + random(), ask: 1 + random() };
  const lines = [recordedLine(0, snapshot(bid, id))];
  const stepUs = 1_000_000 / quotesPerSecond;
  for (let step = 1; step <= seconds * quotesPerSecond; step++) {
    const timeUs = step * stepUs;
    const imbalance = (sizes.bid - sizes.ask) / (sizes.bid + sizes.ask);
    if (random() < 0.1) {
      const up = random() < 0.5 + 0.45 * imbalance;
      bid += up ? 1 : -1;
      if (random() < 0.7) lines.push(recordedLine(timeUs, trade(up ? bid : bid + 1, 0.1 + random(), !up)));
      sizes.bid = drawSize(random);
      sizes.ask = drawSize(random);
    } else {
      // Queues live on, a little longer or shorter, until the price moves.
      sizes[random() < 0.5 ? 'bid' : 'ask'] *= 0.8 + 0.4 * random();
    }
    const quote = { u: ++id, b: price(bid), B: size(sizes.bid), a: price(bid + 1), A: size(sizes.ask) };
    lines.push(recordedLine(timeUs, streamMessage('bookTicker', quote)));
    if (step % Math.max(1, Math.round(quotesPerSecond / 10)) === 0) {
      lines.push(recordedLine(timeUs + 1, depth(id, step, quotesPerSecond, bid, sizes, random)));
    }
  }
  return lines;
}

function snapshot(bid: number, id: number): unknown {
  const levels = Array.from({ length: 20 }, (_, level) => level);
  return {
    lastUpdateId: id,
    bids: levels.map((level) => [price(bid - level), '1.5']),
    asks: levels.map((level) => [price(bid + 1 + level), '1.5']),
  };
}

/** A diff that follows the one before: ids since then, and a level on each side. */
function depth(
  id: number,
  step: number,
  quotesPerSecond: number,
  bid: number,
  sizes: { bid: number; ask: number },
  random: Random,
): unknown {
  const every = Math.max(1, Math.round(quotesPerSecond / 10));
  const b = [
    [price(bid), size(sizes.bid)],
    [price(bid - 1), size(drawSize(random))],
    [price(bid + 1), '0.00'],
  ];
  const a = [
    [price(bid + 1), size(sizes.ask)],
    [price(bid + 2), size(drawSize(random))],
    [price(bid), '0.00'],
  ];
  return streamMessage('depth@100ms', { U: id - every + 1, u: id, b, a, step });
}

function trade(at: number, volume: number, buyerIsMaker: boolean): unknown {
  return streamMessage('trade', { p: price(at), q: size(volume), m: buyerIsMaker });
}

function drawSize(random: Random): number {
  return 0.05 + 3 * random() * random();
}

function price(cents: number): string {
  return (cents / 100).toFixed(8);
}

function size(value: number): string {
  return value.toFixed(8);
}

// The reader of update texts against what the gateway writes.
import { expect, it } from 'vitest';
import type { BatchTimes, TickMessage } from '../../engine/messages.ts';
import { UpdateFrames, UpdateHead } from '../../gateway/encoding.ts';
import { streamOf } from '../../gateway/gateway-fixture.ts';
import { UpdateText } from './update-text.ts';

const STREAM = streamOf('ticks', '000660.KRX');
const TIMES: BatchTimes = [1_790_000_000_000_000, 1, 22, 333, 4444, 5555];

function read(times: BatchTimes | null): UpdateText {
  const messages = [{ seq: 13 }, { seq: 14 }] as TickMessage[];
  const head = new UpdateHead(STREAM, 'e1', 'simulated');
  const bytes = Buffer.from(new UpdateFrames({ stream: STREAM, prevSeq: 12, messages }, head, times).shared('json'));
  const text = new UpdateText(['005930', '000660']);
  expect(text.read(bytes, 0, bytes.length)).toBe(true);
  return text;
}

it('reads numbers and times', () => {
  const text = read(TIMES);
  expect(text).toMatchObject({ channel: 0, symbol: 1, prevSeq: 12, seq: 14, isGivenAgain: false });
  expect([...text.times]).toEqual(TIMES);
});

it('knows an update that is given again, of which no times are told', () => {
  expect(read(null)).toMatchObject({ symbol: 1, prevSeq: 12, seq: 14, isGivenAgain: true });
});

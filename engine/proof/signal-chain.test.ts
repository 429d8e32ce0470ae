import { expect, it } from 'vitest';
import type { SignalMessage, StreamUpdate } from '../messages.ts';
import { SignalChain } from './signal-chain.ts';

function update(channel: 'signals' | 'scores', ...seqs: number[]): StreamUpdate {
  const messages = seqs.map((seq) => ({ seq, id: `005930.KRX:${seq}` }) as SignalMessage);
  const stream = { key: `${channel}/005930.KRX`, channel, instrument: '005930.KRX', variant: '' };
  return { stream, prevSeq: 0, messages };
}

function chainOf(...batches: readonly (readonly StreamUpdate[])[]): SignalChain {
  const chain = new SignalChain();
  for (const updates of batches) chain.take('e1', updates);
  return chain;
}

it('depends on every signal and their order, and on nothing else', () => {
  const whole = chainOf([update('signals', 1, 2)], [update('scores', 9)], [], [update('signals', 3)]).soFar();
  expect(whole.count).toBe(3);
  expect(chainOf([update('signals', 1)], [update('signals', 2, 3)]).soFar()).toEqual(whole);
  expect(chainOf([update('signals', 2, 1, 3)]).soFar().digest).not.toEqual(whole.digest);
  expect(chainOf([update('signals', 1, 2)]).soFar().digest).not.toEqual(whole.digest);
  expect(chainOf([update('scores', 1)]).soFar()).toEqual({ count: 0, digest: Buffer.alloc(32) });
});

it('begins anew with an epoch, and goes on where it was saved', () => {
  const chain = chainOf([update('signals', 1, 2)]);
  const again = new SignalChain();
  again.load(structuredClone(chain.save()));
  const before = chain.soFar();
  for (const one of [chain, again]) one.take('e1', [update('signals', 3)]);
  expect(again.soFar()).toEqual(chain.soFar());
  expect(before).toEqual(chainOf([update('signals', 1, 2)]).soFar());
  chain.take('e2', []);
  expect(chain.soFar()).toEqual({ count: 0, digest: Buffer.alloc(32) });
});

// The new engine's side against a serving engine and a hub that are played here: what is refused, what is tried again.
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { MarkPurpose } from '../hub/wire.ts';
import { describeDifference, firstDifference, type Listing } from './comparison.ts';
import { Shadow } from './shadow.ts';

const log = pino({ level: 'silent' });
const one = (seq: number, digest: string): Listing => ({ 'ticks/A': { seq, digest } });

/** Marks that are refused first, and what each engine lists at the others, in their order. */
function played(refusals: number, listings: readonly (readonly [own: Listing, theirs: Listing])[]) {
  let asked = 0;
  let compared = 0;
  const shadow: Shadow = new Shadow({
    compareMs: 1,
    timeoutMs: 2000,
    listing: () => listings[compared][0],
    log,
    mark(purpose: MarkPurpose) {
      asked += 1;
      if (asked <= refusals) {
        shadow.markRefused(purpose, 'an engine is behind');
        return;
      }
      shadow.marked(purpose, 10 * asked);
      if (purpose === 'take_over') shadow.heard({ type: 'retired', offset: 10 * asked, measured: [] });
      else shadow.heard({ type: 'listing', offset: 10 * asked, listing: listings[compared++][1] });
    },
  });
  return shadow;
}

it('takes over where both comparisons are equal, after marks that were refused while it caught up', async () => {
  const equal = one(5, 'aa');
  const shadow = played(2, [
    [equal, equal],
    [one(9, 'bb'), one(9, 'bb')],
  ]);
  expect(await shadow.takeOver()).toEqual({ offset: 50, measured: [] });
});

it('refuses at the comparison that differs, and says up to where the two were the same', async () => {
  const shadow = played(0, [
    [one(5, 'aa'), one(5, 'aa')],
    [one(9, 'bb'), one(9, 'cc')],
  ]);
  await expect(shadow.takeOver()).rejects.toThrow(
    'hand-over refused at entry 20: ticks/A differs: serving 9 messages, digest cc, new 9 messages, digest bb; the first 5 are the same',
  );
});

it('refuses where the ingest goes away meanwhile', async () => {
  const shadow: Shadow = new Shadow({
    compareMs: 1,
    timeoutMs: 2000,
    listing: () => ({}),
    log,
    mark: () => shadow.down(),
  });
  await expect(shadow.takeOver()).rejects.toThrow('hand-over refused: the ingest went away meanwhile');
});

describe('firstDifference', () => {
  it('finds the first stream by its key, also one that only one of them has', () => {
    expect(firstDifference({}, {})).toBeNull();
    expect(firstDifference(one(1, 'a'), one(1, 'a'))).toBeNull();
    const difference = firstDifference({ ...one(2, 'a'), 'bars/A/1s': { seq: 1, digest: 'x' } }, one(2, 'b'))!;
    expect(difference).toMatchObject({ stream: 'bars/A/1s', shadow: null, streams: 2, equalUpTo: 0 });
    expect(describeDifference(difference)).toBe(
      'bars/A/1s differs: serving 1 messages, digest x, new nothing; 1 other streams differ too',
    );
  });
});

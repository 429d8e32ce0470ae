import fc from 'fast-check';
import { expect, it } from 'vitest';
import { QualityAlert } from './alert.ts';

const FLOOR = 80;
const SECOND = 1_000_000;

/** What a score a second makes the alert say. */
function said(scores: readonly number[]): string[] {
  const alert = new QualityAlert();
  return scores.flatMap((score, second) => {
    const message = alert.update(second * SECOND + 1, score, FLOOR);
    return message === null ? [] : [`${second} ${message.severity} ${message.state} ${message.value}`];
  });
}

it.each<[string, number[], string[]]>([
  ['stays quiet at the floor', [100, 80, 80.1], []],
  ['is raised once below it', [100, 79.9, 79, 78], ['1 warning raised 79.9']],
  [
    'is critical far below it, and says so once',
    [79, 59.9, 50, 79, 40],
    ['0 warning raised 79', '1 critical raised 59.9'],
  ],
  ['is not resolved by a score that is barely well', [79, ...new Array(200).fill(81.9)], ['0 warning raised 79']],
  [
    'is resolved after a minute well above it',
    [79, ...new Array(70).fill(82)],
    ['0 warning raised 79', '61 warning resolved 82'],
  ],
  [
    'waits again after a relapse',
    [79, ...new Array(59).fill(90), 81, ...new Array(70).fill(90)],
    ['0 warning raised 79', '121 warning resolved 90'],
  ],
])('%s', (_name, scores, expected) => {
  expect(said(scores)).toEqual(expected);
});

it('alternates between raised and resolved, whatever the scores', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { maxLength: 300 }), (scores) => {
      let raised = false;
      for (const line of said(scores)) {
        const [, severity, state] = line.split(' ');
        if (state === 'raised') expect(raised && severity !== 'critical').toBe(false);
        else expect(raised).toBe(true);
        raised = state === 'raised';
      }
    }),
  );
});

it('goes on from its saved state', () => {
  const alert = new QualityAlert();
  alert.update(1, 70, FLOOR);
  const copy = new QualityAlert();
  copy.load(structuredClone(alert.save()));
  expect([copy.raised, copy.update(2, 70, FLOOR)]).toEqual([true, null]);
});

it('is resolved where what it speaks of ends, and only if it was raised', () => {
  const alert = new QualityAlert();
  expect(alert.end(1, 80)).toBeNull();
  alert.update(2, 70, 80);
  expect(alert.end(3, 80)).toMatchObject({ state: 'resolved', timeUs: 3, severity: 'warning' });
  expect([alert.raised, alert.end(4, 80)]).toEqual([false, null]);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlertMessage, QualityMessage } from '../../engine/messages.ts';
import { InstrumentState } from './market-state.ts';
import { currentAlerts, rankedFindings, scoreTone, weakestDimension, worstInstruments } from './quality-ranking.ts';

const scores = (overall: number, changed: Partial<QualityMessage> = {}): QualityMessage => ({
  seq: 1,
  timeUs: 0,
  completeness: 100,
  accuracy: 100,
  consistency: 100,
  timeliness: 100,
  overall,
  findings: {},
  ...changed,
});
const instrument = (name: string, overall: number | null, changed: Partial<QualityMessage> = {}) => {
  const state = new InstrumentState(name);
  if (overall !== null) state.quality.set('', scores(overall, changed));
  return state;
};
const alert = (changed: Partial<AlertMessage>): AlertMessage => ({
  seq: 1,
  timeUs: 0,
  rule: 'data_quality',
  severity: 'warning',
  state: 'raised',
  subject: 'engine',
  value: 71,
  threshold: 80,
  ...changed,
});

describe('the worst instruments', () => {
  it('come lowest first, with the dimension that lowers them most, without those that nothing was found of', () => {
    const states = [
      instrument('A', 100),
      instrument('B', 97, { timeliness: 88, accuracy: 92 }),
      instrument('C', 64.2, { completeness: 20 }),
      instrument('D', null),
      instrument('E', 97, { accuracy: 90 }),
    ];
    expect(worstInstruments(states, 5).map(({ instrument, weakest }) => [instrument, weakest])).toEqual([
      ['C', 'completeness'],
      ['B', 'timeliness'],
      ['E', 'accuracy'],
    ]);
    expect(worstInstruments(states, 1)).toHaveLength(1);
  });

  it('are those of no higher score than any that is left out', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 50 }),
        fc.integer({ min: 1, max: 9 }),
        (all, max) => {
          const worst = worstInstruments(
            all.map((overall, i) => instrument(`I${i}`, overall)),
            max,
          );
          const expected = all.filter((overall) => overall < 100).sort((a, b) => a - b);
          expect(worst.map(({ quality }) => quality.overall)).toEqual(expected.slice(0, max));
        },
      ),
    );
  });

  it('are judged by the instrument’s score and not by that of one of its streams', () => {
    const state = instrument('A', 100);
    state.quality.set('books', scores(3));
    expect(worstInstruments([state], 5)).toEqual([]);
    expect(weakestDimension(scores(100))).toBe('completeness');
  });
});

it('findings come most frequent first', () => {
  expect(rankedFindings({ gap: 2, late: 40, off_grid: 0, duplicate: 2 })).toEqual([
    ['late', 40],
    ['duplicate', 2],
    ['gap', 2],
  ]);
});

it('alerts stay while they are raised, and a minute of the engine’s time once they are resolved', () => {
  const raised = alert({ timeUs: 1_000_000 });
  const critical = alert({ subject: '005930.KRX', severity: 'critical' });
  const resolved = alert({ subject: '000660.KRX', state: 'resolved', timeUs: 10_000_000 });
  expect(currentAlerts([resolved, raised, critical], 20_000_000)).toEqual([critical, raised, resolved]);
  expect(currentAlerts([resolved, raised], 70_000_000)).toEqual([raised]);
});

it('the tone of a score is fair from 80 on, good from 95 on', () => {
  expect([undefined, 0, 79.99, 80, 94.99, 95, 100].map(scoreTone)).toEqual([
    'quiet',
    'bad',
    'bad',
    'warn',
    'warn',
    'good',
    'good',
  ]);
});

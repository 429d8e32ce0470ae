// Each fault on one stream of one symbol in an otherwise clean market: it lowers what the table says, of that symbol, with
// the journal entry that proves it, and nothing else.
import { beforeAll, describe, expect, it } from 'vitest';
import { FAULT_TYPES, type FaultType } from '../emulator/faults/catalogue.ts';
import { DIMENSIONS, type Dimension, FINDINGS, type Finding } from '../quality/findings.ts';
import { newScores, type Scores } from '../quality/score.ts';
import { type ExpectedFinding, FAULT_EFFECTS, type FaultEffect, WITHOUT_EFFECT } from './fault-effects.ts';
import { CODES, SPOILED, SpoiledMinutes } from './spoiled-minutes.ts';

const ROWS = FAULT_TYPES.flatMap((fault) =>
  (FAULT_EFFECTS[fault] ?? []).map((effect): [string, FaultEffect, FaultType] => [
    `${fault} ${effect.trId}`,
    effect,
    fault,
  ]),
);
const SYMBOL = `${SPOILED}.KRX`;

function nameOf({ kind, stream }: Pick<Finding, 'kind' | 'stream'>): string {
  return `${kind} ${stream} ${stream === 'engine' ? 'engine' : SYMBOL}`;
}

/** Dimensions that those findings lower, of the symbol or of what is no instrument's. */
function loweredBy(findings: readonly ExpectedFinding[], engine: boolean): Set<Dimension> {
  const own = findings.filter(({ stream }) => (stream === 'engine') === engine);
  return new Set(own.map(({ kind }) => FINDINGS[kind].dimension));
}

function below100(scores: Readonly<Scores>): Set<Dimension> {
  return new Set(DIMENSIONS.filter((dimension) => scores[dimension] < 100));
}

it('the table has a row for every fault, or says why it lowers nothing', () => {
  for (const fault of FAULT_TYPES) {
    expect([fault, Number(fault in FAULT_EFFECTS) + Number(fault in WITHOUT_EFFECT)]).toEqual([fault, 1]);
  }
  for (const [name, { findings, why }] of ROWS) if (findings.length === 0) expect(why, name).toMatch(/\w/);
});

it('nothing is found where nothing happens', () => {
  const { findings, target } = new SpoiledMinutes({}).run();
  expect(findings).toEqual([]);
  const { quality, counters } = target.machine;
  expect(quality!.score(newScores())).toEqual(newScores());
  expect(counters.ticks['H0STCNT0 KRX']).toBeGreaterThan(1000);
});

describe.each(ROWS)('%s', (_name, effect, fault) => {
  let minutes: SpoiledMinutes;
  beforeAll(() => {
    minutes = new SpoiledMinutes({ ...effect, fault }).run();
  });

  it('raises its findings, on its stream, and no others', () => {
    const found = new Set(minutes.findings.map((one) => `${nameOf(one).split(' ', 2).join(' ')} ${one.instrument}`));
    expect(found).toEqual(new Set(effect.findings.map(nameOf)));
  });

  it('names the journal entry that proves each', () => {
    const { findings, spoiledOffsets, nextOffsets, target } = minutes;
    for (const expected of effect.findings) {
      const offsets = { spoiled: spoiledOffsets, next: nextOffsets, time: null }[expected.proof];
      for (const { offset } of findings.filter((one) => nameOf(one) === nameOf(expected))) {
        if (offsets === null) expect(offset).toBeLessThan(target.nextOffset);
        else expect([...offsets], nameOf(expected)).toContain(offset);
      }
    }
  });

  it('lowers its dimensions of its symbol alone', () => {
    const quality = minutes.target.machine.quality!;
    const lowered = loweredBy(effect.findings, false);
    if (effect.restores === true) lowered.delete('completeness');
    for (const code of CODES) {
      const scores = below100(quality.instrument(code, 'KRX').dayScores());
      expect([code, scores]).toEqual([code, code === SPOILED ? lowered : new Set()]);
    }
    const engine = quality.engine.score(newScores(), quality.settings.weights);
    expect(below100(engine)).toEqual(loweredBy(effect.findings, true));
  });
});

// Scores hold for any evidence: bounded, and never better for one finding more.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QualityContext } from './context.ts';
import { Evidence } from './evidence.ts';
import { DIMENSIONS, FINDING_KINDS, FINDINGS, type Finding } from './findings.ts';
import { Ledger } from './ledger.ts';
import { newScores, overallOf, scoreOf, shareSeverity } from './score.ts';
import { Subject } from './subject.ts';

const MINUTE_US = 60_000_000;
const START_US = 1_800_000_000_000_000;
const WEIGHTS = { completeness: 0.35, accuracy: 0.25, consistency: 0.2, timeliness: 0.2 };

const deduction = fc.record({
  kind: fc.constantFrom(...FINDING_KINDS),
  severity: fc.double({ min: 0, max: 2000, noNaN: true }),
  waitUs: fc.integer({ min: 0, max: 8 * MINUTE_US }),
});

describe('scores', () => {
  it('lie between 0 and 100 and fall with each finding of the day; current ones come back', () => {
    fc.assert(
      fc.property(fc.array(deduction, { maxLength: 60 }), (deductions) => {
        const subject = new Subject('005930.KRX', ['trades', 'books', 'engine'], () => {});
        const context = new QualityContext();
        context.timeUs = START_US;
        let before = newScores();
        for (const { kind, severity, waitUs } of deductions) {
          context.timeUs += waitUs;
          const [stream] = FINDINGS[kind].streams;
          subject.find(kind, stream, context, 1, 0, 1, severity);
          const day = subject.score(newScores(), WEIGHTS);
          const current = subject.scoreCurrent(newScores(), WEIGHTS, context.timeUs);
          for (const name of [...DIMENSIONS, 'overall'] as const) {
            expect(day[name]).toBeLessThanOrEqual(before[name]);
            for (const score of [day[name], current[name]]) {
              expect(score).toBeGreaterThan(0);
              expect(score).toBeLessThanOrEqual(100);
            }
          }
          before = day;
        }
        const later = context.timeUs + 5 * MINUTE_US;
        expect(subject.scoreCurrent(newScores(), WEIGHTS, later).overall).toBe(100);
        expect(subject.score(newScores(), WEIGHTS)).toEqual(before);
        const counted = Object.values(subject.counts()).reduce((sum, count) => sum + count, 0);
        expect(counted).toBe(deductions.length);
      }),
    );
  });

  it('say 80 at 25 points, and weigh what is asked for', () => {
    expect([0, 25, 100].map(scoreOf)).toEqual([100, 80, 50]);
    const scores = { completeness: 50, accuracy: 100, consistency: 100, timeliness: 90 };
    expect(overallOf(scores, WEIGHTS)).toBeCloseTo(80.5, 9);
    const none = { completeness: 0, accuracy: 0, consistency: 0, timeliness: 0 };
    expect(overallOf(scores, none)).toBe(85);
  });

  it('grow worse with the shares that are missing, and take a frame of a long day lightly', () => {
    fc.assert(
      fc.property(fc.nat(1e9), fc.nat(1e9), fc.nat(1e9), fc.nat(1e6), (missing, more, received, records) => {
        const severity = shareSeverity(missing + 1, received, records);
        expect(severity).toBeGreaterThan(1);
        expect(severity).toBeLessThanOrEqual(1001);
        expect(shareSeverity(missing + 1 + more, received, records)).toBeGreaterThanOrEqual(severity);
      }),
    );
    expect(shareSeverity(500, 10_000_000, 100_000)).toBeLessThan(1.1);
    expect(shareSeverity(500, 1000, 10)).toBeLessThan(6);
    expect(shareSeverity(10_000_000, 10_000_000, 100_000)).toBeGreaterThan(490);
  });
});

describe('a ledger', () => {
  it('holds the points of the last five minutes, as adding them up afterwards does', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 400_000_000 }), fc.integer({ min: 1, max: 9 })));
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 400_000_000 }), (all, wait) => {
        const ledger = new Ledger();
        let timeUs = START_US;
        const told: { minute: number; points: number }[] = [];
        for (const [waitUs, points] of all) {
          timeUs += waitUs;
          ledger.deduct('late', points, timeUs);
          told.push({ minute: Math.floor(timeUs / MINUTE_US), points });
        }
        const minute = Math.floor((timeUs + wait) / MINUTE_US);
        const recent = told.filter((one) => one.minute > minute - 5).reduce((sum, { points }) => sum + points, 0);
        const number = DIMENSIONS.indexOf('timeliness');
        expect(ledger.recentPoints(number, timeUs + wait)).toBe(recent);
        expect(ledger.points(number)).toBe(told.reduce((sum, { points }) => sum + points, 0));
      }),
    );
  });

  it('gives back no more than it took', () => {
    const ledger = new Ledger();
    ledger.deduct('gap', 3, START_US);
    ledger.restore('gap', 5, START_US + MINUTE_US);
    expect([ledger.points(0), ledger.recentPoints(0, START_US + MINUTE_US), ledger.count('gap')]).toEqual([0, 0, 1]);
  });
});

it('keeps the newest evidence and counts what it dropped', () => {
  const evidence = new Evidence(3);
  const finding = (offset: number) => ({ offset }) as Finding;
  for (let offset = 0; offset < 5; offset++) evidence.add(finding(offset));
  expect(evidence.findings().map(({ offset }) => offset)).toEqual([2, 3, 4]);
  expect([evidence.total, evidence.dropped]).toEqual([5, 2]);
  const copy = new Evidence(3);
  copy.load(structuredClone(evidence.save()));
  copy.add(finding(5));
  expect(copy.findings().map(({ offset }) => offset)).toEqual([3, 4, 5]);
  expect(copy.dropped).toBe(3);
});

it('has a sentence in both languages, a dimension, a stream and points for every kind', () => {
  for (const { dimension, streams, points, en, ko } of Object.values(FINDINGS)) {
    expect(DIMENSIONS).toContain(dimension);
    expect(streams.length).toBeGreaterThan(0);
    expect(points).toBeGreaterThan(0);
    expect(en).toMatch(/^[A-Z].*\.$/);
    expect(ko).toMatch(/[가-힣].*\.$/);
  }
});

// Some of the fault days in full; `npm run fault-days` runs a thousand. A day that is wrong names its seed, and
// `npm run fault-days -- --seed N --days 1` runs it again.
import { beforeAll, describe, expect, it } from 'vitest';
import { type DayVerdict, judge } from './day-verdict.ts';
import { MARKET_DAYS, marketSeedOf, runFaultDay } from './fault-day.ts';
import { DAY_REGISTRATIONS, type RecordedDay, recordDay } from './recorded-day.ts';

/** Three market days, four times each. */
const SEEDS = [0, 1, 2].flatMap((market) => [0, 1, 2, 3].map((round) => market + round * MARKET_DAYS));

describe('fault days', () => {
  const days = new Map<number, RecordedDay>();
  const verdicts: DayVerdict[] = [];
  beforeAll(() => {
    for (const seed of SEEDS) {
      const market = marketSeedOf(seed);
      const day = days.get(market) ?? recordDay(market);
      days.set(market, day);
      verdicts.push(judge(runFaultDay(day, seed)));
    }
  }, 240_000);

  it.each(SEEDS)('of seed %i have each loss found to the share, the won and the trade, and no other', (seed) => {
    const verdict = verdicts.find((one) => one.seed === seed)!;
    expect(verdict.differences).toEqual([]);
    expect([verdict.falseGaps, verdict.missedGaps]).toEqual([0, 0]);
    const { injected, detected, betweenSessionsShares, wholeDayShares, untoldTrades } = verdict;
    expect(detected.shares + betweenSessionsShares + wholeDayShares).toBe(injected.shares);
    expect(detected.trades + untoldTrades).toBe(injected.trades);
  });

  it('hold what they are to be days of', () => {
    for (const [seed, { steps, tapes }] of days) {
      const dates = new Set(steps.flatMap(({ closes }) => closes.map(({ date }) => date)));
      expect(dates.size, `market ${seed}`).toBe(2);
      // Auctions are not counted: on most of the symbols, the closing one and those that open both days.
      const auctions = [...tapes.values()].flatMap(({ trades }) => trades.filter(({ counted }) => counted === 0));
      expect(auctions.length, `market ${seed}`).toBeGreaterThan(2 * tapes.size);
      const evening = [...tapes.values()].filter(({ trades }) => trades.some(({ session }) => session === 1));
      expect(evening.length, `market ${seed}`).toBeGreaterThan(tapes.size / 2);
    }
    const total = (of: (verdict: DayVerdict) => number) => verdicts.reduce((sum, one) => sum + of(one), 0);
    expect(DAY_REGISTRATIONS.filter(([trId]) => trId === 'H0STCNT0')).toHaveLength(20);
    for (const what of ['faults', 'outages', 'gaps', 'late', 'duplicates', 'untoldTrades'] as const) {
      expect(
        total((one) => one[what]),
        what,
      ).toBeGreaterThan(SEEDS.length);
    }
  });

  it('are the same for a seed, and others for another', () => {
    const day = days.get(0)!;
    expect(judge(runFaultDay(day, 0))).toEqual(verdicts[0]);
    expect(verdicts[1]).not.toEqual({ ...verdicts[0], seed: verdicts[1].seed });
  });

  it('would show a gap that is not found, one that is none, and one of another size', () => {
    const result = runFaultDay(days.get(0)!, 0);
    const [name, { gaps }] = Object.entries(result.detected).find(([, account]) => account.gaps.length > 1)!;
    const [first, ...rest] = gaps;
    const withGaps = (changed: typeof gaps) => {
      const account = { ...result.detected[name], gaps: changed };
      const { falseGaps, missedGaps, differences } = judge({
        ...result,
        detected: { ...result.detected, [name]: account },
      });
      expect(differences[0]).toMatch(new RegExp(`^${name}: found ${changed.length} gaps`));
      return [falseGaps, missedGaps];
    };
    expect(withGaps(rest)).toEqual([0, 1]);
    expect(withGaps([...gaps, first])).toEqual([1, 0]);
    expect(withGaps([{ ...first, won: first.won + 1 }, ...rest])).toEqual([1, 1]);
  });
});

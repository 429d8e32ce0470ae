// The way an index took through a day, minute by minute. The market tells its level now and its closed days; the way
// between is that of its largest members, scaled so that it ends at the level now.
import { kstSecond, kstToUtcUs } from '../../../config/calendar.ts';
import type { HistoryBar, IndexCode, SimulatedMarket } from '../market/simulated-market.ts';

export interface PathPoint {
  /** Of the KST day. */
  readonly second: number;
  readonly level: number;
  /** Of the whole index in that minute, by its share of the members' turnover. */
  readonly volume: number;
  readonly turnoverWon: number;
}

/** As large as that, they are most of an index by capitalisation. */
const MEMBERS_MAX = 30;
const MINUTE_US = 60_000_000;

interface Kept {
  readonly minute: number;
  readonly path: readonly PathPoint[];
}
const kept = new WeakMap<SimulatedMarket, Map<IndexCode, Kept>>();

/** Ends of minutes of today, oldest first; computed once a minute. Empty before the first trade. */
export function indexPath(market: SimulatedMarket, code: IndexCode): readonly PathPoint[] {
  const paths = kept.get(market) ?? new Map<IndexCode, Kept>();
  kept.set(market, paths);
  const minute = Math.floor(market.timeUs / MINUTE_US);
  const known = paths.get(code);
  if (known?.minute === minute) return known.path;
  const path = computedPath(market, code);
  paths.set(code, { minute, path });
  return path;
}

function computedPath(market: SimulatedMarket, code: IndexCode): readonly PathPoint[] {
  const bars = largestMembers(market, code).map((member) => ({
    listedShares: market.instrument(member).listedShares,
    bars: market.minuteBars(member, 'KRX', market.businessDate),
  }));
  const closes = new Map<number, { value: number; turnoverWon: number }>();
  for (const second of minutesOf(bars.flatMap((one) => one.bars))) closes.set(second, { value: 0, turnoverWon: 0 });
  for (const member of bars) addMember(closes, member.bars, member.listedShares);
  const points = [...closes];
  const last = points.at(-1);
  if (last === undefined) return [];
  const { level, volume, turnoverWon } = market.indexQuote(code);
  const scale = level / last[1].value;
  const whole = points.reduce((sum, [, point]) => sum + point.turnoverWon, 0) || 1;
  return points.map(([second, point]) => ({
    second,
    level: point.value * scale,
    volume: Math.round((volume * point.turnoverWon) / whole),
    turnoverWon: Math.round((turnoverWon * point.turnoverWon) / whole),
  }));
}

/** A member without a trade in a minute stays where it was, and before its first trade where that began. */
function addMember(
  closes: Map<number, { value: number; turnoverWon: number }>,
  bars: readonly HistoryBar[],
  listedShares: number,
): void {
  let next = 0;
  let closeWon = bars[0]?.openWon ?? 0;
  for (const [second, point] of closes) {
    while (next < bars.length && kstSecond(bars[next].startUs) <= second) {
      closeWon = bars[next].closeWon;
      point.turnoverWon += bars[next].turnoverWon;
      next += 1;
    }
    point.value += closeWon * listedShares;
  }
}

function minutesOf(bars: readonly HistoryBar[]): readonly number[] {
  return [...new Set(bars.map(({ startUs }) => kstSecond(startUs)))].sort((one, other) => one - other);
}

function largestMembers(market: SimulatedMarket, code: IndexCode): readonly string[] {
  return market.codes
    .map((member) => market.instrument(member))
    .filter(({ market: board, kospi200 }) =>
      code === '2001' ? kospi200 : board === (code === '0001' ? 'KOSPI' : 'KOSDAQ'),
    )
    .sort((one, other) => other.referencePriceWon * other.listedShares - one.referencePriceWon * one.listedShares)
    .slice(0, MEMBERS_MAX)
    .map((member) => member.code);
}

/** Level at a second, on a straight line between the ends of minutes. */
export function levelAt(path: readonly PathPoint[], second: number): number {
  const after = path.findIndex((point) => point.second >= second);
  if (after < 0) return path.at(-1)?.level ?? 0;
  const [one, other] = [path[Math.max(after - 1, 0)], path[after]];
  if (one.second === other.second) return other.level;
  return one.level + ((other.level - one.level) * (second - one.second)) / (other.second - one.second);
}

/** Minute bars: each opens where the one before closed, and its high and low are its ends. */
export function pathBars(path: readonly PathPoint[], date: number): readonly HistoryBar[] {
  return path.map(({ second, level, volume, turnoverWon }, index) => {
    const open = path[Math.max(index - 1, 0)].level;
    return {
      startUs: kstToUtcUs(date, second),
      openWon: open,
      highWon: Math.max(open, level),
      lowWon: Math.min(open, level),
      closeWon: level,
      volume,
      turnoverWon,
    };
  });
}

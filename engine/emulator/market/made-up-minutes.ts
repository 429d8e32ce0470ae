// Minutes of a day of which only the daily bar is known: a bridge from its open to its close that touches its high and its
// low, with the volume of a usual day's hours. The same bar gives the same minutes.
import { US_PER_SECOND } from '../../../config/calendar.ts';
import type { Session } from '../../../config/sessions.ts';
import type { Random } from './random.ts';
import { volumeShareAt } from './season.ts';
import type { HistoryBar } from './simulated-market.ts';

const SECONDS_PER_MINUTE = 60;
/** Deviation of a minute's step relative to the day's range. */
const STEP = 0.07;

/** One bar a minute of the continuous session; `onGrid` rounds a price down to one that can be. */
export function madeUpMinutes(
  day: HistoryBar,
  { startSecond, endSecond }: Session,
  random: Random,
  onGrid: (priceWon: number) => number,
): readonly HistoryBar[] {
  const minutes = Math.floor((endSecond - startSecond) / SECONDS_PER_MINUTE);
  const { openWon, highWon, lowWon, closeWon, volume } = day;
  const rangeWon = highWon - lowWon;
  const walk = new Float64Array(minutes + 1);
  for (let minute = 1; minute <= minutes; minute++) walk[minute] = walk[minute - 1] + random.normal() * STEP * rangeWon;
  const highMinute = 1 + random.below(minutes - 1);
  const lowMinute = 1 + random.below(minutes - 1);
  const priceAt = (minute: number): number => {
    const part = minute / minutes;
    const wonOf = openWon + (closeWon - openWon) * part + walk[minute] - walk[minutes] * part;
    return minute === minutes ? closeWon : Math.max(lowWon, Math.min(highWon, onGrid(wonOf)));
  };
  const bars: HistoryBar[] = [];
  let done = 0;
  for (let minute = 0; minute < minutes; minute++) {
    const [open, close] = [minute === 0 ? openWon : priceAt(minute), priceAt(minute + 1)];
    const high = minute === highMinute ? highWon : Math.max(open, close);
    const low = minute === lowMinute ? lowWon : Math.min(open, close);
    const until = minute === minutes - 1 ? volume : Math.floor(volume * volumeShareAt((minute + 1) / minutes));
    const size = until - done;
    done = until;
    if (size === 0) continue;
    bars.push({
      startUs: day.startUs + (startSecond + minute * SECONDS_PER_MINUTE) * US_PER_SECOND,
      openWon: open,
      highWon: high,
      lowWon: low,
      closeWon: close,
      volume: size,
      turnoverWon: size * Math.round((open + high + low + close) / 4),
    });
  }
  return bars;
}

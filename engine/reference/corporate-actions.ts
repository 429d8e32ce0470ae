// Corporate actions of a stock, told from its daily bars as traded and as adjusted: a split, a reverse split, an issue of
// rights. Dividends are no such thing: KIS does not adjust for them. Pure arithmetic; nothing is fetched here.
import type { DailyBar } from '../sources/kis/rest/daily-bars.ts';

export interface CorporateAction {
  /** First day (YYYYMMDD) that trades under the new terms. */
  readonly exDate: number;
  readonly kind: 'split' | 'reverse_split' | 'rights' | 'other';
  /** What prices before that day are multiplied by: 0.02 for a split of one into fifty. */
  readonly priceFactor: number;
  /** What volumes before that day are multiplied by: 50 there, 1 where KIS leaves them as they are. */
  readonly volumeFactor: number;
}

/** Adjusted prices are whole won, rounded or cut: each of them lets the ratio lie within one won. */
const ROUNDING_WON = 1;
/** 락구분: rights (01), rights and dividend (04), rights and interim dividend (06). */
const RIGHTS_CODES: ReadonlySet<string> = new Set(['01', '04', '06']);

/** Days next to each other whose prices fit one ratio of adjusted to raw. */
interface Span {
  /** Its first day, and whether that one trades ex rights. */
  firstDate: number;
  exRights: boolean;
  ratioMin: number;
  ratioMax: number;
  rawVolume: number;
  adjustedVolume: number;
}

/**
 * The actions, oldest first, that lie between the bars. Days that stand in one list only are passed over. An action that
 * moves the price by less than its rounding cannot be seen.
 */
export function corporateActions(raw: readonly DailyBar[], adjusted: readonly DailyBar[]): CorporateAction[] {
  const adjustedByDate = new Map(adjusted.map((bar) => [bar.date, bar]));
  const spans: Span[] = [];
  let beginsSpan = true;
  for (const bar of raw.toSorted((one, other) => other.date - one.date)) {
    const other = adjustedByDate.get(bar.date);
    if (other === undefined || bar.close === 0) continue;
    const day = spanOf(bar, other);
    const span = spans.at(-1);
    if (span === undefined || beginsSpan || day.ratioMin > span.ratioMax || day.ratioMax < span.ratioMin)
      spans.push(day);
    else join(span, day);
    // The day of an action is the first of its span: whatever is older has another ratio, or may have.
    beginsSpan = day.exRights;
  }
  return actionsBetween(spans);
}

/** Bars as traded, as they look under today's terms. Prices are not rounded. */
export function adjustedBars(raw: readonly DailyBar[], actions: readonly CorporateAction[]): DailyBar[] {
  return raw.map((bar) => {
    let price = 1;
    let volume = 1;
    for (const action of actions) {
      if (action.exDate <= bar.date) continue;
      price *= action.priceFactor;
      volume *= action.volumeFactor;
    }
    return {
      ...bar,
      open: bar.open * price,
      high: bar.high * price,
      low: bar.low * price,
      close: bar.close * price,
      volume: bar.volume * volume,
    };
  });
}

function spanOf(raw: DailyBar, adjusted: DailyBar): Span {
  const pairs = [
    [raw.open, adjusted.open],
    [raw.high, adjusted.high],
    [raw.low, adjusted.low],
    [raw.close, adjusted.close],
  ].filter(([rawWon]) => rawWon > 0);
  return {
    firstDate: raw.date,
    exRights: RIGHTS_CODES.has(raw.exRightsCode) || raw.exRightsPercent !== 0,
    ratioMin: Math.max(...pairs.map(([rawWon, adjustedWon]) => (adjustedWon - ROUNDING_WON) / rawWon)),
    ratioMax: Math.min(...pairs.map(([rawWon, adjustedWon]) => (adjustedWon + ROUNDING_WON) / rawWon)),
    rawVolume: raw.volume,
    adjustedVolume: adjusted.volume,
  };
}

function join(span: Span, day: Span): void {
  span.firstDate = day.firstDate;
  span.exRights = day.exRights;
  span.ratioMin = Math.max(span.ratioMin, day.ratioMin);
  span.ratioMax = Math.min(span.ratioMax, day.ratioMax);
  span.rawVolume += day.rawVolume;
  span.adjustedVolume += day.adjustedVolume;
}

/** Spans come newest first. */
function actionsBetween(spans: readonly Span[]): CorporateAction[] {
  const actions: CorporateAction[] = [];
  let newer: { readonly ratio: number; readonly volumeRatio: number } | null = null;
  for (const [index, span] of spans.entries()) {
    const fits: boolean = newer !== null && newer.ratio >= span.ratioMin && newer.ratio <= span.ratioMax;
    const ratio: number = fits ? newer!.ratio : simplestBetween(span.ratioMin, span.ratioMax);
    const volumeRatio: number = fits ? newer!.volumeRatio : volumeRatioOf(span, ratio);
    if (newer !== null && ratio !== newer.ratio) {
      const after = spans[index - 1];
      const priceFactor = ratio / newer.ratio;
      const kind = kindOf(priceFactor, after.exRights);
      actions.unshift({ exDate: after.firstDate, kind, priceFactor, volumeFactor: volumeRatio / newer.volumeRatio });
    }
    newer = { ratio, volumeRatio };
  }
  return actions;
}

function volumeRatioOf({ rawVolume, adjustedVolume }: Span, ratio: number): number {
  const measured = rawVolume === 0 ? 1 : adjustedVolume / rawVolume;
  if (Math.abs(measured - 1) < 0.001) return 1;
  // Where volumes are adjusted, it is by the inverse of the price's ratio; the measured one is off by rounding.
  return Math.abs(measured * ratio - 1) < 0.01 ? 1 / ratio : measured;
}

function kindOf(priceFactor: number, exRights: boolean): CorporateAction['kind'] {
  const times = priceFactor < 1 ? 1 / priceFactor : priceFactor;
  const whole = times >= 2 && Math.abs(times - Math.round(times)) < 1e-6;
  if (whole) return priceFactor < 1 ? 'split' : 'reverse_split';
  return exRights ? 'rights' : 'other';
}

/** Fractions whose terms are larger say nothing that the bounds do not say as well. */
const TERMS_MAX = 64;

/**
 * The fraction with the smallest denominator in [min, max]: 1/50 rather than 0.0199987. By continued fractions, along the
 * Stern–Brocot tree (Graham, Knuth, Patashnik, Concrete Mathematics, 4.5).
 */
function simplestBetween(min: number, max: number): number {
  const terms: number[] = [];
  let low = Math.max(min, 0);
  let high = max;
  while (terms.length < TERMS_MAX) {
    const whole = Math.ceil(low);
    if (whole <= high) {
      terms.push(whole);
      break;
    }
    const below = Math.floor(low);
    terms.push(below);
    [low, high] = [1 / (high - below), 1 / (low - below)];
  }
  return terms.reduceRight((rest, term, index) => (index === terms.length - 1 ? term : term + 1 / rest), 0);
}

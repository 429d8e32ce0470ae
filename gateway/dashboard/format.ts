// Numbers and times as the page shows them: Korea's clock, the reader's language, one true minus sign.
import type { Language } from './texts.ts';

const LOCALES: Record<Language, string> = { en: 'en-GB', ko: 'ko-KR' };
const NONE = '–';

export class Format {
  private readonly decimals: Intl.NumberFormat;
  private readonly compacts: Intl.NumberFormat;
  private readonly clock: Intl.DateTimeFormat;

  constructor(language: Language) {
    const locale = LOCALES[language];
    this.decimals = new Intl.NumberFormat(locale, { maximumFractionDigits: 2, signDisplay: 'negative' });
    this.compacts = new Intl.NumberFormat(language === 'ko' ? 'ko-KR' : 'en-US', {
      notation: 'compact',
      maximumFractionDigits: 1,
      signDisplay: 'negative',
    });
    this.clock = new Intl.DateTimeFormat('en-GB', {
      timeZone: 'Asia/Seoul',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    });
  }

  /** Won, shares, counts: grouped, at most two decimals. */
  number(value: number | null | undefined): string {
    return value == null || !Number.isFinite(value) ? NONE : minus(this.decimals.format(value));
  }

  /** Large quantities, shortened: `1.2M`, `120만`. */
  compact(value: number | null | undefined): string {
    return value == null || !Number.isFinite(value) ? NONE : minus(this.compacts.format(value));
  }

  /** With its sign: `+300`, `−1,200`, `0`. */
  signed(value: number): string {
    const text = this.number(value);
    return value > 0 && text !== '0' ? `+${text}` : text;
  }

  /** A ratio as signed percent with two decimals. */
  change(ratio: number): string {
    if (!Number.isFinite(ratio)) return NONE;
    return `${signedFixed(ratio * 100, 2)}%`;
  }

  /** A probability or share as percent with one decimal. */
  percent(ratio: number | null): string {
    return ratio === null || !Number.isFinite(ratio) ? NONE : `${fixed(ratio * 100, 1)}%`;
  }

  /** A score of 0 … 100 with one decimal, downwards: nothing but 100 reads 100.0. */
  score(value: number | null | undefined): string {
    // What a hundredth's binary form falls short of must not take a tenth away.
    return value == null || !Number.isFinite(value) ? NONE : fixed(Math.floor(value * 10 + 1e-6) / 10, 1);
  }

  /** Basis points with their sign. */
  basisPoints(value: number | null): string {
    return value === null || !Number.isFinite(value) ? NONE : `${signedFixed(value, 1)} bp`;
  }

  /** A decimal number in a text of the engine: at most two of its decimals. */
  decimal(text: string): string {
    const decimals = Math.min(2, text.length - text.indexOf('.') - 1);
    return fixed(Number(text), decimals);
  }

  /** An indicator's value: as many digits as its size deserves. */
  value(value: number | null): string {
    if (value === null || !Number.isFinite(value)) return NONE;
    const size = Math.abs(value);
    if (size >= 100_000) return this.compact(value);
    if (size >= 100) return this.number(Math.round(value * 10) / 10);
    if (size >= 0.1 || size === 0) return fixed(value, 2);
    return minus(value.toPrecision(2));
  }

  /** Microseconds, in the unit that reads best. */
  duration(us: number | undefined): string {
    if (us === undefined || !Number.isFinite(us)) return NONE;
    if (us < 10) return `${fixed(us, 1)} µs`;
    if (us < 1000) return `${Math.round(us)} µs`;
    if (us < 1_000_000) return `${(us / 1000).toFixed(us < 10_000 ? 2 : 1)} ms`;
    return `${(us / 1_000_000).toFixed(1)} s`;
  }

  /** Korean time of day of a UTC time in microseconds. */
  timeOfDay(timeUs: number): string {
    return this.clock.format(timeUs / 1000);
  }
}

/** Change against the previous close as a ratio; NaN where there was no previous close. */
export function changeRatio(price: number, change: number): number {
  const previousClose = price - change;
  return previousClose > 0 ? change / previousClose : Number.NaN;
}

/** What rounds to nothing has no sign. */
function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace('-', '') : minus(text);
}

function signedFixed(value: number, decimals: number): string {
  const text = fixed(value, decimals);
  return Number(text) > 0 ? `+${text}` : text;
}

function minus(text: string): string {
  return text.replace('-', '−');
}

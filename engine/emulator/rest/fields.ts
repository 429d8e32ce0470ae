// Fields of REST answers: all are strings, whatever they mean. Names stand in lists where nothing is modelled behind
// them, so that every documented field is there: a client that reads one finds a neutral value, never a hole.
import { clockDigits } from '../../../config/calendar.ts';

export type Fields = Readonly<Record<string, string>>;

export function fields(values: Readonly<Record<string, string | number>>): Fields {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}

/** All names of a list (separated by spaces) with one value. */
export function fill(names: string, value: string): Fields {
  return Object.fromEntries(names.split(' ').map((name) => [name, value]));
}

/** All fields as KIS answers them for a code that it does not know: 0, with no error. */
export function zeros(known: Fields): Fields {
  return Object.fromEntries(Object.keys(known).map((name) => [name, '0']));
}

export interface ChangeFields {
  readonly prdy_vrss: string;
  readonly prdy_vrss_sign: string;
  readonly prdy_ctrt: string;
}

/** Difference to the base, its sign (2 up, 3 none, 5 down) and percent. Decimals are those of the price. */
export function changeFields(price: number, base: number, decimals = 0): ChangeFields {
  const change = price - base;
  return {
    prdy_vrss: change.toFixed(decimals),
    prdy_vrss_sign: signOf(change),
    prdy_ctrt: percent(change, base),
  };
}

export function signOf(change: number): '2' | '3' | '5' {
  if (change === 0) return '3';
  return change > 0 ? '2' : '5';
}

/** The same with the signs of a price at its limits: 1 upper, 4 lower. */
export function limitSignOf(change: number, price: number, upper: number, lower: number): string {
  if (price === upper) return '1';
  return price === lower ? '4' : signOf(change);
}

/** Part of the whole in percent, two decimals; 0.00 of nothing. */
export function percent(part: number, whole: number): string {
  return (whole === 0 ? 0 : (100 * part) / whole).toFixed(2);
}

/** HHMMSS of a second of the day. */
export function hourText(second: number): string {
  return String(clockDigits(second)).padStart(6, '0');
}

/** Second of the day of HHMMSS; the fallback where it is empty or 000000, which clients send for now. */
export function secondOf(hour: string, fallback: number): number {
  if (hour === '' || hour === '000000') return fallback;
  return Number(hour.slice(0, 2)) * 3600 + Number(hour.slice(2, 4)) * 60 + Number(hour.slice(4, 6));
}

// Overseas stocks by REST: price now, days, minutes. Sessions are the venue's regular hours on weekdays; its holidays are
// not known. A symbol is any ticker of an exchange that KIS has.
import { isWeekday } from '../../../config/calendar.ts';
import { zoneDate, zoneToUtcUs } from '../../../config/time-zones.ts';
import type { Zone } from '../../../config/venues.ts';
import { dateLater } from './dates.ts';
import { type Fields, fields, fill, hourText, percent, signOf } from './fields.ts';
import { overseasPrice, overseasVolume } from './overseas-price.ts';
import { parameter, type TransactionAnswer, type TransactionRequest, type World } from './transaction.ts';

interface Exchange {
  readonly zone: Zone;
  /** Seconds of the local day. */
  readonly openSecond: number;
  readonly closeSecond: number;
}

const HALF_HOUR = 1800;
const NEW_YORK: Exchange = { zone: 'New York', openSecond: 19 * HALF_HOUR, closeSecond: 32 * HALF_HOUR };
const SHANGHAI: Exchange = { zone: 'Shanghai', openSecond: 19 * HALF_HOUR, closeSecond: 30 * HALF_HOUR };
const VIETNAM: Exchange = { zone: 'Ho Chi Minh City', openSecond: 18 * HALF_HOUR, closeSecond: 30 * HALF_HOUR };
const EXCHANGES: Readonly<Record<string, Exchange>> = {
  NAS: NEW_YORK,
  NYS: NEW_YORK,
  AMS: NEW_YORK,
  HKS: { zone: 'Hong Kong', openSecond: 19 * HALF_HOUR, closeSecond: 32 * HALF_HOUR },
  TSE: { zone: 'Tokyo', openSecond: 18 * HALF_HOUR, closeSecond: 31 * HALF_HOUR },
  SHS: SHANGHAI,
  SZS: SHANGHAI,
  HNX: VIETNAM,
  HSX: VIETNAM,
};
const SYMBOL = /^[A-Z0-9.]{1,10}$/;
export const DECIMALS = 4;
const DAYS_A_CALL = 100;
const MINUTES_A_CALL = 120;
const MINUTE_US = 60_000_000;
/** A day's turnover is drawn from one minute, not summed over all. */
const MINUTES_A_DAY = 390;

export interface Asked {
  readonly symbol: string;
  readonly exchangeCode: string;
  readonly exchange: Exchange;
  /** The last session that has begun. */
  readonly date: number;
  /** Now, or the end of that session. */
  readonly untilUs: number;
}

/** Undefined for an exchange or a symbol that cannot be. */
export function asked(request: TransactionRequest, { market }: World): Asked | undefined {
  const symbol = parameter(request, 'SYMB');
  const exchangeCode = parameter(request, 'EXCD');
  const exchange = Object.hasOwn(EXCHANGES, exchangeCode) ? EXCHANGES[exchangeCode] : undefined;
  if (exchange === undefined || !SYMBOL.test(symbol)) return undefined;
  let date = zoneDate(exchange.zone, market.timeUs);
  if (zoneToUtcUs(exchange.zone, date, exchange.openSecond) > market.timeUs) date = dateLater(date, -1);
  while (!isWeekday(date)) date = dateLater(date, -1);
  const untilUs = Math.min(market.timeUs, zoneToUtcUs(exchange.zone, date, exchange.closeSecond));
  return { symbol, exchangeCode, exchange, date, untilUs };
}

export function overseasPriceNow(request: TransactionRequest, world: World): TransactionAnswer {
  const found = asked(request, world);
  if (found === undefined) {
    return { body: { output: fill('rsym zdiv base pvol last sign diff rate tvol tamt ordy', '') } };
  }
  return { body: { output: { ...session(found), ordy: '매도불가' } } };
}

/** The last session so far: price now, change, volume, turnover. */
export function session(found: Asked): Fields {
  const { symbol, exchange, date, untilUs } = found;
  const last = overseasPrice(symbol, untilUs);
  const before = weekdayBefore(date);
  const base = closeOn(found, before);
  const minutes = (untilUs - zoneToUtcUs(exchange.zone, date, exchange.openSecond)) / MINUTE_US;
  const volume = Math.round(dayVolume(found, date) * (minutes / MINUTES_A_DAY));
  return {
    rsym: keyOf(found),
    zdiv: String(DECIMALS),
    base: base.toFixed(DECIMALS),
    pvol: String(dayVolume(found, before)),
    last: last.toFixed(DECIMALS),
    ...difference(last, base),
    tvol: String(volume),
    tamt: Math.round(volume * last).toFixed(0),
  };
}

/** GUBN 0 days, 1 weeks, 2 months, all named by their last day; from BYMD back, from now where it is empty. */
export function overseasDays(request: TransactionRequest, world: World): TransactionAnswer {
  const found = asked(request, world);
  const summary = { rsym: found ? keyOf(found) : '', zdiv: String(DECIMALS), nrec: '0' };
  if (found === undefined) return { body: { output1: summary, output2: [] } };
  const asOf = Number(parameter(request, 'BYMD')) || found.date;
  const stepDays = { '1': 7, '2': 30 }[parameter(request, 'GUBN')] ?? 1;
  const output2: Fields[] = [];
  let date = weekdayAtOrBefore(Math.min(asOf, found.date));
  while (output2.length < DAYS_A_CALL) {
    const before = stepDays === 1 ? weekdayBefore(date) : weekdayAtOrBefore(dateLater(date, -stepDays));
    output2.push(dayFields(found, date, before));
    date = before;
  }
  return { body: { output1: { ...summary, nrec: String(output2.length) }, output2 } };
}

function dayFields(found: Asked, date: number, before: number): Fields {
  const [open, close] = [overseasPrice(found.symbol, openUs(found, dateAfter(before))), closeOn(found, date)];
  const volume = dayVolume(found, date);
  return {
    xymd: String(date),
    clos: close.toFixed(DECIMALS),
    ...difference(close, closeOn(found, before)),
    open: open.toFixed(DECIMALS),
    high: (Math.max(open, close) * 1.004).toFixed(DECIMALS),
    low: (Math.min(open, close) * 0.996).toFixed(DECIMALS),
    tvol: String(volume),
    tamt: Math.round(volume * close).toFixed(0),
    ...fields({ pbid: close.toFixed(DECIMALS), vbid: 100, pask: close.toFixed(DECIMALS), vask: 100 }),
  };
}

/** Bars of NMIN minutes back from KEYB (local time), or from now; of the last session only, unless PINC is 1. */
export function overseasMinutes(request: TransactionRequest, world: World): TransactionAnswer {
  const found = asked(request, world);
  if (found === undefined) return { body: { output1: { rsym: '', nrec: '' }, output2: [] } };
  const { symbol, exchange } = found;
  const minutes = Math.max(1, Number(parameter(request, 'NMIN')) || 1);
  const rows = Math.min(Math.max(1, Number(parameter(request, 'NREC')) || MINUTES_A_CALL), MINUTES_A_CALL);
  const key = /^(\d{8})(\d\d)(\d\d)(\d\d)$/.exec(parameter(request, 'KEYB'));
  const seconds = key === null ? 0 : Number(key[2]) * 3600 + Number(key[3]) * 60 + Number(key[4]);
  const keyUs = key === null ? found.untilUs : zoneToUtcUs(exchange.zone, Number(key[1]), seconds);
  const output2: Fields[] = [];
  let date = found.date;
  let startUs = alignedUs(Math.min(keyUs, found.untilUs - 1), minutes);
  // Days without a bar are those after the key, and weekends: both are passed over.
  for (let days = 0; output2.length < rows && days < 400; days++) {
    const firstUs = openUs(found, date);
    startUs = Math.min(startUs, alignedUs(firstUs + (exchange.closeSecond - exchange.openSecond) * 1e6 - 1, minutes));
    for (; startUs >= firstUs && output2.length < rows; startUs -= minutes * MINUTE_US) {
      output2.push(minuteFields(symbol, startUs, minutes, found.untilUs, exchange, date));
    }
    if (parameter(request, 'PINC') !== '1') break;
    date = weekdayBefore(date);
  }
  const output1 = {
    rsym: keyOf(found),
    zdiv: String(DECIMALS),
    stim: hourText(exchange.openSecond),
    etim: hourText(exchange.closeSecond),
    ...koreanHours(found),
    next: '1',
    more: output2.length === rows ? '1' : '0',
    nrec: String(output2.length),
  };
  return { body: { output1, output2 } };
}

function minuteFields(
  symbol: string,
  startUs: number,
  minutes: number,
  untilUs: number,
  exchange: Exchange,
  date: number,
): Fields {
  const endUs = Math.min(startUs + minutes * MINUTE_US, untilUs);
  const [open, last] = [overseasPrice(symbol, startUs), overseasPrice(symbol, endUs)];
  const middle = overseasPrice(symbol, (startUs + endUs) / 2);
  const volume = overseasVolume(symbol, startUs) * minutes;
  const localSecond = Math.floor((startUs - zoneToUtcUs(exchange.zone, date, 0)) / 1_000_000);
  const korean = Math.floor((startUs - zoneToUtcUs('Seoul', zoneDate('Seoul', startUs), 0)) / 1_000_000);
  return {
    tymd: String(date),
    xymd: String(date),
    xhms: hourText(localSecond),
    kymd: String(zoneDate('Seoul', startUs)),
    khms: hourText(korean),
    open: open.toFixed(DECIMALS),
    high: Math.max(open, middle, last).toFixed(DECIMALS),
    low: Math.min(open, middle, last).toFixed(DECIMALS),
    last: last.toFixed(DECIMALS),
    evol: String(volume),
    eamt: Math.round(volume * middle).toFixed(0),
  };
}

function koreanHours({ exchange, date }: Asked): Fields {
  const hour = (second: number): string => {
    const timeUs = zoneToUtcUs(exchange.zone, date, second);
    return hourText(Math.floor((timeUs - zoneToUtcUs('Seoul', zoneDate('Seoul', timeUs), 0)) / 1_000_000));
  };
  return { sktm: hour(exchange.openSecond), ektm: hour(exchange.closeSecond) };
}

function difference(price: number, base: number): Fields {
  return {
    sign: signOf(price - base),
    diff: Math.abs(price - base).toFixed(DECIMALS),
    rate: percent(price - base, base),
  };
}

function keyOf({ exchangeCode, symbol }: Asked): string {
  return `D${exchangeCode}${symbol}`;
}

export function openUs({ exchange }: Asked, date: number): number {
  return zoneToUtcUs(exchange.zone, date, exchange.openSecond);
}

export function closeOn(found: Asked, date: number): number {
  const closeUs = zoneToUtcUs(found.exchange.zone, date, found.exchange.closeSecond);
  return overseasPrice(found.symbol, Math.min(closeUs, found.untilUs));
}

function dayVolume({ symbol, exchange }: Asked, date: number): number {
  return MINUTES_A_DAY * overseasVolume(symbol, zoneToUtcUs(exchange.zone, date, exchange.openSecond));
}

function alignedUs(timeUs: number, minutes: number): number {
  const step = minutes * MINUTE_US;
  return Math.floor(timeUs / step) * step;
}

export function weekdayBefore(date: number): number {
  return weekdayAtOrBefore(dateLater(date, -1));
}

function weekdayAtOrBefore(date: number): number {
  let weekday = date;
  while (!isWeekday(weekday)) weekday = dateLater(weekday, -1);
  return weekday;
}

function dateAfter(date: number): number {
  let next = dateLater(date, 1);
  while (!isWeekday(next)) next = dateLater(next, 1);
  return next;
}

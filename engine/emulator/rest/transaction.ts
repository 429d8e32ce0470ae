// A transaction (TR) as the REST side serves it: what it asks for, what stands behind it, and what it answers. KIS reads
// names of parameters in either case, wants all of them there, and most of them well-formed.
import { type CalendarOverrides, dateOfDay, dayNumber } from '../../../config/calendar.ts';
import type { MarketVenue, SimulatedMarket } from '../market/simulated-market.ts';
import type { Account } from './account.ts';
import { Refusal } from './answer.ts';
import type { Listings } from './listings.ts';

/** What a parameter has to be: `text` may be empty and anything, `hour` is HHMMSS or empty, a `date` YYYYMMDD. */
export type ParameterKind = 'text' | 'venue' | 'code' | 'date' | 'hour' | 'seconds' | 'period' | 'flag' | 'index';
export type Parameters = Readonly<Record<string, ParameterKind>>;

/** What stands behind all TRs. */
export interface World {
  readonly market: SimulatedMarket;
  readonly listings: Listings;
  readonly account: Account;
  readonly environment: 'live' | 'paper';
  /** Open days by KIS, where they differ from our own calendar. */
  readonly calendar: CalendarOverrides;
}

export interface TransactionRequest {
  readonly parameters: ReadonlyMap<string, string>;
  /** The client asks for the next page (`tr_cont: N`). */
  readonly continued: boolean;
}

export interface TransactionAnswer {
  readonly body: Readonly<Record<string, unknown>>;
  /** `F` and `M`: there is a next page. `D` and `E`: this is the last. Empty (the default) where a TR has no pages. */
  readonly trCont?: 'F' | 'M' | 'D' | 'E';
}

export interface Transaction {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Where it is served; the other environment refuses it. */
  readonly environments: readonly ('live' | 'paper')[];
  readonly parameters: Parameters;
  readonly answer: (request: TransactionRequest, world: World) => TransactionAnswer;
}

const PATTERNS: Readonly<Record<Exclude<ParameterKind, 'text' | 'venue' | 'date'>, RegExp>> = {
  code: /^[0-9A-Z]{6,7}$/,
  hour: /^(([01]\d|2[0-3])[0-5]\d[0-5]\d)?$/,
  seconds: /^[1-9]\d{0,4}$/,
  period: /^[DWMY]$/,
  /** KIS's own documents show `0000000001`. */
  flag: /^0{0,9}[01]$/,
  index: /^\d{4}$/,
};
export const VENUES: Readonly<Record<string, MarketVenue>> = { J: 'KRX', NX: 'NXT', UN: 'UN' };

/** Throws a Refusal that names the first parameter that is missing or malformed. */
export function checkParameters(request: TransactionRequest, parameters: Parameters): void {
  for (const [name, kind] of Object.entries(parameters)) {
    const text = request.parameters.get(name);
    if (text === undefined) throw new Refusal('OPSQ2001', `ERROR INPUT FIELD NOT FOUND [${name}]`);
    if (kind === 'text') continue;
    if (kind === 'venue') {
      if (!Object.hasOwn(VENUES, text)) throw new Refusal('OPSQ2001', `ERROR INVALID ${name}`);
    } else if (kind === 'date') {
      if (!/^\d{8}$/.test(text) || dateOfDay(dayNumber(Number(text))) !== Number(text)) throw new Refusal('OPSQ2002');
    } else if (!PATTERNS[kind].test(text)) throw new Refusal('OPSQ2002');
  }
}

/** Empty where it was not sent. */
export function parameter(request: TransactionRequest, name: string): string {
  return request.parameters.get(name) ?? '';
}

// The emulator's own paths (`/emulator/…`), which KIS does not have: what it does, faults, events of the market, and what
// is listed. A web page that the user happens to visit can post here, but not without saying where it comes from: those
// are refused.
import type { IncomingHttpHeaders } from 'node:http';
import { type FaultRequest, parseFaultRequest } from '../faults/request.ts';
import type { MarketEvent } from '../market/simulated-market.ts';
import { parseMarketEvent } from '../scenario-file.ts';
import type { RestAnswer } from './answer.ts';
import { type Listings, parseListingChange } from './listings.ts';
import { isRestFault, parseRestFault, type RestFaults } from './rest-faults.ts';

/** What the server does when it is asked to; each throws a RangeError that says why it cannot. */
export interface EmulatorControls {
  readonly status: () => object;
  readonly fault: (request: FaultRequest) => void;
  /** Faults that have acted. */
  readonly faults?: () => object;
  readonly happen?: (event: MarketEvent) => void;
}

export interface ControlOptions {
  readonly controls: EmulatorControls;
  readonly restFaults: RestFaults;
  /** Undefined where no market is behind the emulator. */
  readonly listings: Listings | undefined;
}

type Body = Readonly<Record<string, unknown>>;

/** Undefined for a path that is none of these. */
export function answerControl(
  route: string,
  headers: IncomingHttpHeaders,
  body: Body,
  options: ControlOptions,
): RestAnswer | undefined {
  const { status, faults } = options.controls;
  switch (route) {
    case 'GET /emulator/status':
      return { status: 200, body: { ...status() } };
    case 'GET /emulator/faults':
      return { status: 200, body: { ...faults?.() } };
    case 'POST /emulator/fault':
    case 'POST /emulator/event':
    case 'POST /emulator/listing':
      return headers.origin === undefined
        ? attempted(() => command(route, body, options), body)
        : refused('requests of web pages are refused');
    default:
      return undefined;
  }
}

/** Does what was posted, or says what is wrong with it. */
function command(route: string, body: Body, { controls, restFaults, listings }: ControlOptions): string | undefined {
  if (route === 'POST /emulator/event') return done(parseMarketEvent(body), controls.happen);
  if (route === 'POST /emulator/listing') {
    return done(parseListingChange(body), listings && ((change) => listings.change(change)));
  }
  if (isRestFault(body.type)) return done(parseRestFault(body), (fault) => restFaults.add(fault));
  return done(parseFaultRequest(body), controls.fault);
}

function done<T>(parsed: T | string, act: ((request: T) => void) | undefined): string | undefined {
  if (typeof parsed === 'string') return parsed;
  if (act === undefined) return 'there is no market behind this emulator';
  act(parsed);
  return undefined;
}

function attempted(act: () => string | undefined, { type }: Body): RestAnswer {
  try {
    const reason = act();
    return reason === undefined ? { status: 200, body: { type } } : refused(reason);
  } catch (error) {
    if (error instanceof RangeError) return refused(error.message);
    throw error;
  }
}

function refused(reason: string): RestAnswer {
  return { status: 400, body: { error: reason } };
}

// The emulator's own paths (`/emulator/…`), which KIS does not have: what it does, faults, and what is listed. A web page
// that the user happens to visit can post here, but not without saying where it comes from: those are refused.
import type { IncomingHttpHeaders } from 'node:http';
import { FAULT_COUNT_MAX, type FaultRequest, FRAME_FAULTS, IMMEDIATE_FAULTS, REGISTRATION_FAULTS } from '../fault.ts';
import { isWireCode } from '../wire.ts';
import type { RestAnswer } from './answer.ts';
import type { ListingChange, Listings } from './listings.ts';
import { parseRestFault, REST_FAULTS, type RestFaults } from './rest-faults.ts';

export interface ControlOptions {
  /** Undefined where no market is behind the emulator. */
  readonly listings: Listings | undefined;
  readonly restFaults: RestFaults;
  readonly fault: (request: FaultRequest) => void;
  readonly status: () => Readonly<Record<string, unknown>>;
}

const FAULT_TYPES: ReadonlySet<unknown> = new Set([...IMMEDIATE_FAULTS, ...FRAME_FAULTS, ...REGISTRATION_FAULTS]);
const LISTING_TYPES = ['list', 'delist', 'liquidate', 'rename'] as const;

/** Undefined for a path that is none of these. */
export function answerControl(
  route: string,
  headers: IncomingHttpHeaders,
  body: Readonly<Record<string, unknown>>,
  options: ControlOptions,
): RestAnswer | undefined {
  switch (route) {
    case 'GET /emulator/status':
      return { status: 200, body: options.status() };
    case 'POST /emulator/fault':
      return headers.origin === undefined ? fault(body, options) : refused('requests of web pages are refused');
    case 'POST /emulator/listing':
      return headers.origin === undefined ? listing(body, options) : refused('requests of web pages are refused');
    default:
      return undefined;
  }
}

function fault(body: Readonly<Record<string, unknown>>, { restFaults, fault: wire }: ControlOptions): RestAnswer {
  const rest = parseRestFault(body);
  if (typeof rest === 'string') return refused(rest);
  if (rest !== undefined) return attempted(() => restFaults.add(rest), { type: rest.type });
  const { type, count, code } = body;
  if (!FAULT_TYPES.has(type)) return refused(`type is one of ${[...FAULT_TYPES, ...REST_FAULTS].join(', ')}`);
  if (count !== undefined && !(Number.isInteger(count) && Number(count) > 0 && Number(count) <= FAULT_COUNT_MAX)) {
    return refused(`count is 1 to ${FAULT_COUNT_MAX}`);
  }
  if (type === 'reject' ? !isWireCode(code) : code !== undefined) return refused('code is an OPSP code, for reject');
  wire({ type, count, code } as FaultRequest);
  return { status: 200, body: { type } };
}

function listing(body: Readonly<Record<string, unknown>>, { listings }: ControlOptions): RestAnswer {
  if (listings === undefined) return refused('there is no market behind this emulator');
  const { type, code, date, nameKo } = body;
  if (!LISTING_TYPES.some((known) => known === type)) return refused(`type is one of ${LISTING_TYPES.join(', ')}`);
  if (typeof code !== 'string') return refused('code is a text');
  if (date !== undefined && !/^20\d{6}$/.test(String(date))) return refused('date is YYYYMMDD');
  const named = type === 'list' || type === 'rename';
  if (named && typeof nameKo !== 'string') return refused('nameKo is a text');
  const { market, basePriceWon } = body;
  if (market !== undefined && !['KOSPI', 'KOSDAQ', 'KONEX'].includes(String(market)))
    return refused('market is unknown');
  if (basePriceWon !== undefined && !Number.isSafeInteger(basePriceWon)) return refused('basePriceWon is a number');
  const change = {
    type,
    code,
    ...(date === undefined ? {} : { date: Number(date) }),
    ...(named ? { nameKo } : {}),
    ...(type === 'list' && market !== undefined ? { market } : {}),
    ...(type === 'list' && basePriceWon !== undefined ? { basePriceWon } : {}),
  } as ListingChange;
  return attempted(() => listings.change(change), { type, code });
}

/** Answers what came of it; a RangeError says why it could not be. */
function attempted(act: () => void, done: Readonly<Record<string, unknown>>): RestAnswer {
  try {
    act();
    return { status: 200, body: done };
  } catch (error) {
    if (error instanceof RangeError) return refused(error.message);
    throw error;
  }
}

function refused(reason: string): RestAnswer {
  return { status: 400, body: { error: reason } };
}

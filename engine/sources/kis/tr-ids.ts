// The TRs that are registered, by stream and venue; which of them carry personal data, and which ones the paper-trading
// (모의투자) server offers at all.
import type { Venue } from '../../../config/venues.ts';

export type Stream = 'trades' | 'books' | 'expected' | 'status';

/** Streams of a symbol in Seoul; overseas there are delayed trades only. */
export const STREAM_TR_IDS = {
  trades: { KRX: 'H0STCNT0', NXT: 'H0NXCNT0', UN: 'H0UNCNT0', KFE: 'H0IFCNT0' },
  books: { KRX: 'H0STASP0', NXT: 'H0NXASP0', UN: 'H0UNASP0', KFE: 'H0IFASP0' },
  expected: { KRX: 'H0STANC0', NXT: 'H0NXANC0', UN: 'H0UNANC0' },
  status: { KRX: 'H0STMKO0', NXT: 'H0NXMKO0', UN: 'H0UNMKO0' },
} as const satisfies Record<Stream, Partial<Record<Venue, string>>>;

export const INDEX_TR_ID = 'H0UPCNT0';
export const OVERSEAS_TRADE_TR_ID = 'HDFSCNT0';
/** Execution notices of an HTS id, by whose rules hold. */
export const NOTICE_TR_ID = { live: 'H0STCNI0', paper: 'H0STCNI9' } as const;

/** TRs that deliver all day long while their market is in session; the others may be silent for hours. */
export const STEADY_TR_IDS: ReadonlySet<string> = new Set([
  ...Object.values(STREAM_TR_IDS.trades),
  ...Object.values(STREAM_TR_IDS.books),
  INDEX_TR_ID,
]);

/** Execution notices: domestic stocks (and the old servers' alias), futures, options and overseas. */
export const NOTICE_TR_IDS: ReadonlySet<string> = new Set([
  'H0STCNI0',
  'H0STCNI9',
  'K0STCNI0',
  'K0STCNI9',
  'H0GSCNI0',
  'H0GSCNI9',
  'H0IFCNI0',
  'H0IFCNI9',
  'H0MFCNI0',
  'H0EUCNI0',
  'HDFFF1C0',
  'HDFFF2C0',
]);

export const PAPER_TR_IDS: ReadonlySet<string> = new Set(['H0STCNT0', 'H0STASP0', 'H0STCNI9', 'H0GSCNI9', 'H0IFCNI9']);

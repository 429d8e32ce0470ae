// The TRs that the emulator accepts, and what stands behind each. `silent` ones are acknowledged and deliver nothing:
// they are KIS's, and what they tell is not simulated.

export type TrContent =
  | 'trade'
  | 'book'
  | 'expected'
  | 'status'
  | 'index'
  | 'expected_index'
  | 'overseas_trade'
  | 'future_trade'
  | 'future_book'
  | 'notice'
  | 'silent';
export type TrVenue = 'KRX' | 'NXT' | 'UN';
/** What a key of the TR looks like: a stock's code, an index, an HTS id, or something else that KIS knows. */
export type TrKeyKind = 'stock' | 'index' | 'hts_id' | 'overseas' | 'future' | 'other';

export interface Tr {
  readonly content: TrContent;
  readonly venue: TrVenue;
  readonly keys: TrKeyKind;
}

const VENUES = { ST: 'KRX', NX: 'NXT', UN: 'UN' } as const satisfies Record<string, TrVenue>;
const OF_EACH_VENUE = [
  ['CNT0', 'trade'],
  ['ASP0', 'book'],
  ['ANC0', 'expected'],
  ['MKO0', 'status'],
  ['MBC0', 'silent'],
  ['PGM0', 'silent'],
] as const;
const NOTICES = ['H0STCNI0', 'H0STCNI9', 'H0GSCNI0', 'H0GSCNI9', 'H0IFCNI0', 'H0IFCNI9', 'H0MFCNI0', 'H0EUCNI0'];
const SILENT_STOCKS = ['H0STOUP0', 'H0STOAC0', 'H0STOAA0', 'H0STNAV0'];
/** ELWs, bonds, options, commodity, stock and night futures, overseas books and futures. */
const SILENT_OTHERS =
  'H0EWCNT0 H0EWASP0 H0EWANC0 H0BJCNT0 H0BJASP0 H0BICNT0 H0IOCNT0 H0IOASP0 H0CFCNT0 H0CFASP0 H0MFCNT0 H0MFASP0 ' +
  'H0EUCNT0 H0EUASP0 H0EUANC0 H0ZFCNT0 H0ZFASP0 H0ZFANC0 H0ZOCNT0 H0ZOASP0 H0ZOANC0 HDFSASP0 HDFSASP1 HDFFF010 HDFFF020';

function tr(content: TrContent, keys: TrKeyKind, venue: TrVenue = 'KRX'): Tr {
  return { content, keys, venue };
}

export const TRS: ReadonlyMap<string, Tr> = new Map<string, Tr>([
  ...Object.entries(VENUES).flatMap(([prefix, venue]) =>
    OF_EACH_VENUE.map(([name, content]): [string, Tr] => [`H0${prefix}${name}`, tr(content, 'stock', venue)]),
  ),
  ['H0UPCNT0', tr('index', 'index')],
  ['H0UPANC0', tr('expected_index', 'index')],
  ['H0UPPGM0', tr('silent', 'index')],
  ['HDFSCNT0', tr('overseas_trade', 'overseas')],
  ['H0IFCNT0', tr('future_trade', 'future')],
  ['H0IFASP0', tr('future_book', 'future')],
  ...NOTICES.map((trId): [string, Tr] => [trId, tr('notice', 'hts_id')]),
  ...SILENT_STOCKS.map((trId): [string, Tr] => [trId, tr('silent', 'stock')]),
  ...SILENT_OTHERS.split(' ').map((trId): [string, Tr] => [trId, tr('silent', 'other')]),
]);

const PAPER = new Set(['H0STCNT0', 'H0STASP0', 'H0STCNI9', 'H0GSCNI9', 'H0IFCNI9']);
const PAPER_NOTICE = /CNI9$/;

/** Live offers all but the paper notices; paper offers KRX trades and books, and its own notices. */
export function isOffered(trId: string, environment: 'live' | 'paper'): boolean {
  return environment === 'paper' ? PAPER.has(trId) : TRS.has(trId) && !PAPER_NOTICE.test(trId);
}

// The TRs that the emulator accepts, and what stands behind each. `silent` ones are acknowledged and deliver nothing,
// as event-driven TRs do on a quiet day.

export type TrContent = 'trade' | 'book' | 'index' | 'notice' | 'silent';
export type TrVenue = 'KRX' | 'NXT' | 'UN';

export interface Tr {
  readonly content: TrContent;
  readonly venue: TrVenue;
}

const KRX_ONLY = ['H0STMKO0', 'H0STANC0', 'H0STMBC0', 'H0STPGM0', 'H0STOUP0', 'H0STOAC0', 'H0STOAA0', 'H0STNAV0'];
const NXT_ONLY = ['H0NXMKO0', 'H0NXANC0', 'H0NXMBC0', 'H0NXPGM0'];
const UNIFIED_ONLY = ['H0UNMKO0', 'H0UNANC0', 'H0UNMBC0', 'H0UNPGM0'];
const SILENT_INDEX = ['H0UPANC0', 'H0UPPGM0'];

function silent(trIds: readonly string[], venue: TrVenue): [string, Tr][] {
  return trIds.map((trId) => [trId, { content: 'silent', venue }]);
}

export const TRS: ReadonlyMap<string, Tr> = new Map<string, Tr>([
  ['H0STCNT0', { content: 'trade', venue: 'KRX' }],
  ['H0NXCNT0', { content: 'trade', venue: 'NXT' }],
  ['H0UNCNT0', { content: 'trade', venue: 'UN' }],
  ['H0STASP0', { content: 'book', venue: 'KRX' }],
  ['H0NXASP0', { content: 'book', venue: 'NXT' }],
  ['H0UNASP0', { content: 'book', venue: 'UN' }],
  ['H0UPCNT0', { content: 'index', venue: 'KRX' }],
  ['H0STCNI0', { content: 'notice', venue: 'KRX' }],
  ['H0STCNI9', { content: 'notice', venue: 'KRX' }],
  ...silent(KRX_ONLY, 'KRX'),
  ...silent(NXT_ONLY, 'NXT'),
  ...silent(UNIFIED_ONLY, 'UN'),
  ...silent(SILENT_INDEX, 'KRX'),
]);

const PAPER = new Set(['H0STCNT0', 'H0STASP0', 'H0STCNI9']);

/** Live offers all but the paper notices; paper offers trades, books and its own notices. */
export function isOffered(trId: string, environment: 'live' | 'paper'): boolean {
  return environment === 'paper' ? PAPER.has(trId) : TRS.has(trId) && trId !== 'H0STCNI9';
}

export function isIndexTr(trId: string): boolean {
  return trId.startsWith('H0UP');
}

// One registration at KIS: what is asked for, how it is named, and how much of it others may see.
import { isKorean, type Venue } from '../../../config/venues.ts';
import { NOTICE_TR_IDS, OVERSEAS_TRADE_TR_ID, STREAM_TR_IDS, type Stream } from './tr-ids.ts';

/** A TR and its key: a stock's code, an index's, or the HTS id for execution notices. */
export interface KisRegistration {
  readonly trId: string;
  readonly trKey: string;
}

export interface WantedRegistration extends KisRegistration {
  /** 0 is most important. Equal priority: the order given. */
  readonly priority: number;
}

/** What delivers this stream of a symbol; null where KIS has none. An overseas key is of the free, delayed feed (D). */
export function streamRegistration(stream: Stream, venue: Venue, code: string): KisRegistration | null {
  if (!isKorean(venue)) return stream === 'trades' ? { trId: OVERSEAS_TRADE_TR_ID, trKey: `D${venue}${code}` } : null;
  const trIds: Partial<Record<Venue, string>> = STREAM_TR_IDS[stream];
  const trId = trIds[venue];
  return trId === undefined ? null : { trId, trKey: code };
}

/** What is registered twice has this name twice. */
export function registrationName({ trId, trKey }: KisRegistration): string {
  return `${trId}|${trKey}`;
}

/** The key of a registration as others may see it: an HTS id is personal. */
export function visibleKey({ trId, trKey }: KisRegistration): string {
  return NOTICE_TR_IDS.has(trId) ? '' : trKey;
}

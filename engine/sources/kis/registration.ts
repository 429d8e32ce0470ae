// One registration at KIS: what is asked for, how it is named, and how much of it others may see.
import { NOTICE_TR_IDS } from './tr-ids.ts';

/** A TR and its key: a stock's code, an index's, or the HTS id for execution notices. */
export interface KisRegistration {
  readonly trId: string;
  readonly trKey: string;
}

export interface WantedRegistration extends KisRegistration {
  /** 0 is most important. Equal priority: the order given. */
  readonly priority: number;
}

/** What is registered twice has this name twice. */
export function registrationName({ trId, trKey }: KisRegistration): string {
  return `${trId}|${trKey}`;
}

/** The key of a registration as others may see it: an HTS id is personal. */
export function visibleKey({ trId, trKey }: KisRegistration): string {
  return NOTICE_TR_IDS.has(trId) ? '' : trKey;
}

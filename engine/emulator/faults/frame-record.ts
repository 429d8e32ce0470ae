// A plain data frame taken apart into its records, and put together again; what its loss is worth. For faults only, which
// are rare: nothing on the way of a clean frame comes here.
//
//   0|H0STCNT0|002|005930^093015^…^2^005930^093015^…^2
//     TR        count └─ record ───┘ └─ record ───┘

export interface Frame {
  readonly trId: string;
  /** Fields of each record. */
  readonly records: readonly string[][];
}

/** What a client cannot know any more; shares and won where the records are trades, won where they are domestic. */
export interface Loss {
  readonly recordsLost: number;
  readonly sharesLost: number;
  readonly wonLost: number;
}

export const NO_LOSS: Loss = { recordsLost: 0, sharesLost: 0, wonLost: 0 };

export type FrameKind = 'trade' | 'book' | 'index' | 'further_trade' | 'other';

export const TRADE = { time: 1, price: 2, volume: 12, turnover: 14, businessDate: 33 } as const;
const FURTHER_VOLUME: Readonly<Record<string, number>> = { HDFSCNT0: 19, H0IFCNT0: 9 };

export function frameKind(trId: string): FrameKind {
  if (/^H0(ST|NX|UN)CNT0$/.test(trId)) return 'trade';
  if (/^H0(ST|NX|UN)ASP0$/.test(trId)) return 'book';
  if (trId === 'H0UPCNT0') return 'index';
  return trId in FURTHER_VOLUME ? 'further_trade' : 'other';
}

/** Undefined for what is no whole plain frame, as a recording may hold. */
export function parseFrame(text: string): Frame | undefined {
  const [flag, trId, count, payload] = text.split('|');
  const fields = payload?.split('^') ?? [];
  const width = fields.length / Number(count);
  if (flag !== '0' || !Number.isInteger(width)) return undefined;
  const records = Array.from({ length: Number(count) }, (_, at) => fields.slice(at * width, (at + 1) * width));
  return { trId, records };
}

export function frameText({ trId, records }: Frame): string {
  const payload = records.map((fields) => fields.join('^')).join('^');
  return `0|${trId}|${String(records.length).padStart(3, '0')}|${payload}`;
}

export function lossOf({ trId, records }: Frame): Loss {
  const kind = frameKind(trId);
  const volumeField = kind === 'trade' ? TRADE.volume : FURTHER_VOLUME[trId];
  let sharesLost = 0;
  let wonLost = 0;
  for (const fields of records) {
    if (volumeField === undefined) continue;
    const volume = Number(fields[volumeField]);
    sharesLost += volume;
    if (kind === 'trade') wonLost += volume * Number(fields[TRADE.price]);
  }
  return { recordsLost: records.length, sharesLost, wonLost };
}

export function sumOf(one: Loss, other: Loss): Loss {
  return {
    recordsLost: one.recordsLost + other.recordsLost,
    sharesLost: one.sharesLost + other.sharesLost,
    wonLost: one.wonLost + other.wonLost,
  };
}

// What changed from one day's instruments to the next: listed, delisted, renamed. A code that changes hands (a delisted
// stock's code is not given again for years) is taken for a new name.
import type { InstrumentReference, InstrumentsReference } from './reference.ts';

export type InstrumentChanges = Pick<InstrumentsReference, 'listed' | 'delisted' | 'renamed'>;

/** All three in the order of codes; empty where there is nothing to compare with. */
export function instrumentChanges(
  before: readonly InstrumentReference[] | null,
  now: readonly InstrumentReference[],
): InstrumentChanges {
  if (before === null) return { listed: [], delisted: [], renamed: [] };
  const names = new Map(before.map(({ code, nameKo }) => [code, nameKo]));
  const codes = new Set(now.map(({ code }) => code));
  const sorted = now.toSorted((one, other) => (one.code < other.code ? -1 : 1));
  return {
    listed: sorted.filter(({ code }) => !names.has(code)).map(({ code }) => code),
    delisted: [...names.keys()].filter((code) => !codes.has(code)).sort(),
    renamed: sorted.flatMap(({ code, nameKo }) => {
      const from = names.get(code);
      return from === undefined || from === nameKo ? [] : [{ code, from, to: nameKo }];
    }),
  };
}

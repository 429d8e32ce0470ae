// What every view is given: the state to draw, the words and colours to draw it in, and which instrument is chosen.
import type { Appearance } from './appearance.ts';
import type { InstrumentState, MarketState } from './market-state.ts';
import type { Translation } from './translation.ts';

export interface PageContext {
  readonly state: MarketState;
  readonly translation: Translation;
  readonly appearance: Appearance;
  /** The chosen instrument; '' before the first is known. */
  selected: string;
}

export function selectedState({ state, selected }: PageContext): InstrumentState | undefined {
  return state.instruments.get(selected);
}

/** The name in the reader's language, the code where no name is known. */
export function nameOf({ state, translation }: PageContext, instrument: string): string {
  const name = state.names.get(instrument);
  if (name === undefined) return instrument.split('.')[0] ?? instrument;
  return translation.language === 'ko' ? name.nameKo : name.nameEn;
}

/** Like `codeOf('005930.KRX') = '005930'`; the venue is added where it is not KRX. */
export function codeOf(instrument: string): string {
  return instrument.endsWith('.KRX') ? instrument.slice(0, -4) : instrument;
}

// All instruments of a state machine, found by name or (on the hot path, without making a string) by the decoder's
// index of their code; and when the next of them has something to do by time alone.
import { VENUES, type Venue } from './decode/records.ts';
import type { Instrument } from './instrument.ts';
import type { SavedInstrument } from './instrument-state.ts';

export interface SavedInstruments {
  readonly code: string;
  readonly venue: Venue;
  readonly saved: SavedInstrument;
}

export class Instruments {
  /** Engine time before which time alone changes nothing. */
  nextDueUs = Number.POSITIVE_INFINITY;
  private readonly make: (code: string, venue: Venue) => Instrument;
  private readonly byName = new Map<string, Instrument>();
  private readonly byCodeIndex: Record<Venue, Instrument[]> = Object.fromEntries(
    VENUES.map((venue) => [venue, []]),
  ) as never;

  constructor(make: (code: string, venue: Venue) => Instrument) {
    this.make = make;
  }

  at(codeIndex: number, code: (index: number) => string, venue: Venue): Instrument {
    const byCode = this.byCodeIndex[venue];
    byCode[codeIndex] ??= this.named(code(codeIndex), venue);
    return byCode[codeIndex];
  }

  named(code: string, venue: Venue): Instrument {
    const name = `${code}.${venue}`;
    let instrument = this.byName.get(name);
    if (instrument === undefined) {
      instrument = this.make(code, venue);
      this.byName.set(name, instrument);
    }
    return instrument;
  }

  /** By its whole name, `005930.KRX`. */
  find(name: string): Instrument | undefined {
    return this.byName.get(name);
  }

  all(): Iterable<Instrument> {
    return this.byName.values();
  }

  /** The instrument changed: it may have something to do earlier than all others. */
  expect(instrument: Instrument): void {
    this.nextDueUs = Math.min(this.nextDueUs, instrument.dueUs);
  }

  /** Records of all of them may be missing from here on. */
  interrupt(timeUs: number): void {
    for (const instrument of this.byName.values()) instrument.interrupt(timeUs);
  }

  /** Does what time alone does. */
  advance(timeUs: number): void {
    this.nextDueUs = Number.POSITIVE_INFINITY;
    for (const instrument of this.byName.values()) {
      instrument.advance(timeUs);
      this.expect(instrument);
    }
  }

  /** Trades that came too late for a bar. */
  get lateTrades(): number {
    let total = 0;
    for (const { bars } of this.byName.values()) total += bars.lateTrades;
    return total;
  }

  clear(): void {
    this.byName.clear();
    for (const venue of VENUES) this.byCodeIndex[venue].length = 0;
    this.nextDueUs = Number.POSITIVE_INFINITY;
  }

  save(): SavedInstruments[] {
    return [...this.byName.values()].map((one) => ({ code: one.code, venue: one.venue, saved: one.save() }));
  }

  load(all: readonly SavedInstruments[]): void {
    for (const { code, venue, saved } of all) {
      const instrument = this.named(code, venue);
      instrument.load(saved);
      this.expect(instrument);
    }
  }
}

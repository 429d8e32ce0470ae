// All instruments of a state machine, found by name or (on the hot path, without making a string) by the decoder's
// index of their code; and when the next of them has something to do by time alone.
import { VENUES, type Venue } from './decode/records.ts';
import { DueQueue } from './due-queue.ts';
import type { Instrument } from './instrument.ts';
import type { SavedInstrument } from './instrument-state.ts';

export interface SavedInstruments {
  readonly code: string;
  readonly venue: Venue;
  readonly saved: SavedInstrument;
}

export class Instruments {
  /** Whether a code is followed here: of many partitions, each follows its own. */
  readonly owns: (code: string) => boolean;
  private readonly make: (code: string, venue: Venue) => Instrument;
  private readonly timeUs: () => number;
  private readonly byName = new Map<string, Instrument>();
  /** In the order in which they were made, which is also the order of those that are due at one time. */
  private readonly made: Instrument[] = [];
  private readonly due = new DueQueue();
  private readonly byCodeIndex: Record<Venue, Instrument[]> = Object.fromEntries(
    VENUES.map((venue) => [venue, []]),
  ) as never;

  /** @param timeUs engine time of the entry that is applied */
  constructor(
    make: (code: string, venue: Venue) => Instrument,
    timeUs: () => number,
    owns: (code: string) => boolean = () => true,
  ) {
    this.owns = owns;
    this.make = make;
    this.timeUs = timeUs;
  }

  at(codeIndex: number, code: (index: number) => string, venue: Venue): Instrument {
    const byCode = this.byCodeIndex[venue];
    byCode[codeIndex] ??= this.named(code(codeIndex), venue);
    return byCode[codeIndex];
  }

  named(code: string, venue: Venue): Instrument {
    return this.byName.get(`${code}.${venue}`) ?? this.begin(code, venue);
  }

  /** By its whole name, `005930.KRX`. */
  find(name: string): Instrument | undefined {
    return this.byName.get(name);
  }

  all(): Iterable<Instrument> {
    return this.byName.values();
  }

  /** The instrument changed: when time alone has something to do for it may have changed as well. */
  expect(instrument: Instrument): void {
    this.due.expect(instrument.number, instrument.dueUs);
  }

  /** Records of all of them may be missing from here on. */
  interrupt(timeUs: number): void {
    for (const instrument of this.byName.values()) instrument.interrupt(timeUs);
  }

  /** A record of the instrument comes: what time alone does comes first. */
  reach(instrument: Instrument, timeUs: number): void {
    if (timeUs < instrument.dueUs) return;
    instrument.advance(timeUs);
    this.expect(instrument);
  }

  /**
   * Does what time alone does. For entries that concern every code: what time does to an instrument never hangs on the
   * records of others, so that it comes out the same in any partition.
   */
  advance(timeUs: number): void {
    if (timeUs < this.due.nextUs) return;
    for (let number = this.due.take(timeUs); number !== -1; number = this.due.take(timeUs)) {
      const instrument = this.made[number];
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
    this.made.length = 0;
    this.due.clear();
  }

  save(): SavedInstruments[] {
    return [...this.byName.values()].map((one) => ({ code: one.code, venue: one.venue, saved: one.save() }));
  }

  load(all: readonly SavedInstruments[]): void {
    for (const { code, venue, saved } of all) {
      const instrument = this.add(code, venue);
      instrument.load(saved);
      this.expect(instrument);
    }
  }

  /** Says what trading is like for it at once, and not when the next of the others happens to be due. */
  private begin(code: string, venue: Venue): Instrument {
    const instrument = this.add(code, venue);
    instrument.advance(this.timeUs());
    this.expect(instrument);
    return instrument;
  }

  private add(code: string, venue: Venue): Instrument {
    const instrument = this.make(code, venue);
    this.byName.set(instrument.name, instrument);
    instrument.number = this.made.push(instrument) - 1;
    return instrument;
  }
}

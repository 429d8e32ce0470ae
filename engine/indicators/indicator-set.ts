// The indicators of one instrument and time frame, their states side by side in one array: saving all is one copy.
// Nothing here knows a formula.
import { defaultIndicators } from './catalogue.ts';
import type { IndicatorDefinition } from './definition.ts';
import { Fold, stateLength } from './fold.ts';
import type { Drive, Sample } from './indicator.ts';

export class IndicatorSet {
  /** Names of all outputs, in the order in which `write` puts their values. */
  readonly names: readonly string[];
  private readonly state: Float64Array;
  private readonly all: readonly Fold[];
  private readonly onTrade: readonly Fold[];
  private readonly onBook: readonly Fold[];
  /** The state seen as int32, for the heads in it. */
  private readonly heads: Int32Array;
  /** Two for each output: where in `heads` its indicator's head is, and where in `state` it would be if that were 0. */
  private readonly outputAt: Int32Array;

  constructor(definitions: readonly IndicatorDefinition[] = defaultIndicators()) {
    this.state = new Float64Array(definitions.reduce((length, definition) => length + stateLength(definition), 0));
    const outputAt: number[] = [];
    let start = 0;
    this.all = definitions.map((definition) => {
      const end = start + stateLength(definition);
      for (let i = 0; i < definition.outputs.length; i++) outputAt.push(2 * start, start + i);
      const indicator = new Fold(definition, this.state.subarray(start, end));
      start = end;
      return indicator;
    });
    this.names = definitions.flatMap((definition) => definition.outputs);
    if (new Set(this.names).size !== this.names.length) throw new RangeError(`an indicator is doubled: ${this.names}`);
    this.heads = new Int32Array(this.state.buffer);
    this.outputAt = Int32Array.from(outputAt);
    this.onTrade = this.all.filter((indicator) => indicator.drive === 'trade');
    this.onBook = this.all.filter((indicator) => indicator.drive === 'book');
  }

  /** Appends a trade, or the first of a bar. */
  updateTrade(sample: Sample): void {
    const { onTrade } = this;
    for (let i = 0; i < onTrade.length; i++) onTrade[i].update(sample);
  }

  /** Puts the bar as it is now in the place of the bar as it was. */
  replaceTrade(sample: Sample): void {
    const { onTrade } = this;
    for (let i = 0; i < onTrade.length; i++) onTrade[i].replace(sample);
  }

  /** Appends a change of the book. */
  updateBook(sample: Sample): void {
    const { onBook } = this;
    for (let i = 0; i < onBook.length; i++) onBook[i].update(sample);
  }

  /** Trades were lost in front of the next one; the sample stands for all of them at their mean price. */
  gap(lost: Sample): void {
    for (const indicator of this.onTrade) {
      if (indicator.mendsGaps) indicator.update(lost);
      else indicator.reset();
    }
  }

  /** Begins anew with all that is driven so. */
  restart(drive: Drive): void {
    for (const indicator of this.all) if (indicator.drive === drive) indicator.reset();
  }

  /** Writes the values, NaN where not warm, to the first `names.length` places of `out`. */
  write(out: Float64Array): void {
    const { state, heads, outputAt } = this;
    const count = this.names.length;
    for (let i = 0; i < count; i++) out[i] = state[heads[outputAt[2 * i]] + outputAt[2 * i + 1]];
  }

  reset(): void {
    for (const indicator of this.all) indicator.reset();
  }

  /** A copy of everything that changes; it fits a set of the same definitions in the same order, and no other. */
  save(): Float64Array {
    return this.state.slice();
  }

  /** @throws RangeError where the length is not that of this set. */
  load(saved: Float64Array): void {
    if (saved.length !== this.state.length) {
      throw new RangeError(`saved state has ${saved.length} numbers, this set ${this.state.length}`);
    }
    this.state.set(saved);
  }
}

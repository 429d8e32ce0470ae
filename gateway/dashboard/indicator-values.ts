// The engine's own indicator values of the chosen instrument, in the chart's interval where the engine has that.
import { element, required, write } from './element.ts';
import type { View } from './frame.ts';
import { type PageContext, selectedState } from './page-context.ts';

export class IndicatorValues implements View {
  private readonly root: HTMLElement;
  private readonly context: PageContext;
  private readonly interval: () => string;
  private readonly cells = new Map<string, HTMLElement>();

  constructor(root: HTMLElement, context: PageContext, interval: () => string) {
    this.root = root;
    this.context = context;
    this.interval = interval;
  }

  render(): void {
    const { translation } = this.context;
    const indicators = selectedState(this.context)?.indicators;
    const [firstVariant] = indicators?.keys() ?? [];
    const variant = indicators?.has(this.interval()) ? this.interval() : firstVariant;
    const values = Object.entries((variant === undefined ? undefined : indicators?.get(variant))?.values ?? {});
    this.arrange(values.map(([name]) => name));
    for (const [name, value] of values) {
      write(this.cells.get(name) as HTMLElement, translation.format.value(value));
    }
    write(required(this.root, '[data-part=variant]'), variant ?? '');
    write(required(this.root, '[data-part=note]'), values.length === 0 ? translation.text('indicators.empty') : '');
  }

  /** One line per name, made anew only where the names changed. */
  private arrange(names: readonly string[]): void {
    if (names.length === this.cells.size && names.every((name) => this.cells.has(name))) return;
    this.cells.clear();
    const lines = names.map((name) => {
      const value = element('dd', 'number');
      this.cells.set(name, value);
      return element('div', '', element('dt', '', indicatorLabel(name)), value);
    });
    required(this.root, 'dl').replaceChildren(...lines);
  }
}

/** `macd12-26-9.signal` → `MACD 12-26-9 signal`: abbreviations in capitals, words as they are. */
export function indicatorLabel(name: string): string {
  return name
    .replace(/[._]/g, ' ')
    .replace(/([a-z])-(?=[a-z])/gi, '$1 ')
    .replace(/([a-z])(?=\d)/gi, '$1 ')
    .split(' ')
    .map((word, i) => (i === 0 && /^[a-z]{2,4}$/.test(word) ? word.toUpperCase() : word))
    .join(' ');
}

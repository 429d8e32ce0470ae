// The engine's own indicator values of the chosen instrument, in the chart's interval where the engine has that; dimmed
// where records are missing in what they look back on.
import { element, mark, required, write } from './element.ts';
import type { View } from './frame.ts';
import { type PageContext, selectedState } from './page-context.ts';

interface Line {
  readonly label: HTMLElement;
  readonly number: HTMLElement;
}

export class IndicatorValues implements View {
  private readonly root: HTMLElement;
  private readonly context: PageContext;
  private readonly interval: () => string;
  private readonly lines = new Map<string, Line>();

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
    const message = variant === undefined ? undefined : indicators?.get(variant);
    const values = Object.entries(message?.values ?? {});
    this.arrange(values.map(([name]) => name));
    for (const [name, value] of values) {
      const { label, number } = this.lines.get(name) as Line;
      write(label, translation.indicator(name));
      write(number, translation.format.value(value));
    }
    write(required(this.root, '[data-part=variant]'), variant ?? '');
    this.tellWhetherComplete(message?.complete !== false);
    write(required(this.root, '[data-part=note]'), values.length === 0 ? translation.text('indicators.empty') : '');
  }

  private tellWhetherComplete(complete: boolean): void {
    const { translation } = this.context;
    mark(this.root, 'complete', String(complete));
    const why = complete ? '' : translation.text('indicators.incompleteDetail');
    write(required(this.root, '[data-part=incomplete]'), complete ? '' : translation.text('indicators.incomplete'));
    for (const selector of ['[data-part=incomplete]', 'dl']) {
      const node = required(this.root, selector);
      if (node.title !== why) node.title = why;
    }
  }

  /** One line per name, made anew only where the names changed. */
  private arrange(names: readonly string[]): void {
    if (names.length === this.lines.size && names.every((name) => this.lines.has(name))) return;
    this.lines.clear();
    const nodes = names.map((name) => {
      const line = { label: element('dt'), number: element('dd', 'number') };
      this.lines.set(name, line);
      return element('div', '', line.label, line.number);
    });
    required(this.root, 'dl').replaceChildren(...nodes);
  }
}

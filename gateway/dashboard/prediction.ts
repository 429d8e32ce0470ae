// What the model expects of the next move of the mid price: two probabilities, or why there are none.
import { element, mark, required, Sparkline, stretch, write } from './element.ts';
import type { View } from './frame.ts';
import { type PageContext, selectedState } from './page-context.ts';

/** Models listed beside the first. */
const MODELS_MAX = 6;
const HISTORY_REACH_MIN = 0.05;

export class Prediction implements View {
  private readonly root: HTMLElement;
  private readonly context: PageContext;
  private readonly history = new Sparkline();

  constructor(root: HTMLElement, context: PageContext) {
    this.root = root;
    this.context = context;
    required(root, '.prediction-history').append(this.history.node);
  }

  render(): void {
    const { translation } = this.context;
    const { format } = translation;
    const state = selectedState(this.context);
    const [main, ...others] = state === undefined ? [] : [...state.predictions].slice(0, MODELS_MAX);
    const prediction = main?.[1];
    const given = prediction !== undefined && prediction.abstained === null;
    mark(this.root, 'given', String(given));

    this.put('up', format.percent(given ? prediction.up : null));
    this.put('down', format.percent(given ? prediction.down : null));
    stretch(required(this.root, '.prediction-up-bar'), given ? prediction.up : 0.5);
    mark(
      this.root,
      'lean',
      !given || prediction.up === prediction.down ? 'flat' : prediction.up > 0.5 ? 'rise' : 'fall',
    );
    this.put('note', this.note(prediction?.abstained));
    this.put('model', main?.[0] || '–');
    this.put('mid', format.number(prediction?.mid));
    this.put('time', prediction === undefined ? '–' : format.timeOfDay(prediction.timeUs));

    const probabilities = state?.probabilities.toArray() ?? [];
    this.put('history', translation.text('prediction.history', { count: probabilities.length }));
    // An even chance stays in the middle; the scale opens as far as the boldest prediction, but never to a hair's width.
    const reach = probabilities.reduce((most, up) => Math.max(most, Math.abs(up - 0.5)), HISTORY_REACH_MIN);
    this.history.draw(probabilities, 0.5 - reach, 0.5 + reach);

    const lines = others.map(([model, other]) => {
      const up = other.abstained === null ? format.percent(other.up) : translation.code('reason', other.abstained);
      return element('li', '', element('span', '', model), element('span', 'number', up));
    });
    required(this.root, '.prediction-models').replaceChildren(...lines);
  }

  private note(abstained: string | null | undefined): string {
    const { translation } = this.context;
    if (abstained === undefined) return translation.text('prediction.empty');
    if (abstained === null) return '';
    return `${translation.text('prediction.abstains')}: ${translation.code('reason', abstained)}`;
  }

  private put(part: string, text: string): void {
    write(required(this.root, `[data-part=${part}]`), text);
  }
}

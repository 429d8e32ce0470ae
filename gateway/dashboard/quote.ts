// The head of the chart: name, session and conditions of trading, last price and the day's figures of the chosen
// instrument.
import { directionOf, mark, required, write } from './element.ts';
import { changeRatio } from './format.ts';
import type { View } from './frame.ts';
import { codeOf, nameOf, type PageContext, selectedState } from './page-context.ts';
import { Badge, tradingConditions } from './trading-badges.ts';

/** As many conditions as can hold at once. */
const BADGES = 5;

export class Quote implements View {
  private readonly root: HTMLElement;
  private readonly context: PageContext;
  private readonly badges = Array.from({ length: BADGES }, () => new Badge());

  constructor(root: HTMLElement, context: PageContext) {
    this.root = root;
    this.context = context;
    required(root, '[data-part=badges]').append(...this.badges.map(({ node }) => node));
  }

  render(): void {
    const { translation, selected } = this.context;
    const { format } = translation;
    const state = selectedState(this.context);
    const tick = state?.lastTick;
    const bid = state?.book?.bids[0]?.[0];
    const ask = state?.book?.asks[0]?.[0];
    this.put('name', selected === '' ? translation.text('page.empty') : nameOf(this.context, selected));
    this.put('code', codeOf(selected));
    const market = state?.market ?? null;
    this.put('session', market === null ? '–' : translation.code('market', market.phase));
    const conditions = tradingConditions(market);
    for (const [i, badge] of this.badges.entries()) {
      const condition = conditions[i];
      if (condition === undefined) badge.hide();
      else badge.showCondition(condition, translation);
    }
    this.put('price', format.number(tick?.price));
    this.put(
      'change',
      tick === undefined
        ? ''
        : `${format.signed(tick.change)} (${format.change(changeRatio(tick.price, tick.change))})`,
    );
    this.put('volume', format.compact(tick?.accumulatedVolume));
    this.put('turnover', format.compact(tick?.accumulatedTurnover));
    this.put('time', tick === undefined ? '–' : format.timeOfDay(tick.exchangeTimeUs));
    this.put('spread', bid === undefined || ask === undefined || ask <= bid ? '–' : format.number(ask - bid));
    mark(this.root, 'direction', directionOf(tick?.change ?? 0));
  }

  private put(part: string, text: string): void {
    write(required(this.root, `[data-part=${part}]`), text);
  }
}

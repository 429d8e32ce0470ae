// The watch list: every instrument with its last price, change, the last minute, the prediction's lean, and a badge where
// it does not trade as usual.
// At most ROWS_MAX rows stand on the page; the search reaches the rest.
import { directionOf, element, mark, required, Sparkline, write } from './element.ts';
import { changeRatio } from './format.ts';
import type { View } from './frame.ts';
import type { InstrumentState } from './market-state.ts';
import { codeOf, nameOf, type PageContext } from './page-context.ts';
import { Badge, tradingConditions } from './trading-badges.ts';

const ROWS_MAX = 100;
const FLASH_INTERVAL_MS = 1500;

export class WatchList implements View {
  private readonly context: PageContext;
  private readonly list: HTMLElement;
  private readonly note: HTMLElement;
  private readonly search: HTMLInputElement;
  private readonly rows = new Map<string, WatchRow>();
  private readonly onSelect: (instrument: string) => void;

  constructor(root: HTMLElement, context: PageContext, onSelect: (instrument: string) => void, changed: () => void) {
    this.context = context;
    this.onSelect = onSelect;
    this.list = required(root, '.watch-rows');
    this.note = required(root, '.watch-note');
    this.search = required(root, 'input');
    this.search.addEventListener('input', changed);
  }

  render(nowMs: number): void {
    const wanted = this.search.value.trim().toLowerCase();
    const matching = [...this.context.state.instruments.keys()].filter((instrument) =>
      this.matches(instrument, wanted),
    );
    const shown = matching.slice(0, ROWS_MAX);
    const { translation } = this.context;
    for (const [i, instrument] of shown.entries()) {
      const row = this.row(instrument);
      if (this.list.children[i] !== row.node) this.list.insertBefore(row.node, this.list.children[i] ?? null);
      const state = this.context.state.instruments.get(instrument);
      if (state !== undefined) row.draw(this.context, state, nowMs);
    }
    while (this.list.children.length > shown.length) this.list.lastElementChild?.remove();
    const hidden = matching.length - shown.length;
    if (hidden > 0) write(this.note, translation.text('watch.more', { count: hidden }));
    else if (shown.length > 0) write(this.note, '');
    else write(this.note, translation.text(wanted === '' ? 'page.empty' : 'watch.noMatch'));
  }

  private matches(instrument: string, wanted: string): boolean {
    if (wanted === '') return true;
    const name = this.context.state.names.get(instrument);
    const texts = [instrument, name?.nameKo ?? '', name?.nameEn ?? ''];
    return texts.some((text) => text.toLowerCase().includes(wanted));
  }

  private row(instrument: string): WatchRow {
    let row = this.rows.get(instrument);
    if (row === undefined) {
      row = new WatchRow(instrument, () => this.onSelect(instrument));
      this.rows.set(instrument, row);
    }
    return row;
  }
}

class WatchRow {
  readonly node: HTMLLIElement;
  private readonly instrument: string;
  private readonly button = element('button', 'watch-row');
  private readonly name = element('span', 'watch-name');
  private readonly code = element('span', 'watch-code');
  private readonly price = element('span', 'watch-price');
  private readonly change = element('span', 'watch-change');
  private readonly lean = element('span', 'watch-lean');
  private readonly badge = new Badge();
  private readonly trail = new Sparkline();
  private drawnPrice = Number.NaN;
  private drawnTrail: number | undefined;
  private drawnTrailLength = 0;
  private flashedMs = 0;

  constructor(instrument: string, onSelect: () => void) {
    this.instrument = instrument;
    this.button.type = 'button';
    this.button.dataset.instrument = instrument;
    this.button.append(
      this.name,
      element('span', 'watch-detail', this.code, this.badge.node, this.lean),
      this.trail.node,
      this.price,
      this.change,
    );
    this.button.addEventListener('click', onSelect);
    this.node = element('li', '', this.button);
  }

  draw(context: PageContext, state: InstrumentState, nowMs: number): void {
    const { format } = context.translation;
    write(this.name, nameOf(context, this.instrument));
    write(this.code, codeOf(this.instrument));
    this.button.setAttribute('aria-pressed', String(context.selected === this.instrument));
    this.drawBadge(context, state);

    const tick = state.lastTick;
    write(this.price, format.number(tick?.price));
    write(this.change, tick === undefined ? '' : format.change(changeRatio(tick.price, tick.change)));
    mark(this.button, 'direction', directionOf(tick?.change ?? 0));
    if (tick !== undefined && tick.price !== this.drawnPrice) {
      this.flash(tick.price - this.drawnPrice, nowMs);
      this.drawnPrice = tick.price;
    }
    // The newest point of the trail changes once a second, so the line is not drawn at every tick.
    if (state.trail.last !== this.drawnTrail || state.trail.length !== this.drawnTrailLength) {
      this.drawnTrail = state.trail.last;
      this.drawnTrailLength = state.trail.length;
      this.trail.draw(state.trail.toArray());
    }
    const prediction = state.prediction;
    const lean = prediction === undefined || prediction.abstained !== null ? 0 : prediction.up - 0.5;
    const sign = lean > 0 ? '▲' : '▼';
    write(this.lean, lean === 0 ? '' : `${sign} ${Math.round((0.5 + Math.abs(lean)) * 100)}%`);
    mark(this.lean, 'direction', directionOf(lean));
    this.lean.title = context.translation.text('watch.lean');
  }

  /** The gravest condition of its own, else a session in which it does not trade continuously. */
  private drawBadge({ translation }: PageContext, { market }: InstrumentState): void {
    const [condition] = tradingConditions(market).filter((one) => !one.startsWith('sidecar'));
    if (condition !== undefined) this.badge.showCondition(condition, translation);
    else if (market === null || market.phase === 'continuous') this.badge.hide();
    else {
      const { phase } = market;
      this.badge.show(translation.code('session', phase), translation.code('market', phase), '');
    }
  }

  private flash(change: number, nowMs: number): void {
    const first = Number.isNaN(change);
    if (first || nowMs - this.flashedMs < FLASH_INTERVAL_MS) return;
    this.flashedMs = nowMs;
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    const colour = `var(--${change > 0 ? 'rise' : 'fall'}-soft)`;
    this.price.animate([{ backgroundColor: colour }, { backgroundColor: 'transparent' }], 500);
  }
}

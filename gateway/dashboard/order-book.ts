// Ten levels each side in the Korean order: sellers above and left, prices in the middle, buyers below and right.
import { directionOf, element, mark, required, stretch, write } from './element.ts';
import type { View } from './frame.ts';
import { type PageContext, selectedState } from './page-context.ts';

const LEVELS = 10;
const BASIS_POINTS = 10_000;

interface LevelRow {
  readonly price: HTMLElement;
  readonly change: HTMLElement;
  readonly size: HTMLElement;
  readonly depth: HTMLElement;
}

export class OrderBook implements View {
  private readonly context: PageContext;
  private readonly root: HTMLElement;
  /** Best first, as in the message; the asks' rows stand on the page the other way round. */
  private readonly asks: LevelRow[] = [];
  private readonly bids: LevelRow[] = [];
  private readonly spread: HTMLElement;

  constructor(root: HTMLElement, context: PageContext) {
    this.root = root;
    this.context = context;
    const body = required(root, 'tbody');
    for (let i = 0; i < LEVELS; i++) this.asks.unshift(levelRow(body, 'ask'));
    const spread = element('td', 'book-spread');
    spread.colSpan = 3;
    this.spread = spread;
    body.append(element('tr', '', spread));
    for (let i = 0; i < LEVELS; i++) this.bids.push(levelRow(body, 'bid'));
  }

  render(): void {
    const { translation } = this.context;
    const { format } = translation;
    const state = selectedState(this.context);
    const book = state?.book;
    const bids = book?.bids ?? [];
    const asks = book?.asks ?? [];
    const tick = state?.lastTick;
    const previousClose = tick === undefined ? 0 : tick.price - tick.change;
    let sizeMax = 1;
    for (const [, size] of [...bids, ...asks]) sizeMax = Math.max(sizeMax, size);

    this.drawSide(this.asks, asks, sizeMax, previousClose, tick?.price);
    this.drawSide(this.bids, bids, sizeMax, previousClose, tick?.price);

    const bid = bids[0]?.[0];
    const ask = asks[0]?.[0];
    if (book === undefined || book === null) write(this.spread, translation.text('book.empty'));
    else if (bid === undefined || ask === undefined || ask <= bid) write(this.spread, translation.text('book.crossed'));
    else {
      const bp = (((ask - bid) / ((ask + bid) / 2)) * BASIS_POINTS).toFixed(1);
      write(this.spread, translation.text('book.spread', { won: format.number(ask - bid), bp: `${bp} bp` }));
    }
    const totalAsk = book?.totalAskSize ?? 0;
    const totalBid = book?.totalBidSize ?? 0;
    write(required(this.root, '[data-part=total-ask]'), book ? format.number(totalAsk) : '–');
    write(required(this.root, '[data-part=total-bid]'), book ? format.number(totalBid) : '–');
    stretch(required(this.root, '.book-balance-bar'), totalAsk + totalBid > 0 ? totalAsk / (totalAsk + totalBid) : 0.5);
  }

  private drawSide(
    rows: readonly LevelRow[],
    levels: readonly [price: number, size: number][],
    sizeMax: number,
    previousClose: number,
    lastPrice: number | undefined,
  ): void {
    const { format } = this.context.translation;
    for (const [i, row] of rows.entries()) {
      const level = levels[i];
      const price = level?.[0];
      const change = price === undefined || previousClose <= 0 ? 0 : price - previousClose;
      write(row.price, price === undefined ? '' : format.number(price));
      write(row.change, price === undefined || previousClose <= 0 ? '' : format.change(change / previousClose));
      write(row.size, level === undefined ? '' : format.number(level[1]));
      mark(row.price, 'direction', directionOf(change));
      mark(row.change, 'direction', directionOf(change));
      mark(row.price.parentElement as HTMLElement, 'last', String(price !== undefined && price === lastPrice));
      stretch(row.depth, level === undefined ? 0 : level[1] / sizeMax);
    }
  }
}

function levelRow(body: HTMLElement, side: 'ask' | 'bid'): LevelRow {
  const row = {
    price: element('span', 'book-price'),
    change: element('span', 'book-change'),
    size: element('span', 'book-size-text'),
    depth: element('span', 'book-depth'),
  };
  const size = element('td', `book-size book-${side}`, row.depth, row.size);
  const price = element('td', 'book-level', row.price, row.change);
  body.append(
    side === 'ask' ? element('tr', '', size, price, element('td')) : element('tr', '', element('td'), price, size),
  );
  return row;
}

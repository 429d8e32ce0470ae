// When each frame of the load is meant to leave: a pure function of the load's shape, known to every process, so that a
// client can tell the intended time of what it receives whatever happened on the way.
//
//   0          lead          lead + warm-up                              end
//   ├ books ────┼ trades, books ┼ trades, books: what is measured ─────────┤

export interface LoadShape {
  readonly symbols: number;
  readonly clients: number;
  readonly symbolsPerClient: number;
  /** Trade frames, over all symbols, evenly spaced, symbols in turn. */
  readonly framesPerSecond: number;
  readonly recordsPerFrame: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

/** Books of each symbol in front of its first trade, so that predictions are given. */
const LEAD_BOOKS = 3;
const LEAD_SPACING_US = 500;
const US_PER_SECOND = 1_000_000;
/** After the lead each symbol's book follows once a second, between two trade frames. */
const BOOK_SHIFT = 0.5;

export class Schedule {
  readonly shape: LoadShape;
  /** By frame in the order of sending: intended time, µs after the start. */
  readonly dueUs: Float64Array;
  readonly symbol: Uint16Array;
  readonly isBook: Uint8Array;
  readonly tradeFramesPerSymbol: number;
  readonly booksPerSymbol: number;
  /** Frames with an intended time in [from, to) are measured, µs after the start. */
  readonly measuredFromUs: number;
  readonly measuredToUs: number;
  /** Frames by symbol × number within the symbol. */
  private readonly tradeFrames: Int32Array;
  private readonly bookFrames: Int32Array;

  constructor(shape: LoadShape) {
    const { symbols, framesPerSecond, warmUpSeconds, seconds } = shape;
    this.shape = shape;
    const duration = warmUpSeconds + seconds;
    const leadUs = LEAD_BOOKS * symbols * LEAD_SPACING_US;
    const frameUs = US_PER_SECOND / framesPerSecond;
    this.measuredFromUs = leadUs + warmUpSeconds * US_PER_SECOND;
    this.measuredToUs = leadUs + duration * US_PER_SECOND;
    this.tradeFramesPerSymbol = Math.ceil((framesPerSecond * duration) / symbols);
    this.booksPerSymbol = LEAD_BOOKS + Math.ceil(duration);

    const total = symbols * (this.tradeFramesPerSymbol + this.booksPerSymbol);
    this.dueUs = new Float64Array(total);
    this.symbol = new Uint16Array(total);
    this.isBook = new Uint8Array(total);
    this.tradeFrames = new Int32Array(symbols * this.tradeFramesPerSymbol);
    this.bookFrames = new Int32Array(symbols * this.booksPerSymbol);
    const tradeDueUs = (i: number) => leadUs + i * frameUs;
    const bookDueUs = (i: number) =>
      i < LEAD_BOOKS * symbols
        ? i * LEAD_SPACING_US
        : leadUs + BOOK_SHIFT * frameUs + ((i - LEAD_BOOKS * symbols) * US_PER_SECOND) / symbols;
    let trade = 0;
    let book = 0;
    for (let frame = 0; frame < total; frame++) {
      const isBook =
        trade === this.tradeFrames.length || (book < this.bookFrames.length && bookDueUs(book) < tradeDueUs(trade));
      const number = isBook ? book++ : trade++;
      const symbol = number % symbols;
      const within = Math.floor(number / symbols);
      this.dueUs[frame] = isBook ? bookDueUs(number) : tradeDueUs(number);
      this.symbol[frame] = symbol;
      this.isBook[frame] = isBook ? 1 : 0;
      if (isBook) this.bookFrames[symbol * this.booksPerSymbol + within] = frame;
      else this.tradeFrames[symbol * this.tradeFramesPerSymbol + within] = frame;
    }
  }

  get length(): number {
    return this.dueUs.length;
  }

  get durationUs(): number {
    return this.dueUs[this.length - 1];
  }

  get ticks(): number {
    return this.tradeFrames.length * this.shape.recordsPerFrame;
  }

  tradeFrame(symbol: number, number: number): number {
    return this.tradeFrames[symbol * this.tradeFramesPerSymbol + number];
  }

  bookFrame(symbol: number, number: number): number {
    return this.bookFrames[symbol * this.booksPerSymbol + number];
  }

  /** Symbols of a client: windows that overlap, so that every symbol has as many subscribers. */
  symbolsOf(client: number): number[] {
    const { symbols, clients, symbolsPerClient } = this.shape;
    const first = Math.floor((client * symbols) / clients);
    return Array.from({ length: symbolsPerClient }, (_, i) => (first + i) % symbols);
  }
}

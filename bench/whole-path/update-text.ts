// Reads the numbers that the measurement needs out of an update's text: at the places where the text of that channel had
// them before, which is checked, else by searching. JSON.parse would cost more than receiving.

const STREAM = Buffer.from('{"type":"update","stream":"');
const PREV_SEQ = Buffer.from('"prevSeq":');
const SEQ = Buffer.from(',"seq":');
const TIMES = Buffer.from(',"times":');
const OPENING_BRACKET = 0x5b;
const MID = Buffer.from('"mid":');
const SLASH = 0x2f;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

export const MEASURED_CHANNELS = ['ticks', 'predictions', 'signals'] as const;
const FIRST_LETTERS = MEASURED_CHANNELS.map((channel) => channel.charCodeAt(0));

export class UpdateText {
  /** Index in MEASURED_CHANNELS. */
  channel = 0;
  /** Index in the codes. */
  symbol = 0;
  prevSeq = 0;
  seq = 0;
  /** It was left out, or missed: its times are not told. */
  isGivenAgain = false;
  /** t0, then the microseconds since it of t1 … t5. */
  readonly times = new Float64Array(6);
  private bytes: Buffer = Buffer.alloc(0);
  private at = 0;
  private end = 0;
  private readonly symbolOf: ReadonlyMap<string, number>;
  /** By channel: from the stream's key to the name of prevSeq. */
  private readonly prevSeqOffset = new Int32Array(MEASURED_CHANNELS.length);

  constructor(codes: readonly string[]) {
    this.symbolOf = new Map(codes.map((code, symbol) => [code, symbol]));
  }

  /** False where the text is no update. */
  read(bytes: Buffer, start: number, end: number): boolean {
    if (!standsAt(STREAM, bytes, start)) return false;
    this.bytes = bytes;
    this.end = end;
    const key = start + STREAM.length;
    this.channel = FIRST_LETTERS.indexOf(bytes[key]);
    const slash = bytes.indexOf(SLASH, key);
    const dot = bytes.indexOf(DOT, slash);
    const symbol = this.symbolOf.get(bytes.toString('latin1', slash + 1, dot));
    if (this.channel === -1 || symbol === undefined) {
      throw new Error(`not subscribed: ${bytes.toString('utf8', start, Math.min(end, start + 80))}`);
    }
    this.symbol = symbol;
    this.at = this.placeOfPrevSeq(dot) + PREV_SEQ.length;
    this.prevSeq = this.number();
    this.expect(SEQ);
    this.seq = this.number();
    this.expect(TIMES);
    this.isGivenAgain = bytes[this.at] !== OPENING_BRACKET;
    if (this.isGivenAgain) return true;
    this.at += 1;
    for (let i = 0; i < 6; i++) {
      this.times[i] = this.number();
      this.at += 1;
    }
    return true;
  }

  /** The mid of the first message; only predictions and signals have one. */
  mid(): number {
    const { bytes, at, end } = this;
    const found = bytes.indexOf(MID, at);
    if (found === -1 || found >= end) throw new Error('an update without a mid');
    const from = found + MID.length;
    let to = from;
    while (bytes[to] === DOT || (bytes[to] >= ZERO && bytes[to] <= NINE)) to += 1;
    return Number(bytes.toString('latin1', from, to));
  }

  private placeOfPrevSeq(dot: number): number {
    const { bytes, channel, prevSeqOffset } = this;
    const usual = dot + prevSeqOffset[channel];
    if (standsAt(PREV_SEQ, bytes, usual)) return usual;
    const found = bytes.indexOf(PREV_SEQ, dot);
    if (found === -1 || found >= this.end) throw new Error('an update without prevSeq');
    prevSeqOffset[channel] = found - dot;
    return found;
  }

  private number(): number {
    const { bytes } = this;
    let value = 0;
    for (let digit = bytes[this.at]; digit >= ZERO && digit <= NINE; digit = bytes[++this.at]) {
      value = value * 10 + digit - ZERO;
    }
    return value;
  }

  private expect(text: Buffer): void {
    if (!standsAt(text, this.bytes, this.at)) throw new Error(`an update without ${text.toString()}`);
    this.at += text.length;
  }
}

function standsAt(text: Buffer, bytes: Buffer, at: number): boolean {
  if (bytes[at] !== text[0] || bytes[at + text.length - 1] !== text[text.length - 1]) return false;
  return bytes.compare(text, 0, text.length, at, at + text.length) === 0;
}

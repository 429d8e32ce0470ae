// Writes the fields of wire records as ASCII bytes: no string is made per field, a whole run of records becomes one.
// Each call writes one field and the separator `^` after it.

const CARET = 0x5e;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

export class AsciiWriter {
  bytes: Buffer;
  length = 0;

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafe(capacity);
  }

  /** Makes room for so many more bytes. */
  reserve(bytes: number): void {
    if (this.length + bytes <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + bytes));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }

  /** A field that is already text, ASCII only. */
  text(value: string): void {
    for (let index = 0; index < value.length; index++) this.bytes[this.length++] = value.charCodeAt(index);
    this.bytes[this.length++] = CARET;
  }

  /** An integer of magnitude below 2^53. */
  int(value: number): void {
    this.signed(value);
    this.bytes[this.length++] = CARET;
  }

  /** A number given in hundredths, with two decimals: −14 is `-0.14`. */
  hundredths(value: number): void {
    if (value < 0) this.bytes[this.length++] = MINUS;
    const magnitude = Math.abs(value);
    const whole = Math.floor(magnitude / 100);
    this.signed(whole);
    this.bytes[this.length++] = POINT;
    this.padded(magnitude - whole * 100, 2);
    this.bytes[this.length++] = CARET;
  }

  /** HHMMSS of a second of the day. */
  clock(second: number): void {
    const minute = (second / 60) | 0;
    const hour = (minute / 60) | 0;
    this.padded(hour, 2);
    this.padded(minute - hour * 60, 2);
    this.padded(second - minute * 60, 2);
    this.bytes[this.length++] = CARET;
  }

  private signed(value: number): void {
    if (value < 0) {
      this.bytes[this.length++] = MINUS;
      value = -value;
    }
    if (value < 1_000_000_000) {
      this.padded(value | 0, digits(value));
      return;
    }
    // Integer division is fast on 32 bits only, so the number is written in two parts of at most nine digits.
    const high = Math.floor(value / 1_000_000_000);
    this.padded(high | 0, digits(high));
    this.padded((value - high * 1_000_000_000) | 0, 9);
  }

  private padded(value: number, width: number): void {
    const { bytes } = this;
    let at = this.length + width;
    this.length = at;
    for (let left = width; left > 0; left--) {
      const rest = (value / 10) | 0;
      bytes[--at] = ZERO + value - rest * 10;
      value = rest;
    }
  }
}

function digits(value: number): number {
  if (value < 10_000) return value < 100 ? (value < 10 ? 1 : 2) : value < 1_000 ? 3 : 4;
  if (value < 100_000_000) return value < 1_000_000 ? (value < 100_000 ? 5 : 6) : value < 10_000_000 ? 7 : 8;
  return 9;
}

// The decoder's table of instrument codes: a code is a small index, so that nothing on the way of a tick compares or
// makes strings. Looking up a known code allocates nothing.

/** Far more codes than the exchange lists; a further one is refused, so that a broken feed cannot fill the memory. */
export const CODES_MAX = 16_384;
const CODE = /^[0-9A-Z]{1,7}$/;
const SLOTS = CODES_MAX * 2;

/** Open addressing, at most half full: a slot holds the index of a code plus 1, or 0. */
export class CodeTable {
  private readonly slots = new Int32Array(SLOTS);
  /** The two words of the key of code i, at [2 i] and [2 i + 1]. */
  private readonly keys = new Int32Array(CODES_MAX * 2);
  private readonly codes: string[] = [];

  get size(): number {
    return this.codes.length;
  }

  /** The code with this index. */
  code(index: number): string {
    return this.codes[index];
  }

  /** Index of the code with this key (four bytes; three more and their number); −1 where it is no code. */
  index(first: number, others: number): number {
    const { slots, keys } = this;
    let slot = hash(first, others);
    for (let i = slots[slot] - 1; i >= 0; i = slots[slot] - 1) {
      if (keys[i * 2] === first && keys[i * 2 + 1] === others) return i;
      slot = (slot + 1) % SLOTS;
    }
    return this.add(first, others, slot);
  }

  private add(first: number, others: number, slot: number): number {
    const bytes = new Uint8Array(Int32Array.of(first, others).buffer);
    const code = String.fromCharCode(...bytes.subarray(0, bytes[7]));
    const index = this.codes.length;
    if (!CODE.test(code) || index === CODES_MAX) return -1;
    this.codes.push(code);
    this.keys[index * 2] = first;
    this.keys[index * 2 + 1] = others;
    this.slots[slot] = index + 1;
    return index;
  }
}

function hash(first: number, others: number): number {
  const mixed = Math.imul(first ^ Math.imul(others, 0x9e3779b1), 0x85ebca6b);
  return (mixed ^ (mixed >>> 15)) & (SLOTS - 1);
}

// The market's own source of chance: sfc32 (C. Doty-Humphrey, PractRand), 32-bit integer arithmetic, so a seed gives
// the same numbers on every platform and version of Node. Each instrument and factor draws from a stream of its own.

const UINT32 = 4_294_967_296;

export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  /** Equal seed and stream give equal numbers; streams of one seed are independent of each other. */
  constructor(seed: number, stream: number) {
    this.a = mix(seed | 0);
    this.b = mix(Math.floor(seed / UINT32) ^ this.a);
    this.c = mix(stream ^ this.b);
    // The first dozen outputs still show the seed.
    for (let round = 0; round < 12; round++) this.int32();
  }

  /** 32 random bits as a signed integer. */
  int32(): number {
    const out = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + out) | 0;
    return out;
  }

  /** Uniform in (0, 1), never 0, so that its logarithm is finite. */
  unit(): number {
    return ((this.int32() >>> 0) + 0.5) / UINT32;
  }

  /** Uniform integer in [0, bound), bound ≤ 2^16: the bias is below 2^-16. */
  below(bound: number): number {
    return Math.floor(((this.int32() >>> 16) * bound) / 65_536);
  }

  /** Exponential with mean 1. */
  exponential(): number {
    return -Math.log(this.unit());
  }

  /** Nearly normal, mean 0, standard deviation 1: the sum of four bytes, which ends at ±3.45. */
  normal(): number {
    const bits = this.int32();
    const sum = (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24);
    return (sum - 510) / BYTE_SUM_DEVIATION;
  }
}

/** sqrt(4 · (256² − 1) / 12): the deviation of the sum of four uniform bytes. */
const BYTE_SUM_DEVIATION = Math.sqrt(21_845);

/** splitmix32: spreads neighbouring seeds over all 32 bits. */
function mix(value: number): number {
  let z = (value + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return z ^ (z >>> 15);
}

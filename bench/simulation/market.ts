// The market of a seed: frames of the simulated market, of which some are lost, late, doubled or damaged on their way.
// There are few markets and many seeds, so that most of the time goes into what is tested.
import type { Random } from '../../engine/emulator/market/random.ts';
import type { FrameInput } from '../../engine/input.ts';
import { marketBatches, TEN } from '../../engine/test-market.ts';

export const STEP_MS = 100;
export const MARKET_SECONDS = 5;
const MARKETS = 8;
const SYMBOLS = 3;

type Frames = readonly Uint8Array[];
const played = new Map<number, readonly Frames[]>();

/** Frames by step of the market's day. */
export function marketOf(seed: number): readonly Frames[] {
  const market = seed % MARKETS;
  let steps = played.get(market);
  if (steps === undefined) {
    steps = play(market);
    played.set(market, steps);
  }
  return steps;
}

function play(market: number): Frames[] {
  const steps: Uint8Array[][] = Array.from({ length: (MARKET_SECONDS * 1000) / STEP_MS }, () => []);
  const batches = marketBatches({ seconds: MARKET_SECONDS, symbols: SYMBOLS, seed: market, stepMs: STEP_MS });
  for (const inputs of batches) {
    const frames = inputs.filter((input): input is FrameInput => input.kind === 'frame');
    if (frames.length === 0) continue;
    const step = Math.round((frames[0].engineTimeUs - TEN) / (STEP_MS * 1000)) - 1;
    steps[step]?.push(...frames.map(({ bytes }) => bytes));
  }
  return steps;
}

/** What arrives of what was sent. Frames that are late come with a later step. */
export class Wire {
  private readonly random: Random;
  private readonly oneIn: number;
  private late: Uint8Array[] = [];

  /** @param oneIn of so many frames one meets with a fault */
  constructor(random: Random, oneIn: number) {
    this.random = random;
    this.oneIn = oneIn;
  }

  deliver(sent: Frames): Uint8Array[] {
    const arrived = this.late;
    this.late = [];
    for (const frame of sent) {
      const fault = this.random.below(this.oneIn) === 0 ? this.random.below(4) : -1;
      if (fault === 0) continue;
      if (fault === 1) this.late.push(frame);
      else arrived.push(fault === 3 ? this.damaged(frame) : frame);
      if (fault === 2) arrived.push(frame);
    }
    return arrived;
  }

  private damaged(frame: Uint8Array): Uint8Array {
    const bytes = Uint8Array.from(frame);
    bytes[this.random.below(bytes.length)] = 32 + this.random.below(95);
    return bytes;
  }
}

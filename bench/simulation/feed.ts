// What the feed hands to whichever process listens: frames of the market, and sessions that are lost and come back.
import { hostTimeUs } from '../../engine/clock.ts';
import type { Random } from '../../engine/emulator/market/random.ts';
import type { Input } from '../../engine/input.ts';
import type { EngineProcess } from './engine-process.ts';
import { STEP_MS, type Wire } from './market.ts';
import type { VirtualTime } from './virtual-time.ts';

const SESSION_LOST_MS = 300;

export interface Fed {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly process: EngineProcess | null;
}

/** Every step of the market, at its time. */
export function planMarket(fed: Fed, steps: readonly (readonly Uint8Array[])[], wire: Wire): void {
  for (const [step, frames] of steps.entries())
    fed.time.after((step + 1) * STEP_MS, () => deliver(fed, wire.deliver(frames)), '');
}

export function loseSession(fed: Fed): void {
  const event = (event: 'lost' | 'connected'): void =>
    fed.process?.feed([{ kind: 'session', engineTimeUs: hostTimeUs(), session: 's1', event }]);
  event('lost');
  fed.time.after(SESSION_LOST_MS, () => event('connected'), '');
}

/** Now and then by a clock that has gone back. */
function deliver({ random, process }: Fed, frames: readonly Uint8Array[]): void {
  if (frames.length === 0) return;
  const backUs = random.below(20) === 0 ? random.below(50_000) : 0;
  const engineTimeUs = hostTimeUs() - backUs;
  process?.feed(frames.map((bytes): Input => ({ kind: 'frame', engineTimeUs, bytes })));
}

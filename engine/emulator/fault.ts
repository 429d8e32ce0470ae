// Faults that a test asks for by name. Some happen at once, to every session; the others wait for the next thing they
// can spoil, a bounded number of times.

import type { WireCode } from './wire.ts';

/** At once: sessions fall silent with open sockets, are reset, are closed; approval keys are forgotten; and so on. */
export const IMMEDIATE_FAULTS = [
  'stall',
  'reset',
  'close',
  'expire_keys',
  'switch_layout',
  'clock_back',
  'notice',
] as const;
/** On the next data frames, one session's share of them at a time. */
export const FRAME_FAULTS = [
  'drop',
  'duplicate',
  'truncate',
  'unknown_tr',
  'miscount',
  'empty_fields',
  'oversize',
] as const;
/** On the next registrations: answered with `code`, or not at all. */
export const REGISTRATION_FAULTS = ['reject', 'no_answer'] as const;

export type ImmediateFault = (typeof IMMEDIATE_FAULTS)[number];
export type FrameFault = (typeof FRAME_FAULTS)[number];
export type RegistrationFault = (typeof REGISTRATION_FAULTS)[number];

export interface FaultRequest {
  readonly type: ImmediateFault | FrameFault | RegistrationFault;
  /** How often, for faults that wait (default 1). */
  readonly count?: number;
  /** For `reject`: the code to answer with. */
  readonly code?: WireCode;
}

export const FAULT_COUNT_MAX = 1_000_000;
const OVERSIZE_BYTES = 600_000;

export class PendingFaults {
  private readonly remaining = new Map<FrameFault | RegistrationFault, number>();
  private rejection: WireCode | undefined;

  add(type: FrameFault | RegistrationFault, count: number, rejection?: WireCode): void {
    this.remaining.set(type, Math.min((this.remaining.get(type) ?? 0) + count, FAULT_COUNT_MAX));
    if (type === 'reject') this.rejection = rejection;
  }

  takeRejection(): WireCode | undefined {
    return this.take('reject') ? this.rejection : undefined;
  }

  take(type: FrameFault | RegistrationFault): boolean {
    const remaining = this.remaining.get(type) ?? 0;
    if (remaining === 0) return false;
    if (remaining === 1) this.remaining.delete(type);
    else this.remaining.set(type, remaining - 1);
    return true;
  }

  /** What goes out instead of one frame: none, one, or two. */
  spoil(frame: Buffer): readonly Buffer[] {
    if (this.remaining.size === 0) return [frame];
    const fault = FRAME_FAULTS.find((type) => this.take(type));
    return fault === undefined ? [frame] : SPOILERS[fault](frame);
  }
}

const SPOILERS: Record<FrameFault, (frame: Buffer) => Buffer[]> = {
  drop: () => [],
  duplicate: (frame) => [frame, frame],
  truncate: (frame) => [frame.subarray(0, frame.length >> 1)],
  unknown_tr: (frame) => [edited(frame, (text) => text.replace(/\|[^|]*\|/, '|X0STZZZ0|'))],
  miscount: (frame) => [edited(frame, (text) => text.replace(/\|(\d{3})\|/, '|997|'))],
  empty_fields: (frame) => [edited(frame, (text) => text.replace(/\^[^^|]+/g, '^'))],
  oversize: (frame) => [Buffer.concat([frame, Buffer.alloc(OVERSIZE_BYTES, '^0')])],
};

function edited(frame: Buffer, edit: (text: string) => string): Buffer {
  return Buffer.from(edit(frame.toString('utf8')));
}

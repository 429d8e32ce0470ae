// Faults that wait for the next thing they can spoil, in the order in which they were asked for, each a bounded number
// of times.
import type { FaultTypeAt } from './catalogue.ts';
import { FAULT_COUNT_MAX, type FaultRequest } from './request.ts';

export type WaitingType = FaultTypeAt<'frame' | 'transport' | 'registration'>;
export type WaitingFault<Type extends WaitingType = WaitingType> = FaultRequest & { readonly type: Type };

interface Waiting<Type extends WaitingType> {
  readonly fault: WaitingFault<Type>;
  remaining: number;
}

/** Further requests are refused, and say so. */
const WAITING_MAX = 10_000;

export class PendingFaults<Type extends WaitingType> {
  private readonly waiting: Waiting<Type>[] = [];

  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }

  /** False where too many wait already. */
  add(fault: WaitingFault<Type>): boolean {
    if (this.waiting.length === WAITING_MAX) return false;
    this.waiting.push({ fault, remaining: Math.min(fault.count ?? 1, FAULT_COUNT_MAX) });
    return true;
  }

  /** The oldest fault that fits the registration and, where asked, more than that; it has one time less from then on. */
  take(trId: string, trKey: string, fits: (type: Type) => boolean = () => true): WaitingFault<Type> | undefined {
    const at = this.waiting.findIndex(
      ({ fault }) => (fault.trId ?? trId) === trId && (fault.trKey ?? trKey) === trKey && fits(fault.type),
    );
    if (at < 0) return undefined;
    const taken = this.waiting[at];
    taken.remaining -= 1;
    if (taken.remaining === 0) this.waiting.splice(at, 1);
    return taken.fault;
  }

  clear(): void {
    this.waiting.length = 0;
  }
}

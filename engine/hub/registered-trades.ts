// Domestic stocks whose trades are registered, as the recorded session events tell it: what a process without a state
// machine knows of what is watched.
import { isDomestic } from '../../config/venues.ts';
import { registrationTarget } from '../feed-sessions.ts';
import type { Input, SessionInput } from '../input.ts';
import type { WatchedInstrument } from '../reference/loader-options.ts';

export class RegisteredTrades {
  /** By TR and key, in the order of their registration. */
  private readonly held = new Map<string, { readonly session: string; readonly instrument: WatchedInstrument }>();

  take(inputs: readonly Input[]): void {
    for (const input of inputs) if (input.kind === 'session') this.apply(input);
  }

  /** Those registered first in front. */
  all(): WatchedInstrument[] {
    return [...this.held.values()].map(({ instrument }) => instrument);
  }

  private apply({ event, session, trId = '', trKey = '' }: SessionInput): void {
    const name = `${trId}|${trKey}`;
    if (event === 'registered') this.register(name, session, trId, trKey);
    if (event === 'unregistered') this.held.delete(name);
    if (event !== 'lost') return;
    for (const [held, one] of this.held) if (one.session === session) this.held.delete(held);
  }

  private register(name: string, session: string, trId: string, trKey: string): void {
    const target = registrationTarget(trId, trKey);
    if (target?.stream !== 'trades' || !isDomestic(target.venue)) return;
    this.held.set(name, { session, instrument: { code: target.code, venue: target.venue } });
  }
}

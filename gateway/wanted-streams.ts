// What a client has subscribed to, pattern by pattern and with which delivery, so that it can ask for all of it again on
// the next connection. Runs in browsers, too.
import type { Channel } from '../engine/messages.ts';
import type { Delivery, SubscribeRequest } from './protocol.ts';

/** What to subscribe to; the fields as in SubscribeRequest. */
export type Selection = Omit<SubscribeRequest, 'type' | 'id' | 'epoch' | 'resume'>;

interface Pattern {
  readonly channel: Channel;
  readonly instrument: string;
  readonly variant: string;
  readonly delivery: Delivery;
}

export class WantedStreams {
  /** By the joined fields. */
  private readonly patterns = new Map<string, Pattern>();

  add(selection: Selection): void {
    for (const pattern of patternsOf(selection)) this.patterns.set(keyOf(pattern), pattern);
  }

  remove(selection: Selection): void {
    for (const pattern of patternsOf(selection)) this.patterns.delete(keyOf(pattern));
  }

  /** Whether nothing of the stream may be left out: one of the patterns that match it says so. */
  isLossless(streamKey: string): boolean {
    const [channel, instrument = '', variant = ''] = streamKey.split('/');
    for (const instrumentPattern of [instrument, instrument.split('.', 1)[0], '*']) {
      for (const variantPattern of [variant, '*']) {
        if (this.patterns.get(`${channel}\n${instrumentPattern}\n${variantPattern}`)?.delivery === 'all') return true;
      }
    }
    return false;
  }

  /** Everything wanted, in as few selections as there are channels, variants and deliveries. */
  selections(): Selection[] {
    const groups = new Map<string, Required<Selection>>();
    for (const { channel, instrument, variant, delivery } of this.patterns.values()) {
      const key = `${channel}\n${variant}\n${delivery}`;
      const group = groups.get(key) ?? { channels: [channel], instruments: [], variants: [variant], delivery };
      group.instruments.push(instrument);
      groups.set(key, group);
    }
    return [...groups.values()];
  }
}

function keyOf({ channel, instrument, variant }: Omit<Pattern, 'delivery'>): string {
  return `${channel}\n${instrument}\n${variant}`;
}

function patternsOf({ channels, instruments = ['*'], variants = ['*'], delivery = 'latest' }: Selection): Pattern[] {
  return channels.flatMap((channel) =>
    instruments.flatMap((instrument) => variants.map((variant) => ({ channel, instrument, variant, delivery }))),
  );
}

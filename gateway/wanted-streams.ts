// What a client has subscribed to, pattern by pattern, so that it can ask for all of it again on the next connection.
// Runs in browsers, too.
import type { Channel } from '../engine/messages.ts';
import type { SubscribeRequest } from './protocol.ts';

/** What to subscribe to; the fields as in SubscribeRequest. */
export type Selection = Omit<SubscribeRequest, 'type' | 'id' | 'epoch'>;

interface Pattern {
  readonly channel: Channel;
  readonly instrument: string;
  readonly variant: string;
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

  /** Everything wanted, in as few selections as there are channels and variants. */
  selections(): Selection[] {
    const groups = new Map<string, { channels: Channel[]; instruments: string[]; variants: string[] }>();
    for (const { channel, instrument, variant } of this.patterns.values()) {
      const key = `${channel}\n${variant}`;
      const group = groups.get(key) ?? { channels: [channel], instruments: [], variants: [variant] };
      group.instruments.push(instrument);
      groups.set(key, group);
    }
    return [...groups.values()];
  }
}

function keyOf({ channel, instrument, variant }: Pattern): string {
  return `${channel}\n${instrument}\n${variant}`;
}

function patternsOf({ channels, instruments = ['*'], variants = ['*'] }: Selection): Pattern[] {
  return channels.flatMap((channel) =>
    instruments.flatMap((instrument) => variants.map((variant) => ({ channel, instrument, variant }))),
  );
}

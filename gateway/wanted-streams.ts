// What a client has subscribed to, pattern by pattern and with which delivery, so that it can ask for all of it again on
// the next connection. Runs in browsers, too.
import type { Channel } from '../engine/messages.ts';
import type { Delivery, KeptSubscriptions, SubscribeRequest } from './protocol.ts';

/** What to subscribe to; the fields as in SubscribeRequest. */
export type Selection = Omit<SubscribeRequest, 'type' | 'id' | 'epoch' | 'resume'>;

/** Of one message; the server takes no more. */
const INSTRUMENTS_MAX = 4096;
/** What an instrument takes in a message besides its letters. */
const QUOTES_BYTES = 3;

interface Pattern {
  readonly channel: Channel;
  readonly instrument: string;
  readonly variant: string;
  readonly delivery: Delivery;
}

export class WantedStreams {
  /** By the joined fields. */
  private readonly patterns = new Map<string, Pattern>();

  get isEmpty(): boolean {
    return this.patterns.size === 0;
  }

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

  /** Everything wanted, in few selections: each of one channel, variant and delivery, and of so many bytes at most. */
  selections(bytesMax: number): Selection[] {
    return selectionsOf(this.patterns.values(), bytesMax);
  }

  /**
   * What is wanted and was not kept so, and what was kept and is wanted no more.
   * @param alsoWanted of requests that are not answered yet
   */
  differenceFrom(
    kept: KeptSubscriptions,
    alsoWanted: readonly Selection[],
    bytesMax: number,
  ): { missing: Selection[]; excess: Selection[] } {
    const there = new Map<string, Pattern>();
    for (const delivery of ['latest', 'all'] as const) {
      for (const key of kept[delivery]) {
        const [channel, instrument = '', variant = ''] = key.split('\n');
        there.set(key, { channel: channel as Channel, instrument, variant, delivery });
      }
    }
    const asked = new Set(alsoWanted.flatMap(patternsOf).map(keyOf));
    const missing = [...this.patterns].filter(([key, { delivery }]) => there.get(key)?.delivery !== delivery);
    const excess = [...there].filter(([key]) => !this.patterns.has(key) && !asked.has(key));
    const selections = (found: readonly (readonly [string, Pattern])[]): Selection[] =>
      selectionsOf(
        found.map(([, pattern]) => pattern),
        bytesMax,
      );
    return { missing: selections(missing), excess: selections(excess) };
  }
}

function selectionsOf(patterns: Iterable<Pattern>, bytesMax: number): Selection[] {
  const selections: Selection[] = [];
  /** Those that have room. */
  const open = new Map<string, { readonly instruments: string[]; bytesLeft: number }>();
  for (const { channel, instrument, variant, delivery } of patterns) {
    const key = `${channel}\n${variant}\n${delivery}`;
    let group = open.get(key);
    if (group === undefined || group.bytesLeft <= 0 || group.instruments.length >= INSTRUMENTS_MAX) {
      const instruments: string[] = [];
      group = { instruments, bytesLeft: bytesMax };
      open.set(key, group);
      selections.push({ channels: [channel], instruments, variants: [variant], delivery });
    }
    group.instruments.push(instrument);
    group.bytesLeft -= instrument.length + QUOTES_BYTES;
  }
  return selections;
}

function keyOf({ channel, instrument, variant }: Omit<Pattern, 'delivery'>): string {
  return `${channel}\n${instrument}\n${variant}`;
}

function patternsOf({ channels, instruments = ['*'], variants = ['*'], delivery = 'latest' }: Selection): Pattern[] {
  return channels.flatMap((channel) =>
    instruments.flatMap((instrument) => variants.map((variant) => ({ channel, instrument, variant, delivery }))),
  );
}

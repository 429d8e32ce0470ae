// Who gets what: streams on one side, the patterns of the clients on the other, so that publishing an update finds its
// subscribers with one look-up and subscribing finds its streams with one look-up for each pattern.
//
//   stream bars/005930.KRX/1m  stands under its six patterns:
//     bars 005930.KRX 1m    bars 005930 1m    bars * 1m
//     bars 005930.KRX *     bars 005930 *     bars * *
import type { Channel, Stream } from '../engine/messages.ts';
import type { UpdateHead } from './encoding.ts';
import type { Delivery } from './protocol.ts';

/** A stream that goes to a client. */
export interface Subscription<Client> {
  readonly client: Client;
  readonly route: Route<Client>;
  /** Seq of the last message that went to the client; 0 where none of this epoch did. */
  sentSeq: number;
  delivery: Delivery;
  /** Where it stands in the route's list. */
  index: number;
}

/** A stream and whom it goes to. */
export interface Route<Client> {
  readonly stream: Stream;
  readonly patterns: readonly string[];
  readonly subscriptions: Subscription<Client>[];
  /** Seq of the last message published. */
  lastSeq: number;
  /** Of the last update that went to somebody. */
  head: UpdateHead | null;
}

/** What some clients asked for, and the streams that it stands for today. */
interface PatternEntry<Client> {
  readonly clients: Set<Client>;
  readonly routes: Route<Client>[];
}

export class StreamDirectory<Client> {
  private readonly routes = new Map<string, Route<Client>>();
  private readonly entries = new Map<string, PatternEntry<Client>>();

  route(streamKey: string): Route<Client> | undefined {
    return this.routes.get(streamKey);
  }

  allRoutes(): Iterable<Route<Client>> {
    return this.routes.values();
  }

  /** A stream seen for the first time. */
  addRoute(stream: Stream): Route<Client> {
    const route: Route<Client> = {
      stream,
      patterns: patternsOfStream(stream),
      subscriptions: [],
      lastSeq: 0,
      head: null,
    };
    this.routes.set(stream.key, route);
    for (const pattern of route.patterns) this.entry(pattern).routes.push(route);
    return route;
  }

  /** Every client that holds a pattern for the stream, once. */
  clientsFor(route: Route<Client>): Set<Client> {
    const clients = new Set<Client>();
    for (const pattern of route.patterns) {
      for (const client of this.entry(pattern).clients) clients.add(client);
    }
    return clients;
  }

  hold(client: Client, pattern: string): readonly Route<Client>[] {
    const entry = this.entry(pattern);
    entry.clients.add(client);
    return entry.routes;
  }

  release(client: Client, pattern: string): readonly Route<Client>[] {
    const entry = this.entries.get(pattern);
    if (entry === undefined) return [];
    entry.clients.delete(client);
    // What nobody asks for and nothing stands under is forgotten, else strangers could fill the memory with patterns.
    if (entry.clients.size === 0 && entry.routes.length === 0) this.entries.delete(pattern);
    return entry.routes;
  }

  connect(client: Client, route: Route<Client>, sentSeq: number, delivery: Delivery): Subscription<Client> {
    const subscription = { client, route, sentSeq, delivery, index: route.subscriptions.length };
    route.subscriptions.push(subscription);
    return subscription;
  }

  disconnect({ route, index }: Subscription<Client>): void {
    const last = route.subscriptions.pop()!;
    if (index === route.subscriptions.length) return;
    route.subscriptions[index] = last;
    last.index = index;
  }

  /** Patterns that are held or that streams stand under. */
  get patternCount(): number {
    return this.entries.size;
  }

  private entry(pattern: string): PatternEntry<Client> {
    let entry = this.entries.get(pattern);
    if (entry === undefined) {
      entry = { clients: new Set(), routes: [] };
      this.entries.set(pattern, entry);
    }
    return entry;
  }
}

interface StreamSelection {
  readonly channels: readonly Channel[];
  readonly instruments?: readonly string[] | undefined;
  readonly variants?: readonly string[] | undefined;
}

/** How many patterns a request stands for: each channel with each instrument and each variant. */
export function patternCount({ channels, instruments, variants }: StreamSelection): number {
  return channels.length * (instruments?.length ?? 1) * (variants?.length ?? 1);
}

export function patternsOfRequest({ channels, instruments = ['*'], variants = ['*'] }: StreamSelection): string[] {
  const patterns: string[] = [];
  for (const channel of channels) {
    for (const instrument of instruments) {
      for (const variant of variants) patterns.push(patternKey(channel, instrument, variant));
    }
  }
  return patterns;
}

function patternsOfStream({ channel, instrument, variant }: Stream): string[] {
  const code = instrument.split('.', 1)[0]!;
  const patterns = new Set<string>();
  for (const instrumentPattern of [instrument, code, '*']) {
    patterns.add(patternKey(channel, instrumentPattern, variant));
    patterns.add(patternKey(channel, instrumentPattern, '*'));
  }
  return [...patterns];
}

/** A line feed parts the fields: no instrument or variant has one, and a client that sends one matches nothing. */
function patternKey(channel: Channel, instrument: string, variant: string): string {
  return `${channel}\n${instrument}\n${variant}`;
}

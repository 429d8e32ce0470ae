// The directory against a naive model: whatever is held, released, connected and disconnected, and in whatever order
// streams appear, a stream finds exactly the clients whose patterns match it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { streamOf } from './gateway-fixture.ts';
import { patternCount, patternsOfRequest, type Route, StreamDirectory, type Subscription } from './stream-directory.ts';

const channels = fc.constantFrom('ticks' as const, 'bars' as const);
const streams = fc
  .tuple(channels, fc.constantFrom('1.KRX', '1.NXT', '2.KRX', 'engine'), fc.constantFrom('', '1s', '1m'))
  .map(([channel, instrument, variant]) => streamOf(channel, instrument, variant));
const requests = fc.record(
  {
    channels: fc.uniqueArray(channels, { minLength: 1 }),
    instruments: fc.uniqueArray(fc.constantFrom('1', '1.KRX', '2', '*', 'engine', '3', 'KRX'), { minLength: 1 }),
    variants: fc.uniqueArray(fc.constantFrom('', '1s', '*', '1h'), { minLength: 1 }),
  },
  { requiredKeys: ['channels'] },
);
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('stream' as const), stream: streams }),
    fc.record({ kind: fc.constantFrom('hold' as const, 'release' as const), client: fc.nat(3), request: requests }),
  ),
  { maxLength: 60 },
);

/** `channel instrument variant`, a naive reading of the rules. */
function matches(pattern: string, { channel, instrument, variant }: Route<number>['stream']): boolean {
  const [patternChannel, patternInstrument, patternVariant] = pattern.split('\n');
  return (
    patternChannel === channel &&
    (patternInstrument === '*' || patternInstrument === instrument || instrument.startsWith(`${patternInstrument}.`)) &&
    (patternVariant === '*' || patternVariant === variant)
  );
}

describe('StreamDirectory', () => {
  it('finds for each stream the clients, and for each pattern the streams', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const directory = new StreamDirectory<number>();
        const held = [new Set<string>(), new Set<string>(), new Set<string>(), new Set<string>()];
        for (const step of taken) {
          if (step.kind === 'stream') {
            if (directory.route(step.stream.key) === undefined) directory.addRoute(step.stream);
            continue;
          }
          for (const pattern of patternsOfRequest(step.request)) {
            const routes = directory[step.kind](step.client, pattern);
            if (step.kind === 'hold') held[step.client]!.add(pattern);
            else held[step.client]!.delete(pattern);
            const expected = [...directory.allRoutes()].filter(({ stream }) => matches(pattern, stream));
            expect(new Set(routes)).toEqual(new Set(expected));
          }
        }
        for (const route of directory.allRoutes()) {
          const clients = held.flatMap((patterns, client) =>
            [...patterns].some((pattern) => matches(pattern, route.stream)) ? [client] : [],
          );
          expect([...directory.clientsFor(route)].sort()).toEqual(clients);
        }
      }),
    );
  });

  it('keeps each subscription where it says that it stands', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 50 }), (choices) => {
        const directory = new StreamDirectory<number>();
        const route = directory.addRoute(streamOf('ticks', '1.KRX'));
        const connected: Subscription<number>[] = [];
        for (const [client, choice] of choices.entries()) {
          if (choice % 3 === 0 && connected.length > 0) {
            directory.disconnect(connected.splice(choice % connected.length, 1)[0]!);
          } else {
            connected.push(directory.connect(client, route, 0, 'latest'));
          }
          expect(new Set(route.subscriptions)).toEqual(new Set(connected));
          expect(route.subscriptions.map(({ index }) => index)).toEqual(route.subscriptions.map((_, n) => n));
        }
      }),
    );
  });

  it('forgets patterns that nobody holds and nothing stands under', () => {
    const directory = new StreamDirectory<number>();
    for (let n = 0; n < 1000; n++) {
      directory.hold(1, `ticks\n${n}\n*`);
      directory.release(1, `ticks\n${n}\n*`);
      directory.release(1, 'never\nheld\n*');
    }
    expect(directory.patternCount).toBe(0);
  });

  it('counts the patterns of a request before making them', () => {
    fc.assert(
      fc.property(requests, (request) => {
        expect(patternCount(request)).toBe(patternsOfRequest(request).length);
      }),
    );
  });
});

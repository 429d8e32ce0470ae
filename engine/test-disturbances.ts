// For tests of the engine: a simulated market's batches with whatever may happen to them: losses, doubles, damage, pauses,
// nights, other feeds, restarts, commands, references, sessions and market status, drawn by fast-check.
import fc from 'fast-check';
import { frameBytes } from './decode/synthetic-frames.ts';
import type { Input, SessionInput } from './input.ts';
import type { Reference, ReferenceBar } from './reference/reference.ts';
import { control, startCommand, TEN } from './test-market.ts';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const DATE = 20261123;
const CODES = ['005930', '000660', '005380', '999999'];
const TRS = ['H0STCNT0', 'H0STASP0', 'H0NXCNT0', 'H0UNCNT0', 'H0STMKO0'];
const SESSIONS = ['kis-1', 'kis-2'];

function minutes(count: number, price: number): ReferenceBar[] {
  return Array.from({ length: count }, (_, i) => ({
    startUs: TEN - (count - i) * MINUTE,
    open: price,
    high: price + 100,
    low: price - 100,
    close: price + (i % 3) * 100,
    volume: 100 + i,
    turnover: (100 + i) * price,
  }));
}

const code = fc.constantFrom(...CODES);
const reference: fc.Arbitrary<Reference> = fc.oneof(
  fc.record({ code, count: fc.nat(70), purpose: fc.constantFrom('warm' as const, 'fill' as const) }).map((one) => ({
    kind: 'minute_bars' as const,
    code: one.code,
    venue: 'KRX' as const,
    purpose: one.purpose,
    bars: minutes(one.count, 70_000),
  })),
  fc
    .record({ source: fc.constantFrom('KIS' as const, 'KRX' as const), volume: fc.nat(100_000_000) })
    .map(({ source, volume }) => ({
      kind: 'daily_close' as const,
      source,
      venue: 'KRX' as const,
      date: DATE,
      rows: CODES.map((one) => ({ code: one, closeWon: 70_000, volume, turnoverWon: volume * 70_000 })),
    })),
  fc.boolean().map((open) => ({ kind: 'calendar' as const, days: [{ date: DATE, open }] })),
  fc.constantFrom('KOSPI' as const, 'KOSDAQ' as const).map((name) => ({
    kind: 'instruments' as const,
    date: DATE,
    source: 'KIS' as const,
    instruments: CODES.map((one) => ({
      code: one,
      nameKo: one,
      market: name,
      kind: 'stock' as const,
      basePriceWon: 70_000,
      upperLimitWon: 91_000,
      lowerLimitWon: 49_000,
      lotSize: 1,
      listedShares: 1000,
      previousVolume: 1,
      kospi200: true,
      nxt: true,
      halted: false,
      liquidation: false,
      listedDate: 0,
    })),
    listed: [],
    delisted: [],
    renamed: [],
  })),
);

const session = fc
  .record({
    event: fc.constantFrom<SessionInput['event']>('connected', 'lost', 'registered', 'unregistered', 'rejected'),
    session: fc.constantFrom(...SESSIONS),
    trId: fc.constantFrom(...TRS),
    trKey: code,
  })
  .map(({ event, trId, trKey, ...rest }) => ({
    kind: 'session' as const,
    event,
    ...rest,
    ...(event === 'connected' || event === 'lost' ? {} : { trId, trKey }),
  }));

const status = fc
  .record({
    code,
    halt: fc.constantFrom('Y', 'N'),
    interruption: fc.constantFrom('Y', 'N'),
    operation: fc.constantFrom('112', '164', '174', '184', '387', '397'),
  })
  .map((one) =>
    frameBytes('H0STMKO0', [[one.code, one.halt, '', one.operation, '', '', '', '', one.interruption, '', '1']]),
  );

export type Disturbance =
  | { readonly what: 'drop' | 'double' | 'damage' | 'later' | 'pause' | 'night' | 'feed' | 'restart' }
  | { readonly what: 'halt'; readonly on: boolean }
  | { readonly what: 'reference'; readonly content: Reference }
  | { readonly what: 'session'; readonly input: Omit<SessionInput, 'engineTimeUs'> }
  | { readonly what: 'frame'; readonly bytes: Uint8Array };

export const disturbance: fc.Arbitrary<Disturbance> = fc.oneof(
  fc.constantFrom('drop', 'double', 'damage', 'later', 'pause', 'night', 'feed', 'restart').map((what) => ({ what })),
  fc.boolean().map((on) => ({ what: 'halt' as const, on })),
  reference.map((content) => ({ what: 'reference' as const, content })),
  session.map((input) => ({ what: 'session' as const, input })),
  status.map((bytes) => ({ what: 'frame' as const, bytes })),
) as fc.Arbitrary<Disturbance>;

/** The market's batches, disturbed; and the references that they name. */
export function disturbed(market: readonly Input[][], plan: readonly (readonly [at: number, Disturbance])[]) {
  const references: Record<string, Reference> = {};
  const batches: Input[][] = [[control(startCommand(), TEN - 6 * SECOND)]];
  /** Batches right behind something that happened: there a snapshot has most to lose. */
  const behind: number[] = [];
  let shiftUs = 0;
  let held: Input[] = [];
  for (const [i, inputs] of market.entries()) {
    let now = inputs.map((input): Input => ({ ...input, engineTimeUs: input.engineTimeUs + shiftUs }));
    const before: Input[] = [];
    if (held.length > 0) {
      now = [...now, ...held.map((input) => ({ ...input, engineTimeUs: now[0].engineTimeUs }))];
      held = [];
    }
    for (const [at, one] of plan) {
      if (at !== i) continue;
      const engineTimeUs = inputs[0].engineTimeUs + shiftUs;
      switch (one.what) {
        case 'drop':
          now = [{ kind: 'clock', engineTimeUs }];
          break;
        case 'double':
          now = [...now, ...now];
          break;
        case 'later':
          held = now;
          now = [{ kind: 'clock', engineTimeUs }];
          break;
        case 'damage':
          before.push({ kind: 'frame', engineTimeUs, bytes: new TextEncoder().encode('0|H0STCNT0|001|005930^1') });
          break;
        case 'pause':
          shiftUs += 3 * MINUTE;
          break;
        case 'night':
          shiftUs += 24 * 60 * MINUTE;
          break;
        case 'feed':
        case 'restart': {
          const feed = one.what === 'feed' ? `feed-${i}` : 'feed-1';
          before.push(control(startCommand({ feed }), engineTimeUs));
          break;
        }
        case 'halt':
          before.push(control({ type: 'kill_switch', on: one.on, reason: 'test' }, engineTimeUs));
          break;
        case 'reference': {
          const hash = `hash-${Object.keys(references).length}`;
          references[hash] = one.content;
          before.push(control({ type: 'reference', kind: one.content.kind, hash }, engineTimeUs));
          break;
        }
        case 'session':
          before.push({ ...one.input, engineTimeUs });
          break;
        case 'frame':
          before.push({ kind: 'frame', engineTimeUs, bytes: one.bytes });
          break;
      }
    }
    for (const input of before) {
      batches.push([input]);
      behind.push(batches.length);
    }
    batches.push(now);
  }
  return { batches, references, behind };
}

// What shall happen to the market, as somebody writes it down: a file of events (config `emulator.eventsFile`), or one
// event in the body of `POST /emulator/event`. Checked here, once.
//
//   [{ "second": 36000, "event": { "type": "fat_finger", "code": "005930", "side": "buy" } }, …]
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { StartError } from '../start-error.ts';
import type { MarketEvent, ScheduledEvent } from './market/simulated-market.ts';

const DAY_SECONDS = 86_400;
const code = z.string().regex(/^[0-9A-Z]{6,7}$/, 'a code is six or seven digits and capitals');
const side = z.enum(['buy', 'sell']);

const marketEvent = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('volatility_interruption'),
    code,
    kind: z.enum(['dynamic', 'static']).exactOptional(),
  }),
  z.strictObject({ type: z.enum(['halt', 'resume', 'limit_up', 'limit_down']), code }),
  z.strictObject({ type: z.literal('circuit_breaker') }),
  z.strictObject({ type: z.literal('sidecar'), side }),
  z.strictObject({ type: z.literal('fat_finger'), code, side }),
]);

const scheduledEvents = z.array(
  z.strictObject({
    date: z.int().min(20_000_101).max(20_991_231).exactOptional(),
    second: z
      .int()
      .min(0)
      .max(DAY_SECONDS - 1),
    event: marketEvent,
  }),
);

/** The event, or in words what is wrong with it. */
export function parseMarketEvent(value: unknown): MarketEvent | string {
  const parsed = marketEvent.safeParse(value);
  return parsed.success ? (parsed.data as MarketEvent) : problem(parsed.error);
}

/** Throws a StartError that names the file and the place in it. */
export function readScenario(path: string, codes: ReadonlySet<string>): readonly ScheduledEvent[] {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new StartError(`emulator.eventsFile: ${path} cannot be read as JSON`, { cause });
  }
  const parsed = scheduledEvents.safeParse(value);
  if (!parsed.success) throw new StartError(`emulator.eventsFile: ${path}: ${problem(parsed.error)}`);
  const events = parsed.data as readonly ScheduledEvent[];
  for (const [at, { event }] of events.entries()) {
    if ('code' in event && !codes.has(event.code)) {
      throw new StartError(`emulator.eventsFile: ${path}: ${at}.event.code: the market has no ${event.code}`);
    }
  }
  return events;
}

function problem({ issues: [issue] }: z.ZodError): string {
  return [...(issue.path.length > 0 ? [issue.path.join('.')] : []), issue.message].join(': ');
}

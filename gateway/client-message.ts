// Client messages, from bytes to a checked ClientMessage or the slug of what is wrong with them. This is the one place
// where the gateway meets what strangers send; nothing behind it checks again, and nothing here throws.
import { Unpackr } from 'msgpackr';
import { z } from 'zod';
import { CHANNELS } from '../engine/messages.ts';
import type { ErrorSlug } from './errors.ts';
import { isPlainMessagePack } from './plain-message-pack.ts';
import type { ClientMessage, Encoding } from './protocol.ts';

export type ParsedMessage =
  | { readonly ok: true; readonly message: ClientMessage }
  | { readonly ok: false; readonly id: string | number | null; readonly slug: ErrorSlug; readonly detail?: string };

const PATTERNS_MAX = 4096;
const POSITIONS_MAX = 4096;
const pattern = z.string().min(1).max(64);
const id = z.union([z.string().max(64), z.int()]);
const streams = {
  id,
  channels: z.array(z.enum(CHANNELS)).min(1).max(CHANNELS.length),
  instruments: z.array(pattern).min(1).max(PATTERNS_MAX).optional(),
  variants: z.array(z.string().max(64)).min(1).max(64).optional(),
};

const epoch = z.string().max(64);
const positions = z
  .record(z.string().min(1).max(200), z.int().min(0))
  .refine((streams) => Object.keys(streams).length <= POSITIONS_MAX, `more than ${POSITIONS_MAX} streams`);
const resume = { epoch, streams: positions };

// Strict: a misspelt `instrument` must not subscribe to everything.
const SCHEMAS = {
  subscribe: z.strictObject({
    type: z.literal('subscribe'),
    ...streams,
    delivery: z.enum(['all', 'latest']).optional(),
    epoch: epoch.optional(),
    resume: z.strictObject(resume).optional(),
  }),
  unsubscribe: z.strictObject({ type: z.literal('unsubscribe'), ...streams }),
  resume: z.strictObject({ type: z.literal('resume'), id, ...resume, session: z.string().min(1).max(64).optional() }),
  ping: z.strictObject({ type: z.literal('ping'), id }),
  list: z.strictObject({ type: z.literal('list'), id }),
} satisfies Record<ClientMessage['type'], z.ZodType>;

const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' });
const utf8 = new TextDecoder('utf-8', { fatal: true });

export function parseClientMessage(encoding: Encoding, data: Uint8Array): ParsedMessage {
  let value: unknown;
  try {
    value = encoding === 'json' ? JSON.parse(utf8.decode(data)) : unpackPlain(data);
  } catch {
    return { ok: false, id: null, slug: 'not_parsable' };
  }
  return checkClientMessage(value);
}

function unpackPlain(data: Uint8Array): unknown {
  if (!isPlainMessagePack(data)) throw new Error('not plain MessagePack');
  // Copied: strings that msgpackr hands out must not hang on to the transport's buffer.
  return unpackr.unpack(data.slice());
}

function checkClientMessage(value: unknown): ParsedMessage {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, id: null, slug: 'not_an_object' };
  }
  const fields = value as Record<string, unknown>;
  const idResult = id.safeParse(fields.id);
  if (!idResult.success) return { ok: false, id: null, slug: 'missing_id' };
  const echo = idResult.data;
  const type = fields.type;
  if (typeof type !== 'string' || !Object.hasOwn(SCHEMAS, type)) return { ok: false, id: echo, slug: 'unknown_type' };

  const result = SCHEMAS[type as ClientMessage['type']].safeParse(value);
  if (result.success) return { ok: true, message: result.data as ClientMessage };
  const issue = result.error.issues[0]!;
  const slug = issue.code === 'invalid_value' && issue.path[0] === 'channels' ? 'unknown_channel' : 'invalid_message';
  return { ok: false, id: echo, slug, detail: `${issue.path.join('.') || type}: ${issue.message}` };
}

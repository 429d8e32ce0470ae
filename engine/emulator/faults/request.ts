// What somebody asks for when he asks for a fault, in code or by `POST /emulator/fault`, and how such a body is checked.
import { z } from 'zod';
import { isWireCode, type WireCode } from '../wire.ts';
import { FAULT_TYPES, type FaultType, isFaultType } from './catalogue.ts';

export interface FaultRequest {
  readonly type: FaultType;
  /** How often, for faults that wait (default 1). */
  readonly count?: number | undefined;
  /** Only on frames, or registrations, of this TR; and of this key. */
  readonly trId?: string | undefined;
  readonly trKey?: string | undefined;
  /** For `reject`: the code to answer with. */
  readonly code?: WireCode | undefined;
  /** For `delay` and `slow`, milliseconds (default 1,000 and 50). */
  readonly ms?: number | undefined;
  /** For `storm`: data frames that each session gets (default 20); for `slow`: messages (default 100). */
  readonly frames?: number | undefined;
}

export const FAULT_COUNT_MAX = 1_000_000;
const MS_MAX = 600_000;

const whole = (what: string, max: number) =>
  z.int(`${what} is 1 to ${max}`).min(1, `${what} is 1 to ${max}`).max(max, `${what} is 1 to ${max}`).optional();
const name = z
  .string()
  .regex(/^[\w$@.-]{1,40}$/, 'trId and trKey are TRs and keys')
  .optional();

const body = z
  .strictObject({
    type: z.custom<FaultType>(isFaultType, `type is one of ${FAULT_TYPES.join(', ')}`),
    count: whole('count', FAULT_COUNT_MAX),
    trId: name,
    trKey: name,
    code: z.custom<WireCode>(isWireCode, 'code is an OPSP code').optional(),
    ms: whole('ms', MS_MAX),
    frames: whole('frames', FAULT_COUNT_MAX),
  })
  .refine(({ type, code }) => (type === 'reject') === (code !== undefined), 'reject has a code, and only it');

/** The request, or in words what is wrong with it. */
export function parseFaultRequest(value: unknown): FaultRequest | string {
  const parsed = body.safeParse(value);
  return parsed.success ? parsed.data : parsed.error.issues[0].message;
}

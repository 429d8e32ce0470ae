// What a client asks of its session, and the code for each way to ask it wrongly.
//
//   {"header":{"approval_key":"…","custtype":"P","tr_type":"1","content-type":"utf-8"},
//    "body":{"input":{"tr_id":"H0STCNT0","tr_key":"005930"}}}
import type { WireCode } from './wire.ts';

export interface SessionRequest {
  readonly approvalKey: unknown;
  /** `tr_type` 1; 2 gives a registration back. */
  readonly register: boolean;
  readonly trId: string;
  readonly trKey: string;
}

/** The request, or the code that says what is wrong with it. */
export function parseSessionRequest(text: string): SessionRequest | WireCode {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return 'OPSP9999';
  }
  const header = member(message, 'header');
  const body = member(message, 'body');
  const input = member(body, 'input');
  const customerType = member(header, 'custtype');
  // Clients that write it as a number are understood.
  const type = String(member(header, 'tr_type'));
  const trId = member(input, 'tr_id');
  const trKey = member(input, 'tr_key');
  if (header === undefined) return 'OPSP9998';
  if (body === undefined) return 'OPSP9992';
  if (input === undefined) return 'OPSP9991';
  if (customerType === undefined) return 'OPSP9997';
  if (customerType !== 'P' && customerType !== 'B') return 'OPSP8998';
  if (type !== '1' && type !== '2') return 'OPSP8997';
  if (trKey === undefined) return 'OPSP9990';
  if (typeof trKey !== 'string' || trKey === '') return 'OPSP8993';
  return {
    approvalKey: member(header, 'approval_key'),
    register: type === '1',
    trId: typeof trId === 'string' ? trId : '',
    trKey,
  };
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

// Execution notices (H0STCNI0 real, H0STCNI9 paper): AES-256-CBC, then `^`-separated text. They hold personal data, so
// no text of them ever stands in an error, a log or the quarantine.
import { createDecipheriv } from 'node:crypto';
import { Envelope, FRAME_BYTES_MAX } from './envelope.ts';
import { type NoticeRecord, PRICE_SCALE, type QuarantineReason } from './records.ts';

/** `key` and `iv` of the acknowledgement of the subscription, as they stand there: text, not hexadecimal. */
export interface NoticeKey {
  readonly key: string;
  readonly iv: string;
}

export type NoticeOutcome =
  | { readonly ok: true; readonly records: readonly NoticeRecord[] }
  | { readonly ok: false; readonly reason: QuarantineReason };

const KEY_BYTES = 32;
const IV_BYTES = 16;
const DIGITS = /^\d{1,15}$/;
const PRICE = /^(\d{1,13})(?:\.(\d{1,2}))?$/;
const TIME = /^([01]\d|2[0-3])([0-5]\d)([0-5]\d)$/;
const CODE = /^[0-9A-Z]{1,7}$/;
const SIDES: ReadonlyMap<string, NoticeRecord['side']> = new Map([
  ['01', 'sell'],
  ['02', 'buy'],
]);

/** Decodes a notice frame as it came off the wire; `key` is null while the subscription is not acknowledged. */
export function decodeNotices(frame: Uint8Array, key: NoticeKey | null): NoticeOutcome {
  const envelope = new Envelope();
  const failure = envelope.read(frame, FRAME_BYTES_MAX);
  if (failure !== null) return { ok: false, reason: failure };
  const layout = envelope.layout!;
  if (layout.kind !== 'notice') return { ok: false, reason: 'unknown_tr' };
  const payload = Buffer.from(frame.buffer, frame.byteOffset, frame.length).toString('utf8', envelope.payloadStart);
  if (envelope.encrypted && key === null) return { ok: false, reason: 'encrypted_without_key' };
  const text = envelope.encrypted ? decrypt(payload, key!) : payload;
  if (text === null) return { ok: false, reason: 'decryption_failed' };
  const fields = text.split('^');
  const width = fields.length / envelope.count;
  if (!Number.isInteger(width)) return { ok: false, reason: 'width_not_integer' };
  if (width < layout.widthMin) return { ok: false, reason: 'width_too_small' };
  if (width > layout.widthMax) return { ok: false, reason: 'record_count' };
  const records: NoticeRecord[] = [];
  for (let start = 0; start < fields.length; start += width) {
    const record = noticeRecord(fields.slice(start, start + width));
    if (record === null) return { ok: false, reason: 'field' };
    records.push(record);
  }
  return { ok: true, records };
}

/**
 * Text of a base64 AES-256-CBC ciphertext with PKCS#7 padding; null where it does not decrypt. A wrong key may pass the
 * padding by chance (1 in 256): what comes out is then no UTF-8, and null as well.
 */
export function decrypt(base64: string, { key, iv }: NoticeKey): string | null {
  const keyBytes = Buffer.from(key, 'utf8');
  const ivBytes = Buffer.from(iv, 'utf8');
  if (keyBytes.length !== KEY_BYTES || ivBytes.length !== IV_BYTES) return null;
  try {
    const decipher = createDecipheriv('aes-256-cbc', keyBytes, ivBytes);
    const plain = Buffer.concat([decipher.update(base64, 'base64'), decipher.final()]);
    return new TextDecoder('utf-8', { fatal: true }).decode(plain);
  } catch {
    return null;
  }
}

function noticeRecord(fields: readonly string[]): NoticeRecord | null {
  const [customerId, accountNumber, orderNumber, originalOrderNumber, sideClass, , , , code] = fields;
  const [quantityText, priceText, timeText, rejected, filled, , , orderQuantityText] = fields.slice(9);
  const side = SIDES.get(sideClass);
  const quantity = wholeNumber(quantityText);
  const price = priceOf(priceText);
  const timeSeconds = secondsOf(timeText);
  const orderQuantity = wholeNumber(orderQuantityText);
  if (side === undefined || quantity === null || price === null || timeSeconds === null || orderQuantity === null)
    return null;
  if (!CODE.test(code) || !/^[01]$/.test(rejected) || !/^[12]$/.test(filled)) return null;
  return {
    customerId,
    accountNumber,
    orderNumber,
    originalOrderNumber,
    side,
    code,
    quantity,
    price,
    timeSeconds,
    rejected: rejected === '1',
    filled: filled === '2',
    orderQuantity,
  };
}

function wholeNumber(field: string): number | null {
  if (field === '') return 0;
  return DIGITS.test(field) ? Number(field) : null;
}

function priceOf(field: string): number | null {
  if (field === '') return 0;
  const match = PRICE.exec(field);
  return match === null ? null : Number(match[1]) * PRICE_SCALE + Number((match[2] ?? '').padEnd(2, '0'));
}

function secondsOf(field: string): number | null {
  if (field === '') return 0;
  const match = TIME.exec(field);
  return match === null ? null : Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3]);
}

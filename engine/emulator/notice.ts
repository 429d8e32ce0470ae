// Synthetic execution notices, encrypted as KIS encrypts them: AES-256-CBC with the acknowledgement's key and iv taken
// as text, PKCS#7, base64. The account in them exists nowhere.
import { createCipheriv } from 'node:crypto';
import { type AesPair, koreanDateTime } from './wire.ts';

export interface NoticeContent {
  readonly htsId: string;
  readonly orderNumber: number;
  readonly code: string;
  readonly name: string;
  readonly quantity: number;
  readonly priceWon: number;
  readonly timeUs: number;
}

/** A fill (CNTG_YN 2) of a buy order, 26 fields. */
export function noticePayload(content: NoticeContent): string {
  const quantity = String(content.quantity).padStart(10, '0');
  const price = String(content.priceWon).padStart(9, '0');
  return [
    content.htsId,
    '0000000001',
    String(content.orderNumber).padStart(10, '0'),
    '',
    '02',
    '0',
    '00',
    '0',
    content.code,
    quantity,
    price,
    koreanDateTime(content.timeUs).slice(8),
    '0',
    '2',
    '2',
    '00000',
    quantity,
    '에뮬레이터',
    '0',
    '1',
    'Y',
    '',
    '10',
    '',
    content.name,
    price,
  ].join('^');
}

export function encryptedFrame(trId: string, payload: string, aes: AesPair): string {
  const cipher = createCipheriv('aes-256-cbc', aes.key, aes.iv);
  return `1|${trId}|001|${cipher.update(payload, 'utf8', 'base64')}${cipher.final('base64')}`;
}

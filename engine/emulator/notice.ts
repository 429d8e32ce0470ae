// Synthetic execution notices, encrypted as KIS encrypts them: AES-256-CBC with the acknowledgement's key and iv taken
// as text, PKCS#7, base64. They are fills of the emulator's one account, which exists nowhere.
import { createCipheriv } from 'node:crypto';
import { kstDate } from '../../config/calendar.ts';
import type { SimulatedMarket } from './market/simulated-market.ts';
import type { Account } from './rest/account.ts';
import { type AesPair, koreanDateTime } from './wire.ts';
import { widthsOn } from './wire-widths.ts';

export interface NoticeWriterOptions {
  readonly htsId: string;
  /** Without it, a share that a recording may hold. */
  readonly market?: SimulatedMarket | undefined;
  readonly account: Account;
}

interface NoticeContent {
  readonly htsId: string;
  readonly accountNumber: string;
  readonly orderNumber: number;
  readonly code: string;
  readonly name: string;
  readonly quantity: number;
  readonly priceWon: number;
  readonly timeUs: number;
  readonly fields: 23 | 26;
}

const QUANTITY = 10;
const RECORDED = { code: '005930', name: '삼성전자', priceWon: 70_500 };

export class NoticeWriter {
  private readonly options: NoticeWriterOptions;
  private orders = 0;

  constructor(options: NoticeWriterOptions) {
    this.options = options;
  }

  /** The next fill, in clear; the account holds it from then on. */
  next(timeUs: number): string {
    const { htsId, market, account } = this.options;
    this.orders += 1;
    const fill = { ...this.filled(), side: 'buy', quantity: QUANTITY } as const;
    const date = market?.businessDate ?? kstDate(timeUs);
    account.fill({ ...fill, date });
    const accountNumber = account.number.replace('-', '');
    return noticePayload({
      htsId,
      accountNumber,
      orderNumber: this.orders,
      ...fill,
      timeUs,
      fields: widthsOn(date).notice,
    });
  }

  private filled(): typeof RECORDED {
    const { market } = this.options;
    const code = market?.has(RECORDED.code) ? RECORDED.code : market?.codes[0];
    if (market === undefined || code === undefined) return RECORDED;
    return { code, name: market.instrument(code).nameKo, priceWon: market.quote(code).priceWon };
  }
}

/** A fill (CNTG_YN 2) of a buy order; since 2025 with the order's condition, exchange and more: 26 fields, before 23. */
function noticePayload(content: NoticeContent): string {
  const quantity = String(content.quantity).padStart(10, '0');
  const price = String(content.priceWon).padStart(9, '0');
  return [
    content.htsId,
    content.accountNumber,
    String(content.orderNumber).padStart(10, '0'),
    '',
    '02', // 4: buy
    '0',
    '00',
    '0',
    content.code, // 8
    quantity,
    price,
    koreanDateTime(content.timeUs).slice(8),
    '0',
    '2', // 13: a fill
    '2',
    '00000',
    quantity,
    '에뮬레이터', // 17
    ...(content.fields === 26 ? ['0', '1', 'Y', ''] : [content.name]),
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

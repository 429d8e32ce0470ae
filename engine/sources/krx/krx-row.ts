// A row of a KRX answer: all values are strings, numbers carry commas, and `-` or nothing stands for none.
import { KrxError } from './krx-error.ts';

const NUMBER = /^-?\d[\d,]*(?:\.\d+)?$|^-?\.\d+$/;
const SHORT_CODE = /^[0-9A-Z]{6,7}$/;
const STANDARD_CODE = /^KR[0-9A-Z]{10}$/;

export class KrxRow {
  private readonly service: string;
  private readonly fields: Readonly<Record<string, unknown>>;

  constructor(service: string, fields: Readonly<Record<string, unknown>>) {
    this.service = service;
    this.fields = fields;
  }

  text(name: string): string {
    const value = this.fields[name] ?? '';
    if (typeof value !== 'string') throw new KrxError('malformed', `${this.service} ${name}`);
    return value.trim();
  }

  /** 0 for none. */
  number(name: string): number {
    const text = this.text(name);
    if (text === '' || text === '-') return 0;
    const value = NUMBER.test(text) ? Number(text.replaceAll(',', '')) : Number.NaN;
    if (!Number.isFinite(value)) throw new KrxError('malformed', `${this.service} ${name}`);
    return value;
  }

  /** The short code, also where the exchange writes the standard one (KR7005930003). */
  code(name: string): string {
    const text = this.text(name);
    if (STANDARD_CODE.test(text)) return text.slice(3, 9);
    if (!SHORT_CODE.test(text)) throw new KrxError('malformed', `${this.service} ${name}`);
    return text;
  }
}

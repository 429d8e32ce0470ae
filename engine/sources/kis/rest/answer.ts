// What KIS answers, read at the edge: a body of strings becomes numbers, dates and flags here and nowhere else. A field
// that is missing or is no number is an error that names it, never a NaN that travels on.
import { KisRestError } from './kis-rest-error.ts';

export interface KisAnswer {
  readonly trId: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** KIS has a further page. */
  readonly more: boolean;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)$/;
const DATE = /^(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/;
const TIME = /^([01]\d|2[0-3])([0-5]\d)([0-5]\d)$/;

export class AnswerRow {
  private readonly trId: string;
  private readonly fields: Readonly<Record<string, unknown>>;

  constructor(trId: string, fields: Readonly<Record<string, unknown>>) {
    this.trId = trId;
    this.fields = fields;
  }

  /** Trimmed; empty where KIS leaves it out. */
  text(name: string): string {
    const value = this.fields[name] ?? '';
    if (typeof value !== 'string') throw this.malformed(name);
    return value.trim();
  }

  number(name: string): number {
    const text = this.text(name);
    const value = NUMBER.test(text) ? Number(text) : Number.NaN;
    if (!Number.isFinite(value)) throw this.malformed(name);
    return value;
  }

  /** 0 where it is empty. */
  numberOrZero(name: string): number {
    return this.text(name) === '' ? 0 : this.number(name);
  }

  /** YYYYMMDD. */
  date(name: string): number {
    const text = this.text(name);
    if (!DATE.test(text)) throw this.malformed(name);
    return Number(text);
  }

  /** Second of the day of HHMMSS. */
  second(name: string): number {
    const parts = TIME.exec(this.text(name));
    if (parts === null) throw this.malformed(name);
    return Number(parts[1]) * 3600 + Number(parts[2]) * 60 + Number(parts[3]);
  }

  /** Y or N. */
  flag(name: string): boolean {
    const text = this.text(name);
    if (text !== 'Y' && text !== 'N') throw this.malformed(name);
    return text === 'Y';
  }

  malformed(name: string): KisRestError {
    return new KisRestError('malformed', this.trId, `field ${name}`);
  }
}

/** The object under `name`. */
export function rowOf({ trId, body }: KisAnswer, name: string): AnswerRow {
  const value = body[name];
  if (!isObject(value)) throw new KisRestError('malformed', trId, `field ${name}`);
  return new AnswerRow(trId, value);
}

/** The list under `name`; KIS writes a list of one as an object now and then, and leaves an empty one out. */
export function rowsOf({ trId, body }: KisAnswer, name: string): AnswerRow[] {
  const value = body[name] ?? [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((item) => {
    if (!isObject(item)) throw new KisRestError('malformed', trId, `field ${name}`);
    return new AnswerRow(trId, item);
  });
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object that a body holds as JSON; undefined where it holds none. */
export function parsedObject(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(bytes.toString('utf8'));
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** A message code of KIS under one of its two names; undefined where there is none that looks like one. */
export function messageCode(body: Readonly<Record<string, unknown>>): string | undefined {
  const code = body.msg_cd ?? body.error_code;
  return typeof code === 'string' && /^[A-Z]{3,4}[A-Z0-9]{4,5}$/.test(code) ? code : undefined;
}

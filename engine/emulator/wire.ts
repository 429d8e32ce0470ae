// The KIS wire as the server writes it: acknowledgements, errors, PINGPONG, data frames. Shapes are those of recorded
// sessions; EMUCLOCK alone is ours, and only a client that asks for it (`?clock=1`) ever sees it.
import { randomBytes } from 'node:crypto';

/** What notices are encrypted with; sent with every acknowledgement, of plain TRs too. */
export interface AesPair {
  /** 32 lower-case letters. */
  readonly key: string;
  /** 16 hexadecimal digits, used as text. */
  readonly iv: string;
}

export function newAesPair(): AesPair {
  const letters = [...randomBytes(32)].map((byte) => String.fromCharCode(97 + (byte % 26)));
  return { key: letters.join(''), iv: randomBytes(8).toString('hex') };
}

/** Result 1 is an answer about a registration; 9 is a system error, which names none. */
const CODES = {
  OPSP0000: ['0', 'SUBSCRIBE SUCCESS'],
  OPSP0001: ['0', 'UNSUBSCRIBE SUCCESS'],
  OPSP0002: ['1', 'ALREADY IN SUBSCRIBE'],
  OPSP0003: ['1', 'UNSUBSCRIBE ERROR(not found!)'],
  OPSP0007: ['1', 'SUBSCRIBE INTERNAL ERROR'],
  OPSP0008: ['1', 'MAX SUBSCRIBE OVER'],
  OPSP0009: ['1', 'SUBSCRIBE ERROR : mci send failed'],
  OPSP0010: ['1', 'SUBSCRIBE WARNING : invalid appkey'],
  OPSP0011: ['9', 'invalid approval(appkey) : NOT FOUND'],
  OPSP0017: ['9', 'ERROR : htsid가잘못되었습니다'],
  OPSP8991: ['1', 'SUBSCRIBE ERROR : invalid tr_id'],
  OPSP8992: ['1', 'SUBSCRIBE ERROR : invalid tr_key'],
  OPSP8993: ['9', 'JSON PARSING ERROR : invalid tr_key'],
  OPSP8994: ['9', 'JSON PARSING ERROR : personalseckey not found'],
  OPSP8995: ['9', 'JSON PARSING ERROR : appsecret not found'],
  OPSP8996: ['9', 'ALREADY IN USE appkey'],
  OPSP8997: ['9', 'JSON PARSING ERROR : invalid tr_type'],
  OPSP8998: ['9', 'JSON PARSING ERROR : invalid custtype'],
  OPSP8999: ['9', 'resource not available (ALLOC_CALL_PARAM)'],
  OPSP9990: ['9', 'JSON PARSING ERROR : tr_key not found'],
  OPSP9991: ['9', 'JSON PARSING ERROR : input not found'],
  OPSP9992: ['9', 'JSON PARSING ERROR : body not found'],
  OPSP9993: ['9', 'JSON PARSING ERROR : internal error'],
  OPSP9994: ['9', 'JSON PARSING ERROR : INVALID appkey'],
  OPSP9995: ['9', 'resource not available'],
  OPSP9996: ['9', 'JSON PARSING ERROR : appkey not found'],
  OPSP9997: ['9', 'JSON PARSING ERROR : custtype not found'],
  OPSP9998: ['9', 'JSON PARSING ERROR : header not found'],
  OPSP9999: ['9', 'JSON PARSING ERROR : invalid json format'],
} as const;

export type WireCode = keyof typeof CODES;
export const WIRE_CODES = Object.keys(CODES) as readonly WireCode[];

export function isWireCode(text: unknown): text is WireCode {
  return typeof text === 'string' && Object.hasOwn(CODES, text);
}

/** The answer to a registration. The AES pair goes with success only; system errors name no registration. */
export function answer(code: WireCode, trId: string, trKey: string, encrypted: boolean, aes: AesPair): string {
  const [result, message] = CODES[code];
  const body = { rt_cd: result, msg_cd: code, msg1: message };
  if (result === '9') return JSON.stringify({ header: { tr_id: '(null)', tr_key: '', encrypt: 'N' }, body });
  const header = { tr_id: trId, tr_key: trKey, encrypt: encrypted ? 'Y' : 'N' };
  return JSON.stringify({ header, body: result === '0' ? { ...body, output: { iv: aes.iv, key: aes.key } } : body });
}

export function pingPong(timeUs: number): string {
  return JSON.stringify({ header: { tr_id: 'PINGPONG', datetime: koreanDateTime(timeUs) } });
}

export function clockAnnouncement(timeUs: number, speed: number): string {
  return JSON.stringify({ header: { tr_id: 'EMUCLOCK', time_us: String(timeUs), speed: String(speed) } });
}

/** `0|H0STCNT0|003|…`; the count has three digits. */
export function plainFrame(trId: string, count: number, payload: string): string {
  return `0|${trId}|${String(count).padStart(3, '0')}|${payload}`;
}

/** YYYYMMDDHHMMSS in Korea (UTC+9, no summer time). */
export function koreanDateTime(timeUs: number): string {
  const shifted = new Date(timeUs / 1000 + 9 * 3_600_000);
  return shifted.toISOString().replace(/\D/g, '').slice(0, 14);
}

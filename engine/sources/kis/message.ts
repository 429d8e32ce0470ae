// What KIS sends over a session, told apart by bytes:
//
//   0|H0STCNT0|003|005930^…      data frame          1|H0STCNI0|001|<base64>      execution notice (personal)
//   {"header":{…},"body":{…}}    acknowledgement, error, PINGPONG, or the emulator's clock
import { NOTICE_TR_IDS } from './tr-ids.ts';

const BRACE = 0x7b;
const ONE = 0x31;
const BAR = 0x7c;
const TR_ID_LENGTH_MAX = 16;

export type MessageClass = 'control' | 'frame' | 'notice';

/**
 * What is encrypted is personal, and so is a notice's TR in plain text. All else is a frame, even what no decoder will
 * understand: quarantine is the decoder's.
 */
export function classify(bytes: Uint8Array): MessageClass {
  if (bytes[0] === BRACE) return 'control';
  if (bytes[0] === ONE) return 'notice';
  return NOTICE_TR_IDS.has(trIdOf(bytes)) ? 'notice' : 'frame';
}

/** The TR id between the first two bars; '' where there is none. */
export function trIdOf(bytes: Uint8Array): string {
  const start = bytes.indexOf(BAR) + 1;
  if (start === 0) return '';
  let text = '';
  for (let at = start; at < bytes.length && at - start < TR_ID_LENGTH_MAX && bytes[at] !== BAR; at += 1) {
    text += String.fromCharCode(bytes[at]!);
  }
  return text;
}

export type ControlMessage = { readonly kind: 'ping' } | ClockAnnouncement | Answer;

/** The emulator's clock: simulated UTC microseconds, and how fast they pass (0: by announcements only). */
export interface ClockAnnouncement {
  readonly kind: 'clock';
  readonly timeUs: number;
  readonly speed: number;
}

/** KIS's answer to a request. After a system error (`result` 9) trId and trKey are '' and name no registration. */
export interface Answer {
  readonly kind: 'answer';
  readonly trId: string;
  readonly trKey: string;
  readonly result: string;
  readonly code: string;
  readonly aes: { readonly key: string; readonly iv: string } | undefined;
}

/** Undefined where the text is no JSON or has not the shape of a control message. */
export function parseControl(bytes: Buffer): ControlMessage | undefined {
  let message: unknown;
  try {
    message = JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
  const header = member(message, 'header');
  const trId = text(header, 'tr_id');
  if (trId === 'PINGPONG') return { kind: 'ping' };
  if (trId === 'EMUCLOCK') {
    const timeUs = Number(text(header, 'time_us'));
    const speed = Number(text(header, 'speed'));
    return Number.isSafeInteger(timeUs) && timeUs > 0 && Number.isFinite(speed) && speed >= 0
      ? { kind: 'clock', timeUs, speed }
      : undefined;
  }
  const body = member(message, 'body');
  const code = text(body, 'msg_cd');
  if (!/^[A-Z0-9]{4,12}$/.test(code)) return undefined;
  const output = member(body, 'output');
  const key = text(output, 'key');
  const iv = text(output, 'iv');
  return {
    kind: 'answer',
    trId: trId === '(null)' ? '' : trId,
    trKey: text(header, 'tr_key'),
    result: text(body, 'rt_cd'),
    code,
    aes: key !== '' && iv !== '' ? { key, iv } : undefined,
  };
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function text(value: unknown, name: string): string {
  const found = member(value, name);
  return typeof found === 'string' ? found : '';
}

// Execution notices: both widths, encrypted as KIS does; what fails says why and nothing of what it holds.
import { createCipheriv } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeNotices, decrypt, type NoticeKey } from './notices.ts';

const KEY: NoticeKey = { key: 'abcdefghijklmnopqrstuvwxyzabcdef', iv: '0123456789abcdef' };
const OLD =
  'someone^1234567801^0000002891^^02^0^00^0^005930^0000000010^000070500^093015^0^2^2^06010^000000012^홍길동^삼성전자^10^^삼성전자^000070500';
const NEW =
  'someone^1234567801^0000002892^0000002891^01^0^00^0^005930^0000000003^000070550.5^235959^1^1^1^06010^000000003^홍길동^0^1^Y^^10^^삼성전자^000070500';

function encrypted(text: string, { key, iv }: NoticeKey = KEY): string {
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  return cipher.update(text, 'utf8', 'base64') + cipher.final('base64');
}

function frame(text: string, trId = 'H0STCNI0', count = '001', encryption = '1'): Uint8Array {
  return new TextEncoder().encode(`${encryption}|${trId}|${count}|${text}`);
}

const OLD_RECORD = {
  customerId: 'someone',
  accountNumber: '1234567801',
  orderNumber: '0000002891',
  originalOrderNumber: '',
  side: 'buy',
  code: '005930',
  quantity: 10,
  price: 7_050_000,
  timeSeconds: 34_215,
  rejected: false,
  filled: true,
  orderQuantity: 12,
};
const NEW_RECORD = {
  ...OLD_RECORD,
  orderNumber: '0000002892',
  originalOrderNumber: '0000002891',
  side: 'sell',
  quantity: 3,
  price: 7_055_050,
  timeSeconds: 86_399,
  rejected: true,
  filled: false,
  orderQuantity: 3,
};

describe('execution notices', () => {
  it.each([
    ['H0STCNI0', OLD, OLD_RECORD],
    ['H0STCNI9', NEW, NEW_RECORD],
    ['K0STCNI0', NEW, NEW_RECORD],
    ['K0STCNI9', OLD, OLD_RECORD],
  ])('%s is decrypted and read', (trId, text, record) => {
    expect(decodeNotices(frame(encrypted(text), trId), KEY)).toEqual({ ok: true, records: [record] });
  });

  it('may be several in a frame', () => {
    const outcome = decodeNotices(frame(encrypted(`${NEW}^${NEW}`), 'H0STCNI0', '002'), KEY);
    expect(outcome).toEqual({ ok: true, records: [NEW_RECORD, NEW_RECORD] });
  });

  it.each([
    ['no key', frame(encrypted(NEW)), null, 'encrypted_without_key'],
    ['another key', frame(encrypted(NEW)), { ...KEY, key: KEY.key.replace('a', 'b') }, 'decryption_failed'],
    ['a key of the wrong length', frame(encrypted(NEW)), { ...KEY, key: 'short' }, 'decryption_failed'],
    ['no base64', frame('***'), KEY, 'decryption_failed'],
    ['a cut ciphertext', frame(encrypted(NEW).slice(0, 40)), KEY, 'decryption_failed'],
    ['too few fields', frame(encrypted('someone^1234567801')), KEY, 'width_too_small'],
    ['two records counted as one', frame(encrypted(`${NEW}^${NEW}`)), KEY, 'record_count'],
    ['fields that do not divide', frame(encrypted(`${NEW}^x`), 'H0STCNI0', '002'), KEY, 'width_not_integer'],
    ['an unknown side', frame(encrypted(NEW.replace('^01^', '^03^'))), KEY, 'field'],
    ['a quantity that is none', frame(encrypted(NEW.replace('0000000003', 'three'))), KEY, 'field'],
    ['a price that is none', frame(encrypted(NEW.replace('000070550.5', '70550.555'))), KEY, 'field'],
    ['an hour that is none', frame(encrypted(NEW.replace('235959', '245959'))), KEY, 'field'],
    ['a class that is none', frame(encrypted(NEW.replace('^235959^1^1^', '^235959^N^2^'))), KEY, 'field'],
    ['another TR', frame('', 'H0STCNT0'), KEY, 'unknown_tr'],
    ['nothing', new Uint8Array(), KEY, 'empty'],
  ] as const)('with %s is refused', (_, bytes, key, reason) => {
    expect(decodeNotices(bytes, key)).toEqual({ ok: false, reason });
  });

  it('survives any ciphertext and never tells what it held', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        const outcome = decodeNotices(frame(Buffer.from(noise).toString('base64')), KEY);
        expect(Object.keys(outcome).sort()).toEqual(['ok', 'reason']);
      }),
    );
  });
});

const RECORDINGS = join(
  process.env.KISIGNAL_SHARED_DATA ?? join(import.meta.dirname, '../../../shared/data'),
  'kis/frames.jsonl',
);

describe('golden vectors', () => {
  it.skipIf(!existsSync(RECORDINGS))('decrypt to their plaintext (skipped where ../shared/data/kis is absent)', () => {
    const rows = readFileSync(RECORDINGS, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { tr_id: string; raw: string });
    const vectors = rows
      .filter((row) => row.tr_id === 'AES')
      .map((row) => JSON.parse(row.raw) as Record<'key' | 'iv' | 'ciphertext' | 'plaintext', string>);
    expect(vectors).toHaveLength(2);
    for (const { key, iv, ciphertext, plaintext } of vectors) expect(decrypt(ciphertext, { key, iv })).toBe(plaintext);
    const [{ key, iv }] = vectors;
    for (const { raw } of rows.filter((row) => row.tr_id === 'H0STCNI0')) {
      const bytes = raw.startsWith('1|') ? new TextEncoder().encode(raw) : frame(encrypted(raw));
      expect(decodeNotices(bytes, raw.startsWith('1|') ? { key, iv } : KEY)).toMatchObject({
        ok: true,
        records: [{ accountNumber: '1234567801', side: 'buy' }],
      });
    }
  });
});

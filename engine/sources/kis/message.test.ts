import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classify, parseControl, trIdOf } from './message.ts';
import { NOTICE_TR_IDS } from './tr-ids.ts';

const bytes = (text: string) => Buffer.from(text);

describe('messages', () => {
  it('are told apart by their first bytes', () => {
    expect(classify(bytes('0|H0STCNT0|001|005930^…'))).toBe('frame');
    expect(classify(bytes('{"header":{}}'))).toBe('control');
    expect(classify(bytes('1|H0STCNI0|001|AAAA'))).toBe('notice');
  });

  it('that are broken go to the decoder, which has a quarantine', () => {
    for (const text of ['', 'x', '0', '0|H0ST', '2|H0STCNT0|001|', '\n']) expect(classify(bytes(text))).toBe('frame');
  });

  it('are personal wherever a notice is in them, encrypted or not, whole or cut', () => {
    for (const trId of NOTICE_TR_IDS) {
      expect(classify(bytes(`0|${trId}|001|myid^12345`))).toBe('notice');
      expect(classify(bytes(`1|${trId}|001|AAAA`))).toBe('notice');
    }
    for (const text of ['1', '1|', '1|H0ST', '1|X0STZZZ0|001|AAAA']) expect(classify(bytes(text))).toBe('notice');
  });

  it('give their TR by bytes', () => {
    expect(trIdOf(bytes('1|H0STCNI0|001|AA|BB'))).toBe('H0STCNI0');
    expect(trIdOf(bytes('1'))).toBe('');
  });

  it('of control are read in the shapes of KIS', () => {
    const acknowledgement =
      '{"header":{"tr_id":"H0STASP0","tr_key":"005930","encrypt":"N"},"body":{"rt_cd":"0","msg_cd":"OPSP0000",' +
      '"msg1":"SUBSCRIBE SUCCESS","output":{"iv":"96de248bda413d58","key":"npudbpdylbqfsndkjgvknsjgsveanbca"}}}';
    expect(parseControl(bytes(acknowledgement))).toEqual({
      kind: 'answer',
      trId: 'H0STASP0',
      trKey: '005930',
      result: '0',
      code: 'OPSP0000',
      aes: { iv: '96de248bda413d58', key: 'npudbpdylbqfsndkjgvknsjgsveanbca' },
    });
    const abbreviated = '{"header":{"tr_id":"(null)"},"body":{"rt_cd":"9","msg_cd":"OPSP0017","msg1":"ERROR"}}';
    expect(parseControl(bytes(abbreviated))).toMatchObject({ trId: '', trKey: '', code: 'OPSP0017', aes: undefined });
    const ping = '{"header":{"tr_id":"PINGPONG","datetime":"20260914093000"}}';
    expect(parseControl(bytes(ping))).toEqual({ kind: 'ping' });
    const clock = '{"header":{"tr_id":"EMUCLOCK","time_us":"1790000000000000","speed":"2.5"}}';
    expect(parseControl(bytes(clock))).toEqual({ kind: 'clock', timeUs: 1_790_000_000_000_000, speed: 2.5 });
  });

  it('of control in any other shape are undefined, and never throw', () => {
    for (const text of [
      '{',
      '{}',
      '{"header":null,"body":null}',
      '{"body":{"msg_cd":7}}',
      '{"body":{"msg_cd":"not a code"}}',
      '{"header":{"tr_id":"EMUCLOCK","time_us":"soon","speed":"1"}}',
      '{"header":{"tr_id":"EMUCLOCK","time_us":"1790000000000000","speed":"-1"}}',
    ]) {
      expect(parseControl(bytes(text))).toBeUndefined();
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => void classifyAndParse(noise)));
    fc.assert(fc.property(fc.json(), (json) => void parseControl(bytes(json))));
  });
});

function classifyAndParse(noise: Uint8Array): void {
  classify(noise);
  trIdOf(noise);
  parseControl(Buffer.from(noise));
}

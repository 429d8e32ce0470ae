import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLogger } from './log.ts';

function logged(secrets: string[], write: (log: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  write(createLogger({ level: 'debug', secrets, destination: { write: (line) => lines.push(line) } }));
  return lines.join('');
}

describe('the logger', () => {
  it('writes one JSON object a line, with level, time and message', () => {
    const lines = logged([], (log) => {
      log.info({ port: 1 }, 'listening');
      log.debug('more');
      log.trace('not at this level');
    });
    const [first, second, ...rest] = lines
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(first).toEqual({ level: 'info', time: expect.stringMatching(/^\d{4}-.+Z$/), port: 1, msg: 'listening' });
    expect(second.msg).toBe('more');
    expect(rest).toEqual([]);
  });

  it('redacts fields by name at any depth up to three', () => {
    const text = logged([], (log) =>
      log.info({
        appKey: 'aaa',
        kis: { appSecret: 'bbb' },
        a: { b: { approval_key: 'ccc' } },
        source: { aes: { key: 'ddd' } },
      }),
    );
    expect(text).not.toMatch(/aaa|bbb|ccc|ddd/);
  });

  it('masks the value of a secret wherever it stands, and the line stays JSON', () => {
    // Values that a key, a token or a password may have; what is part of every line anyway is no secret.
    const secret = fc
      .string({ minLength: 6, maxLength: 40, unit: 'grapheme-ascii' })
      .filter((text) => /[^\s0-9]{4}/.test(text));
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
        const text = logged([value], (log) => {
          log.info({ url: `http://host/?key=${value}`, list: [value] }, `${before}${value}${after}`);
          log.error(new Error(`refused: ${value}`));
        });
        for (const line of text.trimEnd().split('\n')) {
          const parsed = JSON.parse(line);
          for (const field of [parsed.url, parsed.list?.[0], parsed.err?.message, parsed.err?.stack]) {
            expect(field ?? '').not.toContain(value);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('masks escaped and encoded forms', () => {
    const value = 'pass"word\\with/odd+signs';
    const text = logged([value], (log) => log.info({ value, address: encodeURIComponent(value) }, value));
    expect(text).not.toContain('word');
  });

  it('masks an account number as text and as number, but no longer number that holds its digits', () => {
    const text = logged(['12345678-01'], (log) =>
      log.info({ account: 12345678, list: [1234567801, 2], timeUs: 1712345678001 }, 'of 12345678-01 and 12345678'),
    );
    expect(JSON.parse(text)).toMatchObject({
      account: '[secret]',
      list: ['[secret]', 2],
      timeUs: 1712345678001,
      msg: 'of [secret] and [secret]',
    });
  });

  it('masks the password of an address', () => {
    const text = logged(['redis://user:hunter2hunter2@db:6379'], (log) => log.info('login with hunter2hunter2 failed'));
    expect(text).not.toContain('hunter2');
  });
});

// The tables keep their own rules. What makes each of them happen is tested with the gateway.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CLOSES, ERRORS, REFUSALS, type RefusalSlug, refusal } from './errors.ts';

it('gives each error and each close a number of its own', () => {
  for (const table of [ERRORS, CLOSES]) {
    const codes = Object.values(table).map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  }
});

it('says by the range of a close code whether to come back', () => {
  for (const { code, reconnect } of Object.values(CLOSES)) {
    if (code !== 1009) expect([code, reconnect]).toEqual([code, code >= 3000 && code <= 3499]);
    expect(code).toBeLessThan(4000);
  }
});

it('names a time to come back with exactly where trying again can help', () => {
  for (const { temporary, retryAfterMs } of Object.values(ERRORS)) expect(retryAfterMs !== null).toBe(temporary);
});

it('makes each refusal an HTTP answer with its slug', () => {
  for (const slug of Object.keys(REFUSALS) as RefusalSlug[]) {
    const { status, body } = refusal(slug);
    expect(status).toBe(REFUSALS[slug].status);
    expect(JSON.parse(body as string)).toEqual({ error: { slug, text: REFUSALS[slug].text } });
  }
});

it('is told to people as it is', () => {
  const readme = readFileSync(`${import.meta.dirname}/README.md`, 'utf8');
  const rows = [...readme.matchAll(/^\| (\d{4}) \| .* \| (yes|no) \|$/gm)].map(([, code, word]) => [
    Number(code),
    word,
  ]);
  expect(rows).toEqual(Object.values(CLOSES).map(({ code, reconnect }) => [code, reconnect ? 'yes' : 'no']));
});

it('has a test for each entry', () => {
  const tests = readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.test.ts') && name !== 'errors.test.ts')
    .map((name) => readFileSync(`${import.meta.dirname}/${name}`, 'utf8'))
    .join('\n');
  const wanted = [
    ...[...Object.keys(ERRORS), ...Object.keys(REFUSALS)].map((slug) => `'${slug}'`),
    ...Object.keys(CLOSES).map((slug) => `CLOSES.${slug}`),
  ];
  expect(wanted.filter((text) => !tests.includes(text))).toEqual([]);
});

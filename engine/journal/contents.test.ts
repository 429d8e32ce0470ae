import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ContentError, Contents } from './contents.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-contents-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('stores equal contents once and gives them back by their SHA-256', () => {
  const contents = new Contents(folder);
  const sha256 = contents.putJson({ a: 1, name: '삼성전자' });
  expect(contents.putJson({ a: 1, name: '삼성전자' })).toBe(sha256);
  expect(readdirSync(folder)).toEqual([sha256]);
  expect(new Contents(folder).getJson(sha256)).toEqual({ a: 1, name: '삼성전자' });
  expect(contents.put(Buffer.from('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

it('says which content is missing or changed', () => {
  const contents = new Contents(folder);
  const sha256 = contents.put(Buffer.from('weights'));
  writeFileSync(join(folder, sha256), 'Weights');
  expect(() => contents.get(sha256)).toThrow(ContentError);
  expect(() => contents.get('00')).toThrow(/content 00/);
});

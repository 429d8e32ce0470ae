import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { NoticeVault, readMasterKey } from './notice-vault.ts';

let folder: string;
const master = Buffer.alloc(32, 7);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-vault-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('gives back what was stored, each account its own, also after a restart', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('11111111-01', '22222222-01'), fc.uint8Array()), { maxLength: 20 }),
      (notices) => {
        rmSync(folder, { recursive: true });
        const vault = new NoticeVault(folder, master);
        for (const [i, [account, payload]] of notices.entries()) vault.append(account, i, payload);
        const again = new NoticeVault(folder, master);
        for (const account of ['11111111-01', '22222222-01']) {
          const expected = notices.flatMap(([of, payload], i) =>
            of === account ? [{ time: i, payload: [...payload] }] : [],
          );
          expect([...again.read(account)].map((n) => ({ time: n.engineTimeUs, payload: [...n.payload] }))).toEqual(
            expected,
          );
        }
      },
    ),
    { numRuns: 20 },
  );
});

it('shows neither account nor content on the disk', () => {
  new NoticeVault(folder, master).append('12345678-01', 1, Buffer.from('order 0000002891 of HONG'));
  for (const name of readdirSync(folder)) {
    expect(name).not.toContain('12345678');
    expect(readFileSync(join(folder, name), 'latin1')).not.toMatch(/12345678|0000002891|HONG/);
  }
});

it('cannot be read after erasure, not even from a copy of the stream', () => {
  const vault = new NoticeVault(folder, master);
  vault.append('12345678-01', 1, Buffer.from('secret'));
  vault.erase('12345678-01');
  expect(readdirSync(folder).some((name) => name.endsWith('.key'))).toBe(false);
  expect(() => [...new NoticeVault(folder, master).read('12345678-01')]).toThrow(/erased/);
});

it('finds a changed byte, a cut and a wrong master key', () => {
  const vault = new NoticeVault(folder, master);
  vault.append('12345678-01', 1, Buffer.from('first'));
  const path = join(folder, readdirSync(folder).find((name) => name.endsWith('.stream'))!);
  const bytes = readFileSync(path);
  for (const position of [4, 20, bytes.length - 1]) {
    const changed = Buffer.from(bytes);
    changed[position] ^= 1;
    writeFileSync(path, changed);
    expect(() => [...vault.read('12345678-01')]).toThrow();
  }
  writeFileSync(path, bytes.subarray(0, -1));
  expect(() => [...vault.read('12345678-01')]).toThrow(/cut/);
  expect([...new NoticeVault(folder, Buffer.alloc(32, 8)).read('12345678-01')]).toEqual([]);
});

it('makes a key again where a kill left half of one, and leaves no part of it', () => {
  const vault = new NoticeVault(folder, master);
  vault.append('12345678', 1, Buffer.from('a'));
  const [key] = readdirSync(folder).filter((name) => name.endsWith('.key'));
  renameSync(join(folder, key), join(folder, `${key}.part`));
  truncateSync(join(folder, `${key}.part`), 10);
  const next = new NoticeVault(folder, master);
  next.append('12345678', 2, Buffer.from('b'));
  expect([...next.read('12345678')].map(({ engineTimeUs }) => engineTimeUs)).toEqual([2]);
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
});

it('reads a master key raw, hexadecimal or base64, and refuses another length without showing it', () => {
  const path = join(folder, 'master');
  for (const text of [master, master.toString('hex'), `${master.toString('base64')}\n`]) {
    writeFileSync(path, text);
    expect(readMasterKey(path)).toEqual(master);
  }
  writeFileSync(path, 'tooshort');
  expect(() => readMasterKey(path)).toThrow(/expected 32 bytes/);
  expect(() => readMasterKey(path)).not.toThrow(/tooshort/);
});

it('goes on behind a record that was torn, at any byte', () => {
  for (let cut = 1; cut < 40; cut++) {
    rmSync(folder, { recursive: true });
    const vault = new NoticeVault(folder, master);
    for (let i = 0; i < 2; i++) vault.append('11111111-01', i, Buffer.from(`notice ${i}`));
    const path = join(folder, readdirSync(folder).find((name) => name.endsWith('.stream'))!);
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, bytes.length - cut));
    const again = new NoticeVault(folder, master);
    for (let i = 2; i < 4; i++) again.append('11111111-01', i, Buffer.from(`notice ${i}`));
    expect([...again.read('11111111-01')].map(({ engineTimeUs }) => engineTimeUs)).toEqual([0, 2, 3]);
  }
});

it('goes on behind a tail of zeros, as a power loss leaves one', () => {
  new NoticeVault(folder, master).append('11111111-01', 1, Buffer.from('first'));
  const path = join(folder, readdirSync(folder).find((name) => name.endsWith('.stream'))!);
  appendFileSync(path, Buffer.alloc(100));
  const again = new NoticeVault(folder, master);
  again.append('11111111-01', 2, Buffer.from('second'));
  expect([...again.read('11111111-01')].map(({ engineTimeUs }) => engineTimeUs)).toEqual([1, 2]);
});

it('cuts nothing where good records stand behind a damaged one, which a read still finds', () => {
  const vault = new NoticeVault(folder, master);
  for (let i = 0; i < 3; i++) vault.append('11111111-01', i, Buffer.from(`notice ${i}`));
  const path = join(folder, readdirSync(folder).find((name) => name.endsWith('.stream'))!);
  const bytes = readFileSync(path);
  const second = 4 + bytes.readUInt32LE(0);
  for (const lengthFound of [0, 7, 1e9]) {
    bytes.writeUInt32LE(lengthFound, second);
    writeFileSync(path, bytes);
    const again = new NoticeVault(folder, master);
    again.append('11111111-01', 9, Buffer.from('next'));
    expect(readFileSync(path).subarray(0, bytes.length).equals(bytes)).toBe(true);
    const reading = again.read('11111111-01');
    expect(reading.next().value?.engineTimeUs).toBe(0);
    expect(() => reading.next()).toThrow(/damaged/);
  }
});

// Sealing of what lies at rest: AES-256-GCM, iv[12] tag[16] ciphertext in one piece, and the master key's file. What is
// sealed with other associated data than it is unsealed with, was changed or was moved does not open.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
export const KEY_BYTES = 32;
/** What sealing adds to the length. */
export const SEAL_BYTES = IV_BYTES + TAG_BYTES;

/** @throws Error where the file is not there or does not hold 32 bytes, raw, hexadecimal or base64; never shows them */
export function readMasterKey(path: string): Buffer {
  const raw = readFileSync(path);
  if (raw.length === KEY_BYTES) return raw;
  const text = raw.toString('latin1').trim();
  const key = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64');
  if (key.length !== KEY_BYTES) {
    throw new Error(`encryption key file ${path}: expected 32 bytes (raw, hexadecimal or base64), found ${key.length}`);
  }
  return key;
}

export function seal(key: Buffer, plain: Uint8Array, associated: Buffer): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv).setAAD(associated);
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), ciphertext]);
}

/** @throws Error where it does not open */
export function unseal(key: Buffer, sealed: Buffer, associated: Buffer): Buffer {
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, IV_BYTES)).setAAD(associated);
  decipher.setAuthTag(sealed.subarray(IV_BYTES, SEAL_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(SEAL_BYTES)), decipher.final()]);
}

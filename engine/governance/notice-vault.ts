// Personal data at rest: execution notices, one encrypted stream an account, apart from the market journal. Each account
// has a key of its own, wrapped by the master key; who destroys that key has erased the account, wherever copies lie.
//
//   NAME.key    = iv[12] tag[16] AES-256-GCM(master, account key)        NAME = HMAC-SHA-256(master, account number)
//   NAME.stream = record*;  record = length:u32 iv[12] tag[16] AES-256-GCM(account key, time:f64 payload)
//                 with the record's position in the file as associated data, so that none can be moved or repeated
import { createHmac, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { KEY_BYTES, SEAL_BYTES, seal, unseal } from './sealing.ts';

export { readMasterKey } from './sealing.ts';

export interface StoredNotice {
  readonly engineTimeUs: number;
  readonly payload: Buffer;
}

export class NoticeVault {
  private readonly folder: string;
  private readonly masterKey: Buffer;
  private readonly accountKeys = new Map<string, Buffer>();
  /** Bytes of the streams written by this vault; one whose last record may be torn is not among them. */
  private readonly ends = new Map<string, number>();

  constructor(folder: string, masterKey: Buffer) {
    this.folder = folder;
    this.masterKey = masterKey;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** @throws Error where it cannot be written (disk full, say) */
  append(accountNumber: string, engineTimeUs: number, payload: Uint8Array): void {
    const name = this.nameOf(accountNumber);
    const path = join(this.folder, `${name}.stream`);
    const plain = Buffer.allocUnsafe(8 + payload.length);
    plain.writeDoubleLE(engineTimeUs);
    plain.set(payload, 8);
    const key = this.accountKey(name);
    const position = this.ends.get(name) ?? cutTornEnd(path, key);
    const sealed = seal(key, plain, positionData(position));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(sealed.length);
    this.ends.delete(name);
    appendFileSync(path, Buffer.concat([length, sealed]), { mode: 0o600 });
    this.ends.set(name, position + length.length + sealed.length);
  }

  /** @throws Error where the account was erased, or a record was changed, moved or cut */
  *read(accountNumber: string): Generator<StoredNotice> {
    const name = this.nameOf(accountNumber);
    const path = join(this.folder, `${name}.stream`);
    if (!existsSync(path)) return;
    if (!existsSync(join(this.folder, `${name}.key`))) throw new Error('the account was erased: its key is destroyed');
    const key = this.accountKey(name);
    const bytes = readFileSync(path);
    for (let position = 0; position < bytes.length; ) {
      const end = recordEnd(bytes, position);
      if (end === -1) throw new Error(`notice stream is cut or damaged at byte ${position}`);
      const plain = unseal(key, bytes.subarray(position + 4, end), positionData(position));
      yield { engineTimeUs: plain.readDoubleLE(0), payload: plain.subarray(8) };
      position = end;
    }
  }

  /** Destroys the account's key: what is stored of it can never be read again. */
  erase(accountNumber: string): void {
    const name = this.nameOf(accountNumber);
    const path = join(this.folder, `${name}.key`);
    if (existsSync(path)) writeFileSync(path, randomBytes(SEAL_BYTES + KEY_BYTES), { flush: true });
    rmSync(path, { force: true });
    this.accountKeys.delete(name);
  }

  private nameOf(accountNumber: string): string {
    return createHmac('sha256', this.masterKey).update(accountNumber).digest('hex').slice(0, 32);
  }

  private accountKey(name: string): Buffer {
    let key = this.accountKeys.get(name);
    if (key === undefined) {
      const path = join(this.folder, `${name}.key`);
      if (existsSync(path)) {
        key = unseal(this.masterKey, readFileSync(path), Buffer.from(name));
      } else {
        // An erased account that trades again begins a stream of its own: the old one can be read by nobody.
        rmSync(join(this.folder, `${name}.stream`), { force: true });
        this.ends.delete(name);
        key = randomBytes(KEY_BYTES);
        // Put in place whole: half a key would lock the account out for good.
        writeFileSync(`${path}.part`, seal(this.masterKey, key, Buffer.from(name)), { flush: true, mode: 0o600 });
        renameSync(`${path}.part`, path);
      }
      this.accountKeys.set(name, key);
    }
    return key;
  }
}

/**
 * Cuts what a full disk or a power loss left of a last record, so that the next one can be read; the bytes then. What
 * has a good record behind it is no torn end: it stays, for `read` to find, and the next record goes behind it all.
 */
function cutTornEnd(path: string, key: Buffer): number {
  if (!existsSync(path)) return 0;
  const bytes = readFileSync(path);
  let end = 0;
  for (let next = recordEnd(bytes, end); next !== -1; next = recordEnd(bytes, end)) end = next;
  if (end === bytes.length) return end;
  for (let position = end + 1; position < bytes.length; position++) {
    if (isRecord(bytes, position, key)) return bytes.length;
  }
  truncateSync(path, end);
  return end;
}

/** Where the record at `position` ends by its length; −1 where no whole one stands there. */
function recordEnd(bytes: Buffer, position: number): number {
  if (position + 4 > bytes.length) return -1;
  const sealedBytes = bytes.readUInt32LE(position);
  const end = position + 4 + sealedBytes;
  return sealedBytes < SEAL_BYTES || end > bytes.length ? -1 : end;
}

function isRecord(bytes: Buffer, position: number, key: Buffer): boolean {
  const end = recordEnd(bytes, position);
  if (end === -1) return false;
  try {
    unseal(key, bytes.subarray(position + 4, end), positionData(position));
    return true;
  } catch {
    return false;
  }
}

function positionData(position: number): Buffer {
  const data = Buffer.alloc(8);
  data.writeDoubleLE(position);
  return data;
}

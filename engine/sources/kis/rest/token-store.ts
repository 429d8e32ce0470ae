// Where an access token outlives the process: KIS gives one a minute and tells the account's owner of each. On disk it
// lies sealed; without an encryption key there is no store, and a token lives in memory alone.
import { createHmac } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seal, unseal } from '../../../governance/sealing.ts';

export interface AccessToken {
  readonly text: string;
  /** Host time, UTC microseconds. */
  readonly expiresUs: number;
}

export interface TokenStore {
  load(): AccessToken | null;
  /** @throws Error where it cannot be written */
  save(token: AccessToken): void;
}

export interface SealedTokenStoreOptions {
  readonly folder: string;
  readonly masterKey: Buffer;
  /** Names the file, by a keyed hash: neither can be read from it. */
  readonly appKey: string;
  readonly restUrl: string;
}

export class SealedTokenStore implements TokenStore {
  private readonly options: SealedTokenStoreOptions;
  private readonly name: string;

  constructor(options: SealedTokenStoreOptions) {
    this.options = options;
    const { masterKey, appKey, restUrl } = options;
    this.name = createHmac('sha256', masterKey).update(`${restUrl} ${appKey}`).digest('hex').slice(0, 32);
  }

  /** Null where there is none, or none that opens: a new one is then asked for. */
  load(): AccessToken | null {
    try {
      const plain = unseal(this.options.masterKey, readFileSync(this.path), this.associated);
      const { text, expiresUs } = JSON.parse(plain.toString('utf8')) as Record<string, unknown>;
      return typeof text === 'string' && text !== '' && typeof expiresUs === 'number' ? { text, expiresUs } : null;
    } catch {
      return null;
    }
  }

  save({ text, expiresUs }: AccessToken): void {
    mkdirSync(this.options.folder, { recursive: true, mode: 0o700 });
    const plain = Buffer.from(JSON.stringify({ text, expiresUs }));
    writeFileSync(`${this.path}.part`, seal(this.options.masterKey, plain, this.associated), { mode: 0o600 });
    renameSync(`${this.path}.part`, this.path);
  }

  private get path(): string {
    return join(this.options.folder, `${this.name}.token`);
  }

  private get associated(): Buffer {
    return Buffer.from(this.name);
  }
}

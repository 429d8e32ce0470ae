// What a run takes for granted of the machine around it, looked at before anything is opened: whatever is wrong is told
// in the words of the setting that names it.
import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder } from '../config/paths.ts';
import type { Config } from '../config/schema.ts';
import { NoticeVault } from './governance/notice-vault.ts';
import { readMasterKey } from './governance/sealing.ts';
import { StartError } from './start-error.ts';

/** @throws StartError where data folder, key file or recorded frames cannot be used */
export function checkSurroundings(config: Config): {
  readonly vault: NoticeVault | null;
  readonly masterKey: Buffer | null;
} {
  const { encryptionKeyFile } = config.journal;
  const { framesFile } = config.emulator;
  const folder = dataFolder(config);
  const masterKey =
    encryptionKeyFile === null ? null : told('journal.encryptionKeyFile', () => readMasterKey(encryptionKeyFile));
  if (framesFile !== null && config.source.env === 'emulator') {
    told('emulator.framesFile', () => {
      accessSync(framesFile, constants.R_OK);
      if (!statSync(framesFile).isFile()) throw new Error(`${framesFile} is not a file`);
    });
  }
  return told('journal.dataDir', () => {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.R_OK | constants.W_OK);
    return { vault: masterKey === null ? null : new NoticeVault(join(folder, 'notices'), masterKey), masterKey };
  });
}

function told<T>(setting: string, attempt: () => T): T {
  try {
    return attempt();
  } catch (error) {
    throw new StartError(`${setting}: ${(error as Error).message}`, { cause: error });
  }
}

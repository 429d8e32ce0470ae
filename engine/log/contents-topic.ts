// Contents through the log: sent once by whoever ships the journal, before the entry that names them; kept by everyone else
// in a folder of his own, where the state machine finds them by hash.
import type { Logger } from 'pino';
import type { Input } from '../input.ts';
import { ContentError, type Contents } from '../journal/contents.ts';
import type { LogReader, LogRecord, PartitionedLog } from './partitioned-log.ts';
import { retiredWorker } from './retirement.ts';

/** Hashes that an entry names. */
export function namedContents(input: Input): string[] {
  if (input.kind !== 'control') return [];
  const { command } = input;
  if (command.type === 'start') return [command.configHash, command.modelHash, command.calendarHash];
  return command.type === 'reference' ? [command.hash] : [];
}

export function contentRecord(sha256: string, contents: Contents): LogRecord {
  return { partition: 0, key: sha256, value: contents.get(sha256), headers: { type: 'content' } };
}

export interface ContentsMirrorOptions {
  readonly log: PartitionedLog;
  readonly topic: string;
  /** Where they are kept. */
  readonly contents: Contents;
  readonly onFailed: (error: Error) => void;
  /** Hears the name of each worker that is asked to end. */
  readonly onRetired?: ((worker: string) => void) | undefined;
  readonly logger: Logger;
}

const DEADLINE_MS = 30_000;

export class ContentsMirror {
  /** Records whose bytes were not what their key names. */
  damaged = 0;
  private readonly options: ContentsMirrorOptions;
  private readonly have = new Set<string>();
  private readonly wanted = new Map<string, (() => void)[]>();
  private reader: LogReader | null = null;

  constructor(options: ContentsMirrorOptions) {
    this.options = options;
  }

  /** Reads all there is, and follows. @throws LogError where the log cannot be read */
  async start(): Promise<void> {
    const { log, topic, contents, onFailed, onRetired, logger } = this.options;
    const from = (await log.extent(topic)).map(({ partition, first }) => ({ partition, offset: first }));
    this.reader = await log.read({
      topic,
      from,
      onRecords: (_, records) => {
        for (const record of records) {
          const retired = retiredWorker(record);
          if (retired !== null) {
            onRetired?.(retired);
            continue;
          }
          const { key, value } = record;
          const sha256 = contents.put(value);
          if (key !== sha256) {
            this.damaged += 1;
            logger.error({ key, sha256 }, 'a content is not what its key names');
          }
          this.have.add(sha256);
          for (const resolve of this.wanted.get(sha256) ?? []) resolve();
          this.wanted.delete(sha256);
        }
      },
      onFailed,
    });
  }

  /** Resolves once they can be had. @throws ContentError where one does not come */
  async need(hashes: readonly string[]): Promise<void> {
    for (const sha256 of hashes) if (!this.isThere(sha256)) await this.coming(sha256);
  }

  async stop(): Promise<void> {
    await this.reader?.stop();
  }

  private isThere(sha256: string): boolean {
    if (this.have.has(sha256)) return true;
    try {
      this.options.contents.get(sha256);
    } catch (error) {
      if (error instanceof ContentError) return false;
      throw error;
    }
    this.have.add(sha256);
    return true;
  }

  private coming(sha256: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = new ContentError(sha256, `did not come over ${this.options.topic} within ${DEADLINE_MS / 1000} s`);
      const deadline = setTimeout(() => reject(late), DEADLINE_MS);
      const there = (): void => {
        clearTimeout(deadline);
        resolve();
      };
      this.wanted.set(sha256, [...(this.wanted.get(sha256) ?? []), there]);
    });
  }
}

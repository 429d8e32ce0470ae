// Heads of the journal's chain handed on to places that whoever rewrites the journal does not reach: the log, a file that
// may lie on another machine, a callback for what else there is. No place that fails stops or slows the engine.
import { constants, readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Seal } from '../journal/format.ts';

/** Where the chain stood at a seal: who holds it can tell whether anything in front of it was changed afterwards. */
export interface Anchor {
  readonly journalId: string;
  /** Build that wrote the journal at that moment. */
  readonly build: string;
  /** Entries so far: the number of the next one. */
  readonly offset: number;
  /** SHA-256, hexadecimal. */
  readonly chainHash: string;
  /** Signals of the running epoch; count −1 where whoever wrote the journal derived none. */
  readonly signals: { readonly count: number; readonly digest: string };
  /** Engine time of the last entry in front of the seal, UTC microseconds. */
  readonly timeUs: number;
}

export interface AnchorsOptions {
  readonly journalId: string;
  readonly build: string;
  /** JSON lines are added to it, each durable before the next; null: no file. */
  readonly file: string | null;
  /** For what else there is, as Kafka; what it throws or rejects with is counted. */
  readonly send?: (anchor: Anchor) => void | Promise<void>;
  readonly log: Logger;
}

/** An anchors file that cannot be read, or is none: line and reason stand in the message. */
export class AnchorError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'AnchorError';
  }
}

type Place = 'file' | 'send';

/** How long an end waits for places that are slow. */
const END_MS = 1000;
/** Where the last line of a file begins is looked for in its last bytes: an anchor has some 400. */
const TAIL_BYTES = 4096;

export class Anchors {
  handedOn = 0;
  /** Times at which a place was still at the one before: the next one covers both. */
  skipped = 0;
  /** Anchors that a place did not take, by place. */
  readonly failures: Record<Place, number> = { file: 0, send: 0 };
  private readonly options: AnchorsOptions;
  private newest: Seal | null = null;
  private readonly said = new Set<Place>();
  private readonly underWay = new Set<Promise<void>>();

  constructor(options: AnchorsOptions) {
    this.options = options;
  }

  /** The journal has written a seal; only the newest one counts. */
  readonly onSeal = (seal: Seal): void => {
    this.newest = seal;
  };

  /** Hands on the newest head, where there is one since the last call: at an interval. Nobody waits for the places. */
  handOn(): void {
    const { journalId, build, log, file, send } = this.options;
    const seal = this.newest;
    if (seal === null) return;
    if (this.underWay.size > 0) {
      this.skipped += 1;
      return;
    }
    this.newest = null;
    const anchor = anchorOf(seal, journalId, build);
    log.info({ anchor }, 'head of the journal’s chain');
    if (file !== null) this.attempt('file', () => appendLine(file, JSON.stringify(anchor)));
    if (send !== undefined) this.attempt('send', async () => send(anchor));
    this.handedOn += 1;
  }

  /** Hands on the last head; resolves once it is with all places, or they took too long. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, END_MS);
    });
    await Promise.race([late, this.settled()]);
    this.handOn();
    await Promise.race([late, this.settled()]);
    clearTimeout(timer);
  }

  private async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }

  private attempt(place: Place, act: () => Promise<void>): void {
    const attempt: Promise<void> = act().then(
      () => this.succeed(place),
      (error: unknown) => this.fail(place, error),
    );
    this.underWay.add(attempt);
    void attempt.then(() => this.underWay.delete(attempt));
  }

  private succeed(place: Place): void {
    if (this.said.delete(place)) this.options.log.info({ place }, 'anchors are handed on again');
  }

  /** Said once until it works again; the next anchor covers what this one did. */
  private fail(place: Place, error: unknown): void {
    this.failures[place] += 1;
    if (this.said.has(place)) return;
    this.said.add(place);
    const { file, log } = this.options;
    log.error({ err: error, place, ...(place === 'file' && { file }) }, 'anchor not handed on: the engine goes on');
  }
}

export function anchorOf({ offset, chainHash, signals, timeUs }: Seal, journalId: string, build: string): Anchor {
  return {
    journalId,
    build,
    offset,
    chainHash: chainHash.toString('hex'),
    signals: { count: signals.count, digest: signals.digest.toString('hex') },
    timeUs,
  };
}

async function appendLine(path: string, line: string): Promise<void> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT);
  try {
    const { size } = await file.stat();
    const end = await endOfLines(file, size);
    // A crash has cut off what stands behind: nobody was told that it is there.
    if (end < size) await file.truncate(end);
    const bytes = Buffer.from(`${line}\n`);
    for (let written = 0; written < bytes.length; ) {
      written += (await file.write(bytes, written, bytes.length - written, end + written)).bytesWritten;
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Where the last whole line ends. */
async function endOfLines(file: FileHandle, size: number): Promise<number> {
  const from = Math.max(0, size - TAIL_BYTES);
  const { buffer } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
  const newline = buffer.lastIndexOf(0x0a);
  return newline === -1 && from > 0 ? size : from + newline + 1;
}

const HASH = /^[0-9a-f]{64}$/;

/**
 * Anchors as a file holds them; a last line that a crash cut off is left out.
 * @throws AnchorError where it cannot be read, or a line is no anchor
 */
export function readAnchors(path: string): Anchor[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new AnchorError(`anchors cannot be read: ${(error as Error).message}`);
  }
  const lines = text.split('\n').slice(0, -1);
  return lines.flatMap((line, i) => {
    if (line === '') return [];
    const anchor = parsed(line);
    if (anchor === null) throw new AnchorError(`${path}: line ${i + 1} is no anchor`);
    return [anchor];
  });
}

function parsed(line: string): Anchor | null {
  try {
    const anchor = JSON.parse(line) as Anchor;
    const { journalId, build, offset, chainHash, signals, timeUs } = anchor;
    const isWhole = [offset, timeUs, signals.count].every(Number.isSafeInteger);
    const isText = [journalId, build].every((value) => typeof value === 'string');
    return isWhole && isText && HASH.test(chainHash) && HASH.test(signals.digest) ? anchor : null;
  } catch {
    return null;
  }
}

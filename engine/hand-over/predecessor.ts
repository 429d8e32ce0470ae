// The ingest that is to be replaced, as its successor sees it: which app keys it uses, and the moment in which it has
// ended its feed and let go of the journal.
import type { Logger } from 'pino';
import type { KisKey } from '../../config/kis-account.ts';
import { hostTimeUs } from '../clock.ts';
import { HubClient } from '../hub/hub-client.ts';
import type { FromIngest } from '../hub/wire.ts';
import { StartError } from '../start-error.ts';
import { Deferred } from './deferred.ts';
import { within } from './within.ts';

type Welcome = Extract<FromIngest, { type: 'welcome' }>;
type Yielded = Extract<FromIngest, { type: 'yielded' }>;

export interface PredecessorOptions {
  /** `ingest.json` of the data folder. */
  readonly file: string;
  readonly timeoutMs: number;
  readonly log: Logger;
}

export class Predecessor {
  readonly pid: number;
  private readonly keysInUse: readonly string[];
  private readonly client: HubClient;
  private readonly yielded: Promise<Yielded>;
  private readonly timeoutMs: number;

  private constructor(welcome: Welcome, client: HubClient, yielded: Promise<Yielded>, timeoutMs: number) {
    this.pid = welcome.pid;
    this.keysInUse = welcome.keysInUse;
    this.client = client;
    this.yielded = yielded;
    this.timeoutMs = timeoutMs;
  }

  /** @throws StartError where no ingest answers */
  static async find({ file, timeoutMs, log }: PredecessorOptions): Promise<Predecessor> {
    const welcome = new Deferred<Welcome>();
    const yielded = new Deferred<Yielded>();
    const client = new HubClient({
      file,
      role: () => 'successor',
      onMessage: (message) => {
        if (message.type === 'welcome') welcome.resolve(message);
        if (message.type === 'yielded') yielded.resolve(message);
        if (message.type === 'refused') welcome.reject(new StartError(`the ingest refuses: ${message.message}`));
      },
      onBatch: () => {},
      onDown: () => yielded.reject(new StartError('the ingest ended before it had let go of the journal')),
      log,
    });
    client.start();
    try {
      const none = new StartError(`no ingest answers within ${timeoutMs} ms: there is nothing to take over`);
      return new Predecessor(await within(welcome.promise, timeoutMs, none), client, yielded.promise, timeoutMs);
    } catch (error) {
      await client.stop();
      throw error;
    }
  }

  /** Keys that it does not use: with enough of them the successor's feed runs before the old one ends. */
  freeKeys(keys: readonly KisKey[]): readonly KisKey[] {
    return keys.filter(({ appKey }) => !this.keysInUse.some((end) => appKey.endsWith(end)));
  }

  /**
   * Asks it to end its feed and to let go of the journal, which it then has.
   * @returns host time of the last frame that it recorded (0: none), and what its end has taken
   */
  async yield(): Promise<{ readonly lastFrameUs: number; readonly tookUs: number }> {
    const askedUs = hostTimeUs();
    this.client.send({ type: 'yield' });
    const slow = new StartError(`the ingest has not let go of the journal within ${this.timeoutMs} ms`);
    const { lastFrameUs } = await within(this.yielded, this.timeoutMs, slow);
    return { lastFrameUs, tookUs: hostTimeUs() - askedUs };
  }

  close(): Promise<void> {
    return this.client.stop();
  }
}

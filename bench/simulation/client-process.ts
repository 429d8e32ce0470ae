// A client far away: the real library over the simulated network, and a witness of what it was given.
import { KisignalClient } from '../../gateway/client.ts';
import { type Ledger, Witness } from './audience.ts';
import type { Network } from './network.ts';
import { CHANNELS } from './settings.ts';
import type { Trace } from './trace.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface ClientProcessOptions {
  readonly name: string;
  readonly time: VirtualTime;
  readonly network: Network;
  readonly ledger: Ledger;
  readonly trace: Trace;
  /** Whether it is back within the window however long it was away, and so must miss nothing. */
  readonly isWhole: boolean;
  readonly sends?: ((text: string) => string) | undefined;
}

export class ClientProcess {
  readonly witness: Witness;
  private client: KisignalClient | null = null;

  constructor(options: ClientProcessOptions) {
    const { name, ledger, trace, isWhole, time } = options;
    this.witness = new Witness(name, ledger, trace, () => isWhole);
    time.after(1, () => this.connect(options), name);
  }

  close(): void {
    this.client?.close();
  }

  private connect({ name, network, sends }: ClientProcessOptions): void {
    const { witness } = this;
    this.client = new KisignalClient({
      url: 'ws://simulated/v1/stream',
      WebSocket: network.webSocketOf(name, sends),
      delayMsMin: 50,
      delayMsMax: 800,
      onSnapshot: (message) => witness.snapshot(message),
      onUpdate: (message) => witness.update(message),
      onHole: (hole) => witness.hole(hole),
    });
    // Refused only once the client is closed, at the end of the seed.
    this.client.subscribe({ channels: CHANNELS, delivery: 'all' }).catch(() => {});
  }
}

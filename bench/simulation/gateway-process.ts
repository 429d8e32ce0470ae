// The gateway of a simulated process: its real parts, wired as `gateway.ts` wires them, over the simulated network.
import type { Logger } from 'pino';
import type { Bus } from '../../engine/bus/bus.ts';
import type { SourceKind } from '../../engine/messages.ts';
import type { ClientStreams, StreamSources } from '../../gateway/client-streams.ts';
import { FanOut } from '../../gateway/fan-out.ts';
import { DEFAULT_LIMITS, type GatewayLimits } from '../../gateway/limits.ts';
import { MemorySessionStore } from '../../gateway/session-store.ts';
import { Sessions } from '../../gateway/sessions.ts';
import { createGatewayStats } from '../../gateway/stats.ts';
import { StreamDirectory } from '../../gateway/stream-directory.ts';
import type { Fuse } from './fuse.ts';
import type { Listener } from './network.ts';

export const LIMITS: GatewayLimits = {
  ...DEFAULT_LIMITS,
  queueBytesMax: 64 * 1024,
  drainMsMax: 3000,
  heartbeatMs: 1000,
  idleMsMax: 6000,
};

export interface GatewayProcessOptions {
  readonly bus: Bus;
  readonly origin: () => { readonly epoch: string; readonly source: SourceKind };
  readonly resumeWindowMs: number;
  readonly owner: string;
  readonly fuse: Fuse;
  readonly log: Logger;
}

/** Serves from now on; `shutDown` tells its clients that it ends. */
export function openGateway(options: GatewayProcessOptions): Listener & { shutDown(reason: string): void } {
  const { bus, origin, resumeWindowMs, owner, fuse, log } = options;
  const stats = createGatewayStats();
  const directory = new StreamDirectory<ClientStreams>();
  const addRetainedStreams = (): void => fanOut.addRetainedStreams();
  const sources: StreamSources = { bus, directory, stats, origin, addRetainedStreams };
  const sessions = new Sessions({ sources, limits: LIMITS, store: new MemorySessionStore(), resumeWindowMs, log });
  const fanOut = new FanOut({
    bus,
    directory,
    stats,
    epoch: origin().epoch,
    beginEpoch: (epoch, previous) => sessions.beginEpoch(epoch, previous),
  });
  const leave = bus.subscribe((batch) => fanOut.publish(batch));
  sessions.startHeartbeats();
  return {
    owner,
    fuse,
    accept: () => (sessions.refuses('simulated') === null ? sessions.create('json', 'simulated') : null),
    shutDown(reason) {
      leave();
      sessions.shutDown(reason);
    },
  };
}

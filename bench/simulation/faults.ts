// When what goes wrong in a seed; all of it is drawn before anything happens.
import type { Random } from '../../engine/emulator/market/random.ts';
import type { Disk } from './disk.ts';
import type { EngineProcess } from './engine-process.ts';
import { MARKET_SECONDS } from './market.ts';
import type { Connection, Network } from './network.ts';
import type { RemoteStore } from './snapshot-store.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface FaultTargets {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly network: Network;
  readonly disk: Disk;
  readonly store: RemoteStore;
  readonly process: EngineProcess | null;
  stopInOrder(): void;
  turnKillSwitch(): void;
  loseSession(): void;
}

export function planFaults(targets: FaultTargets): void {
  const { random, time, network, disk, store } = targets;
  const upTo = (max: number, run: () => void): void => {
    for (let n = random.below(max + 1); n > 0; n--) time.after(random.below(MARKET_SECONDS * 1000), run, '');
  };
  const onConnection = (run: (connection: Connection) => void): void => {
    const connections = [...network.connections];
    if (connections.length > 0) run(connections[random.below(connections.length)]);
  };
  upTo(4, () => targets.process?.fuse.light(1 + random.below(40)));
  upTo(1, () => targets.process?.fuse.blow('any moment'));
  upTo(1, () => targets.stopInOrder());
  upTo(2, () => targets.turnKillSwitch());
  upTo(2, () => targets.loseSession());
  upTo(1, () => {
    disk.fullUntilMs = time.nowMs + 300 + random.below(3000);
  });
  upTo(2, () => {
    store.awayUntilMs = time.nowMs + 200 + random.below(3000);
  });
  upTo(4, () => onConnection((connection) => connection.cut(random.below(2) === 0 ? 'client' : 'server')));
  upTo(3, () => onConnection((connection) => connection.stall(200 + random.below(4000))));
}

// One life of the process that holds engine and gateway: from opening the data folder to its death or orderly end. All
// that it does to the world goes through ports that its fuse can cut.
import type { Logger } from 'pino';
import { Subject } from 'rxjs';
import { hostTimeUs } from '../../engine/clock.ts';
import { type Engine, type EngineOptions, openEngine } from '../../engine/engine.ts';
import type { ControlCommand, Input, InputBatch } from '../../engine/input.ts';
import type { OutputBatch } from '../../engine/messages.ts';
import type { DigestReport } from '../../engine/streams/streams.ts';
import { Fuse } from './fuse.ts';
import { openGateway } from './gateway-process.ts';
import type { Network } from './network.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Of what one batch may hold. */
const FEED = 'simulated-feed';

export interface EngineProcessOptions {
  readonly name: string;
  readonly time: VirtualTime;
  readonly network: Network;
  readonly log: Logger;
  readonly engine: (fuse: Fuse) => EngineOptions;
  readonly onPublished: (batch: OutputBatch, engine: Engine) => void;
  /** It has recovered; its first entries come next. */
  readonly onOpened: (engine: Engine) => void;
  readonly onStarted: (process: EngineProcess) => void;
  readonly onFailed: (error: unknown) => void;
}

export class EngineProcess {
  readonly name: string;
  readonly fuse = new Fuse();
  engine: Engine | null = null;
  isRunning = false;
  private readonly options: EngineProcessOptions;
  private readonly engineOptions: EngineOptions;
  private readonly inputs = new Subject<InputBatch>();
  private gateway: ReturnType<typeof openGateway> | null = null;

  constructor(options: EngineProcessOptions) {
    this.options = options;
    this.name = options.name;
    this.engineOptions = options.engine(this.fuse);
    this.fuse.whenDead(() => this.die());
  }

  /** Opens, recovers, starts; how that goes is told by the callbacks. */
  begin(): void {
    const { time, onFailed } = this.options;
    time.after(
      0,
      () => {
        openEngine(this.engineOptions).then(
          (opened) => this.opened(opened),
          (error) => {
            if (!this.fuse.isDead) onFailed(error);
          },
        );
      },
      this.name,
    );
  }

  feed(inputs: Input[]): void {
    if (!this.isRunning || this.fuse.isDead) return;
    this.inputs.next({ receivedUs: hostTimeUs(), inputs });
  }

  /** False where the process died before the command was done. */
  command(command: ControlCommand): boolean {
    if (!this.isRunning || this.fuse.isDead) return false;
    this.engine!.command(command);
    return !this.fuse.isDead;
  }

  async stop(): Promise<DigestReport | null> {
    if (!this.isRunning || this.fuse.isDead) return null;
    this.isRunning = false;
    this.options.network.listener = null;
    this.gateway?.shutDown('stopped');
    const report = await this.engine!.stop('simulated');
    return this.fuse.isDead ? null : report;
  }

  /** Gives back what the operating system would have taken from a process that died. */
  bury(): void {
    this.engine?.journal.close();
    this.engine = null;
  }

  private opened(engine: Engine): void {
    this.engine = engine;
    if (this.fuse.isDead) return;
    const { time, onOpened } = this.options;
    onOpened(engine);
    time.after(0, () => this.start(engine), this.name);
  }

  private start(engine: Engine): void {
    const { network, log, onPublished, onStarted } = this.options;
    engine.bus.subscribe((batch) => {
      if (!this.fuse.isDead) onPublished(batch, engine);
    });
    const engineOptions = this.engineOptions;
    this.gateway = openGateway({
      bus: engine.bus,
      origin: () => ({ epoch: engine.machine.epoch, source: 'simulated' }),
      resumeWindowMs: engineOptions.resume?.windowMs ?? 0,
      owner: this.name,
      fuse: this.fuse,
      log,
    });
    engine.start({
      source: 'simulated',
      identity: FEED,
      clock: { nowUs: hostTimeUs },
      clockReady: () => true,
      startTimeUs: hostTimeUs(),
      batches: [this.inputs],
    });
    if (this.fuse.isDead) return;
    this.isRunning = true;
    network.listener = this.gateway;
    onStarted(this);
  }

  private die(): void {
    const { time, network } = this.options;
    this.isRunning = false;
    time.end(this.name);
    if (network.listener?.owner === this.name) network.listener = null;
    network.loseServer(this.name);
  }
}

// An operator's files (kill switch, list of subscriptions) as commands in the journal: at once where the journal does not
// know what they say, then at each change.
import type { Logger } from 'pino';
import { Subscription as RxSubscription } from 'rxjs';
import type { ControlCommand, Subscription } from '../input.ts';
import type { Standing } from '../journal-writer.ts';
import { haltFile, killSwitch } from '../kill-switch.ts';
import { subscriptions, subscriptionsFile } from '../subscriptions.ts';

export interface OperatorOptions {
  readonly dataFolder: string;
  readonly standing: Standing;
  readonly command: (command: ControlCommand) => void;
  /** The operator's list is another. */
  readonly want: (wanted: readonly Subscription[]) => void;
  readonly log: Logger;
}

export function followOperator({ dataFolder, standing, command, want, log }: OperatorOptions): RxSubscription {
  const running = new RxSubscription();
  const halts = killSwitch({ file: haltFile(dataFolder), on: standing.killSwitch });
  const lists = subscriptions({
    file: subscriptionsFile(dataFolder),
    wanted: standing.subscriptions,
    onMalformed: (problem) => log.warn({ problem }, 'the list of subscriptions cannot be used; the last one stays'),
  });
  let told = standing.killSwitch ?? false;
  running.add(
    halts.subscribe((halt) => {
      command(halt);
      if (halt.on !== told)
        log.warn({ reason: halt.reason }, halt.on ? 'signals are halted by an operator' : 'signals go on');
      told = halt.on;
    }),
  );
  running.add(
    lists.subscribe((list) => {
      command(list);
      want(list.wanted);
      log.info({ symbols: list.wanted.length }, 'subscriptions of the operator');
    }),
  );
  return running;
}

// The gravest alert of the engine, over the page and not inside its flow, so that nothing moves when it comes. It stays
// until the alert is resolved and that has been told, or until the reader puts it away.
import type { AlertMessage } from '../../engine/messages.ts';
import { mark, required, write } from './element.ts';
import type { View } from './frame.ts';
import { nameOf, type PageContext } from './page-context.ts';
import { currentAlerts } from './quality-ranking.ts';

export class AlertNotice implements View {
  private readonly root: HTMLElement;
  private readonly context: PageContext;
  /** What the reader has put away: until something else happens to it. */
  private readonly dismissed = new Map<string, string>();
  private shown: AlertMessage | undefined;

  constructor(root: HTMLElement, context: PageContext, onDetails: () => void, changed: () => void) {
    this.root = root;
    this.context = context;
    required(root, '[data-control=alert-details]').addEventListener('click', onDetails);
    required(root, '[data-control=alert-dismiss]').addEventListener('click', () => {
      if (this.shown !== undefined) this.dismissed.set(subjectOf(this.shown), eventOf(this.shown));
      changed();
    });
  }

  render(): void {
    const { state, translation } = this.context;
    const current = currentAlerts(state.alerts.values(), state.status?.timeUs ?? 0);
    const alert = current.find((one) => this.dismissed.get(subjectOf(one)) !== eventOf(one));
    this.shown = alert;
    this.root.hidden = alert === undefined;
    if (alert === undefined) return;
    const resolved = alert.state === 'resolved';
    mark(this.root, 'tone', alertTone(alert));
    const name = translation.text(resolved ? 'alert.resolved' : `alert.${alert.severity}`);
    write(required(this.root, '[data-part=alert-name]'), name);
    write(required(this.root, '[data-part=alert-text]'), alertText(this.context, alert));
  }
}

/** One sentence: what, of whom, how far, and when. */
export function alertText(
  context: PageContext,
  { rule, subject, state, value, threshold, timeUs }: AlertMessage,
): string {
  const { translation } = context;
  const { format } = translation;
  const what = translation.code('rule', rule);
  return translation.text(state === 'raised' ? 'alert.raisedText' : 'alert.resolvedText', {
    rule: subject === 'engine' ? what : `${nameOf(context, subject)} · ${what}`,
    value: format.number(value),
    threshold: format.number(threshold),
    time: format.timeOfDay(timeUs),
  });
}

export function alertTone({ state, severity }: AlertMessage): 'good' | 'bad' | 'warn' {
  if (state === 'resolved') return 'good';
  return severity === 'critical' ? 'bad' : 'warn';
}

function subjectOf({ rule, subject }: AlertMessage): string {
  return `${rule} ${subject}`;
}

function eventOf({ state, severity, timeUs }: AlertMessage): string {
  return `${state} ${severity} ${timeUs}`;
}

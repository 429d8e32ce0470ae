// The stream of signals, newest first, each with its score once its horizon has ended. New ones are announced to screen
// readers, but not more often than can be listened to.
import type { SignalMessage } from '../../engine/messages.ts';
import { directionOf, element, mark, required, stretch, write } from './element.ts';
import type { View } from './frame.ts';
import { codeOf, nameOf, type PageContext } from './page-context.ts';
import { type SignalEntry, summarise } from './signal-board.ts';

const ROWS_MAX = 60;
const ANNOUNCE_INTERVAL_MS = 5000;

type KnownEntry = SignalEntry & { signal: SignalMessage };

export class SignalList implements View {
  private readonly root: HTMLElement;
  private readonly context: PageContext;
  private readonly list: HTMLElement;
  private readonly rows = new Map<string, SignalRow>();
  private readonly onSelect: (instrument: string) => void;
  private onlySelected = false;
  private unannounced: { instrument: string; signal: SignalMessage } | null = null;
  private announcedMs = Number.NEGATIVE_INFINITY;

  constructor(root: HTMLElement, context: PageContext, onSelect: (instrument: string) => void, changed: () => void) {
    this.root = root;
    this.context = context;
    this.onSelect = onSelect;
    this.list = required(root, '.signal-rows');
    for (const button of root.querySelectorAll<HTMLButtonElement>('[data-filter]')) {
      button.addEventListener('click', () => {
        this.onlySelected = button.dataset.filter === 'selected';
        changed();
      });
    }
  }

  /** The newest signal waits for the next announcement; those between are on the list. */
  announce(instrument: string, signal: SignalMessage): void {
    this.unannounced = { instrument, signal };
  }

  render(nowMs: number): void {
    const { state, translation, selected } = this.context;
    for (const button of this.root.querySelectorAll<HTMLButtonElement>('[data-filter]')) {
      button.setAttribute('aria-pressed', String((button.dataset.filter === 'selected') === this.onlySelected));
    }
    const entries = state.signals.newest().filter((entry) => !this.onlySelected || entry.instrument === selected);
    this.arrange(entries.slice(0, ROWS_MAX));
    write(required(this.root, '.signal-note'), entries.length === 0 ? translation.text('signals.empty') : '');
    write(required(this.root, '[data-part=summary]'), this.summary(entries));
    this.speak(nowMs);
  }

  private arrange(entries: readonly KnownEntry[]): void {
    const shown = new Set<string>();
    for (const [i, entry] of entries.entries()) {
      shown.add(entry.id);
      let row = this.rows.get(entry.id);
      if (row === undefined) {
        row = new SignalRow(() => this.onSelect(entry.instrument));
        this.rows.set(entry.id, row);
      }
      if (this.list.children[i] !== row.node) this.list.insertBefore(row.node, this.list.children[i] ?? null);
      row.draw(this.context, entry);
    }
    for (const [id, row] of this.rows) {
      if (shown.has(id)) continue;
      row.node.remove();
      this.rows.delete(id);
    }
  }

  private summary(entries: readonly KnownEntry[]): string {
    const { translation } = this.context;
    const { format } = translation;
    const { scored, hitRate, netBpMean } = summarise(entries);
    if (scored === 0) return translation.text('signals.summaryNone');
    const values = { scored, hits: format.percent(hitRate), net: format.basisPoints(netBpMean) };
    return translation.text('signals.summary', values);
  }

  private speak(nowMs: number): void {
    if (this.unannounced === null || nowMs - this.announcedMs < ANNOUNCE_INTERVAL_MS) return;
    const { instrument, signal } = this.unannounced;
    const { translation } = this.context;
    this.announcedMs = nowMs;
    this.unannounced = null;
    const values = {
      side: translation.text(`signals.${signal.side}`),
      name: nameOf(this.context, instrument),
      confidence: translation.format.percent(signal.confidence),
    };
    write(required(this.root, '[aria-live]'), translation.text('signals.announce', values));
  }
}

class SignalRow {
  readonly node = element('li', 'signal-row');
  private readonly time = element('span', 'signal-time number');
  private readonly side = element('span', 'signal-side');
  private readonly button = element('button', 'signal-name');
  private readonly confidence = element('span', 'signal-confidence number');
  private readonly confidenceText = element('span');
  private readonly strengthBar = element('span', 'signal-strength-bar');
  private readonly mid = element('span', 'signal-mid number');
  private readonly reasons = element('span', 'signal-reasons');
  private readonly result = element('span', 'signal-result number');

  constructor(onSelect: () => void) {
    this.button.type = 'button';
    this.button.addEventListener('click', onSelect);
    this.confidence.append(this.confidenceText, element('span', 'signal-strength', this.strengthBar));
    this.node.append(this.time, this.side, this.button, this.confidence, this.mid, this.reasons, this.result);
  }

  draw(context: PageContext, { instrument, signal, score }: KnownEntry): void {
    const { translation, state } = context;
    const { format } = translation;
    mark(this.node, 'side', signal.side);
    this.node.dataset.signal = signal.id;
    write(this.time, format.timeOfDay(signal.timeUs));
    write(this.side, translation.text(`signals.${signal.side}`));
    write(this.button, nameOf(context, instrument));
    this.button.title = codeOf(instrument);
    write(this.confidenceText, format.percent(signal.confidence));
    stretch(this.strengthBar, signal.strength);
    write(this.mid, format.number(signal.mid));
    write(this.reasons, signal.reasons.map((reason) => translation.reason(reason)).join(' · '));
    if (score === null) {
      const remainingUs = signal.timeUs + signal.horizonMs * 1000 - (state.status?.timeUs ?? 0);
      // The status lags by up to a second: a horizon is never shown longer than it is.
      const seconds = Math.ceil(Math.min(remainingUs / 1_000_000, signal.horizonMs / 1000));
      write(
        this.result,
        seconds > 0 ? translation.text('signals.pending', { seconds }) : translation.text('signals.due'),
      );
      mark(this.result, 'outcome', 'pending');
      this.result.title = '';
      return;
    }
    const net = format.basisPoints(score.netBp);
    write(this.result, net);
    mark(this.result, 'outcome', score.hit ? 'hit' : 'miss');
    mark(this.result, 'direction', directionOf(score.netBp));
    const outcome = translation.text(score.hit ? 'signals.hit' : 'signals.miss');
    const detail = translation.text('signals.resultDetail', { move: format.basisPoints(score.moveBp), net });
    this.result.title = `${outcome}: ${detail}`;
  }
}

// How good the data are today: the overall score as a ring, the four dimensions of all data and of the chosen instrument
// with its streams, the instruments that fare worst, and what was found, by kind. The evidence itself is at /v1/quality.
import type { QualityMessage } from '../../engine/messages.ts';
import { alertText, alertTone } from './alert-notice.ts';
import { element, mark, required, stretch, write } from './element.ts';
import type { View } from './frame.ts';
import { codeOf, nameOf, type PageContext, selectedState } from './page-context.ts';
import {
  currentAlerts,
  DIMENSIONS,
  type RankedInstrument,
  rankedFindings,
  scoreTone,
  worstInstruments,
} from './quality-ranking.ts';

/** Rows of each list; the style sheet keeps room for so many, so that nothing moves as they come. */
const ROWS_MAX = 5;

export class DataQuality implements View {
  private readonly root: HTMLElement;
  private readonly context: PageContext;
  private readonly scores: ScoreRow[];
  private readonly worst: InstrumentRow[];
  private readonly findings: FindingRow[];

  constructor(root: HTMLElement, context: PageContext, onSelect: (instrument: string) => void) {
    this.root = root;
    this.context = context;
    this.scores = rows(
      required(root, 'tbody'),
      [...DIMENSIONS, 'overall' as const].map((score) => new ScoreRow(score)),
    );
    this.worst = rows(
      required(root, '.quality-worst'),
      emptyRows(() => new InstrumentRow(onSelect)),
    );
    this.findings = rows(
      required(root, '.quality-findings'),
      emptyRows(() => new FindingRow()),
    );
  }

  render(): void {
    const { state, translation, selected } = this.context;
    const { format } = translation;
    const all = state.quality;
    const ofSelected = selectedState(this.context)?.quality;
    mark(this.root, 'tone', scoreTone(all?.overall));
    this.put('overall', format.score(all?.overall));
    required(this.root, '.quality-ring-score').setAttribute('stroke-dasharray', `${all?.overall ?? 0} 100`);
    this.put('selected-name', selected === '' ? '–' : nameOf(this.context, selected));
    for (const row of this.scores) {
      row.draw(this.context, [all, ofSelected?.get(''), ofSelected?.get('trades'), ofSelected?.get('books')]);
    }

    const worst = worstInstruments(state.instruments.values(), ROWS_MAX);
    for (const [i, row] of this.worst.entries()) row.draw(this.context, worst[i]);
    this.put('worst-note', this.noteOf(worst.length, 'quality.worstNone'));

    const findings = rankedFindings(all?.findings ?? {});
    for (const [i, row] of this.findings.entries()) row.draw(this.context, findings[i]);
    this.put('findings-note', this.noteOf(findings.length, 'quality.findingsNone'));
    const more = findings.length - ROWS_MAX;
    this.put('findings-more', more > 0 ? translation.text('quality.findingsMore', { count: more }) : '');
    this.drawAlert();
  }

  private noteOf(count: number, none: 'quality.worstNone' | 'quality.findingsNone'): string {
    if (count > 0) return '';
    return this.context.translation.text(this.context.state.quality === null ? 'quality.empty' : none);
  }

  private drawAlert(): void {
    const { state, translation } = this.context;
    const [alert] = currentAlerts(state.alerts.values(), state.status?.timeUs ?? 0);
    const node = required(this.root, '[data-part=alert]');
    write(node, alert === undefined ? translation.text('quality.noAlert') : alertText(this.context, alert));
    mark(node, 'tone', alert === undefined ? 'quiet' : alertTone(alert));
  }

  private put(part: string, text: string): void {
    write(required(this.root, `[data-part=${part}]`), text);
  }
}

function emptyRows<T>(create: () => T): T[] {
  return Array.from({ length: ROWS_MAX }, create);
}

function rows<T extends { readonly node: HTMLElement }>(parent: HTMLElement, made: T[]): T[] {
  parent.append(...made.map(({ node }) => node));
  return made;
}

/** One dimension: of all data with a bar, then of the instrument, its trades and its books. */
class ScoreRow {
  readonly node: HTMLElement;
  private readonly score: (typeof DIMENSIONS)[number] | 'overall';
  private readonly label = element('th');
  private readonly bar = element('span', 'quality-bar');
  private readonly numbers: HTMLElement[];

  constructor(score: ScoreRow['score']) {
    this.score = score;
    this.label.scope = 'row';
    this.numbers = Array.from({ length: 4 }, () => element('span', 'number'));
    const track = element('span', 'quality-track', this.bar);
    track.setAttribute('aria-hidden', 'true');
    const cells = this.numbers.map((number, i) => element('td', '', ...(i === 0 ? [track, number] : [number])));
    this.node = element('tr', '', this.label, ...cells);
    this.node.dataset.score = score;
  }

  draw({ translation }: PageContext, columns: readonly (QualityMessage | null | undefined)[]): void {
    write(this.label, translation.text(`quality.${this.score}`));
    stretch(this.bar, (columns[0]?.[this.score] ?? 0) / 100);
    mark(this.node, 'tone', scoreTone(columns[0]?.[this.score]));
    for (const [i, number] of this.numbers.entries()) {
      const score = columns[i]?.[this.score];
      write(number, translation.format.score(score));
      mark(number, 'tone', scoreTone(score));
    }
  }
}

class InstrumentRow {
  readonly node: HTMLElement;
  private readonly button = element('button', 'quality-name');
  private readonly weakest = element('span', 'quality-weakest');
  private readonly overall = element('span', 'number');
  private instrument = '';

  constructor(onSelect: (instrument: string) => void) {
    this.button.type = 'button';
    this.button.addEventListener('click', () => onSelect(this.instrument));
    this.node = element('li', '', this.button, this.weakest, this.overall);
  }

  draw(context: PageContext, ranked: RankedInstrument | undefined): void {
    this.node.hidden = ranked === undefined;
    if (ranked === undefined) return;
    const { translation } = context;
    const { instrument, quality, weakest } = ranked;
    this.instrument = instrument;
    write(this.button, nameOf(context, instrument));
    this.button.title = codeOf(instrument);
    write(this.weakest, `${translation.text(`quality.${weakest}`)} ${translation.format.score(quality[weakest])}`);
    write(this.overall, translation.format.score(quality.overall));
    mark(this.overall, 'tone', scoreTone(quality.overall));
  }
}

class FindingRow {
  readonly node: HTMLElement;
  private readonly kind = element('span');
  private readonly count = element('span', 'number');

  constructor() {
    this.node = element('li', '', this.kind, this.count);
  }

  draw({ translation }: PageContext, finding: [kind: string, count: number] | undefined): void {
    this.node.hidden = finding === undefined;
    if (finding === undefined) return;
    write(this.kind, translation.code('finding', finding[0]));
    write(this.count, translation.format.number(finding[1]));
  }
}

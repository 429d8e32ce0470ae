// State of the feed and the engine in one strip, from the status channel; the overall score of the data beside it.
import { mark, required, write } from './element.ts';
import type { View } from './frame.ts';
import type { PageContext } from './page-context.ts';
import { scoreTone } from './quality-ranking.ts';

export class FeedState implements View {
  private readonly root: HTMLElement;
  private readonly context: PageContext;

  constructor(root: HTMLElement, context: PageContext) {
    this.root = root;
    this.context = context;
  }

  render(): void {
    const { state, translation } = this.context;
    const { format } = translation;
    const status = state.status;
    this.put('feed', status === null ? '–' : translation.text(`feed.${status.feed}`), {
      tone: status === null ? 'quiet' : status.feed === 'connected' ? 'good' : status.feed === 'lost' ? 'bad' : 'warn',
    });
    this.put('market', status === null ? '–' : translation.code('market', status.market));
    this.put('signals', status === null ? '–' : translation.text(`feed.${status.signals}`), {
      tone: status === null ? 'quiet' : status.signals === 'active' ? 'good' : 'bad',
      detail: status?.haltReason ? translation.code('reason', status.haltReason) : '',
    });
    this.put('ticksPerSecond', format.number(status === null ? null : Math.round(status.ticksPerSecond)));
    this.put('gaps', format.number(status?.gaps), {
      tone: status !== null && status.gaps > 0 ? 'warn' : '',
      detail:
        status !== null && status.gaps > 0
          ? translation.text('feed.gapsDetail', { shares: format.compact(status.gapShares) })
          : '',
    });
    this.put('quarantined', format.number(status?.quarantined), {
      tone: status !== null && status.quarantined > 0 ? 'warn' : '',
    });
    const tone = scoreTone(state.quality?.overall);
    this.put('quality', format.score(state.quality?.overall), { tone: tone === 'good' ? '' : tone });
    this.put('connections', format.number(status?.connections));
    this.put('state', status === null ? '–' : translation.code('state', status.state));
    this.put('ticks', format.compact(status?.ticks));
    this.put('time', status === null ? '–' : format.timeOfDay(status.timeUs));
  }

  private put(part: string, text: string, { tone = '', detail = '' } = {}): void {
    const tile = required(this.root, `[data-tile=${part}]`);
    write(required(tile, '[data-part=value]'), text);
    mark(tile, 'tone', tone);
    const detailNode = tile.querySelector('[data-part=detail]');
    if (detailNode !== null) write(detailNode, detail);
  }
}

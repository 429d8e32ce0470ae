// Everything around the panels: static texts, the controls of language and colours, banners, connection, views of a phone.
import type { ConnectionState } from '../client.ts';
import { mark, required, write } from './element.ts';
import type { View } from './frame.ts';
import { nameOf, type PageContext } from './page-context.ts';
import type { TextKey } from './texts.ts';

export class PageFrame implements View {
  /** Messages that the gateway left out for this page. */
  skipped = 0;
  /** Text of the last request that the gateway refused. */
  refusal = '';
  private connection: 'connecting' | 'open' | 'reconnecting' | 'closed' = 'connecting';
  private readonly document: Document;
  private readonly context: PageContext;
  private drawnLanguage = '';

  constructor(document: Document, context: PageContext, restyled: () => void) {
    this.document = document;
    this.context = context;
    const { translation, appearance } = context;
    this.onControl('language', () => translation.toggle(), restyled);
    this.onControl('theme', () => appearance.toggleTheme(), restyled);
    this.onControl('colours', () => appearance.toggleColours(translation.language), restyled);
    for (const button of document.querySelectorAll<HTMLButtonElement>('[data-open]')) {
      button.addEventListener('click', () => this.open(button.dataset.open as string));
    }
    this.open('chart');
  }

  /** Whatever follows the first connection is a reconnection, waiting or trying. */
  connectionChanged(state: ConnectionState): void {
    if (state === 'open' || state === 'closed') this.connection = state;
    else if (state === 'waiting' || this.connection !== 'connecting') this.connection = 'reconnecting';
  }

  /** On a phone: shows this view. On a wide screen all are shown. */
  open(view: string): void {
    if (this.document.body.dataset.tab !== view) this.document.defaultView?.scrollTo(0, 0);
    mark(this.document.body, 'tab', view);
    for (const button of this.document.querySelectorAll<HTMLButtonElement>('[data-open]')) {
      if (button.dataset.open === view) button.setAttribute('aria-current', 'page');
      else button.removeAttribute('aria-current');
    }
  }

  render(): void {
    const { translation, state, selected } = this.context;
    if (this.drawnLanguage !== translation.language) this.translate();
    this.nameControls();

    const connection = this.part('connection');
    write(connection, translation.text(`connection.${this.connection}`));
    mark(connection, 'state', this.connection);
    this.drawConnectionBanner();

    const { source } = state;
    const badge = this.part('source-badge');
    badge.hidden = source === null;
    if (source !== null) write(badge, translation.text(`source.badge.${source}`));
    mark(badge, 'source', source ?? '');
    const banner = this.part('source-banner');
    banner.hidden = source === null || source === 'live';
    if (source !== null && source !== 'live') write(banner, translation.text(`source.${source}`));

    write(this.part('version'), state.version === '' ? 'kisignal' : `kisignal ${state.version}`);
    const title = translation.text('page.title');
    const named = selected === '' ? title : `${nameOf(this.context, selected)} · ${title}`;
    if (this.document.title !== named) this.document.title = named;
  }

  private drawConnectionBanner(): void {
    const { translation } = this.context;
    const banner = this.part('connection-banner');
    let text = '';
    if (this.connection === 'reconnecting') text = translation.text('connection.notice');
    else if (this.connection === 'closed') text = translation.text('connection.closedForGood');
    else if (this.refusal !== '') text = translation.text('connection.refused', { reason: this.refusal });
    else if (this.skipped > 0) {
      text = translation.text('connection.skipped', { count: translation.format.number(this.skipped) });
    }
    banner.hidden = text === '';
    write(banner, text);
    mark(this.document.body, 'stale', String(this.connection === 'reconnecting' || this.connection === 'closed'));
  }

  /** Texts that stand in the page's source by their key. */
  private translate(): void {
    const { translation } = this.context;
    this.drawnLanguage = translation.language;
    this.document.documentElement.lang = translation.language;
    for (const node of this.document.querySelectorAll<HTMLElement>('[data-text]')) {
      write(node, translation.text(node.dataset.text as TextKey));
    }
    for (const node of this.document.querySelectorAll<HTMLElement>('[data-label]')) {
      node.setAttribute('aria-label', translation.text(node.dataset.label as TextKey));
    }
    for (const node of this.document.querySelectorAll<HTMLInputElement>('[data-placeholder]')) {
      const text = translation.text(node.dataset.placeholder as TextKey);
      node.placeholder = text;
      node.setAttribute('aria-label', text);
    }
  }

  /** A control is named by what it will do. */
  private nameControls(): void {
    const { translation, appearance } = this.context;
    const theme = appearance.theme === 'dark' ? 'light' : 'dark';
    const colours = appearance.colours(translation.language) === 'korean' ? 'international' : 'korean';
    this.name('theme', translation.text(`control.theme.${theme}`));
    this.name('colours', translation.text(`control.colours.${colours}`));
    this.name('language', translation.text('control.language'));
    const language = this.control('language');
    write(language, translation.language === 'ko' ? 'EN' : '한국어');
    language.lang = translation.language === 'ko' ? 'en' : 'ko';
  }

  private name(control: string, text: string): void {
    const button = this.control(control);
    if (button.title === text) return;
    button.title = text;
    button.setAttribute('aria-label', text);
  }

  private onControl(control: string, toggle: () => void, restyled: () => void): void {
    this.control(control).addEventListener('click', () => {
      toggle();
      restyled();
    });
  }

  private control(name: string): HTMLElement {
    return required(this.document, `[data-control=${name}]`);
  }

  private part(name: string): HTMLElement {
    return required(this.document, `[data-part=${name}]`);
  }
}

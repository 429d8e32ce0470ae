// The few DOM operations that the views share. Text is written only where it changed: an equal write would still make
// the browser lay the page out again, sixty times a second.

type Child = Node | string;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const created = document.createElement(tag);
  if (className !== '') created.className = className;
  created.append(...children);
  return created;
}

/** An element that the page must have; a missing one is a fault of the page. */
export function required<T extends Element = HTMLElement>(root: ParentNode, selector: string): T {
  const found = root.querySelector<T>(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return found;
}

export function write(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** Sets a data attribute that the style sheet looks at. */
export function mark(node: HTMLElement, name: string, value: string): void {
  if (node.dataset[name] !== value) node.dataset[name] = value;
}

/** Draws a bar of `ratio` (0 … 1) of its track. */
export function stretch(node: HTMLElement, ratio: number): void {
  const scale = `scaleX(${Math.max(0, Math.min(1, ratio)).toFixed(3)})`;
  if (node.style.transform !== scale) node.style.transform = scale;
}

export type Direction = 'rise' | 'fall' | 'flat';

export function directionOf(value: number): Direction {
  return value > 0 ? 'rise' : value < 0 ? 'fall' : 'flat';
}

const SVG = 'http://www.w3.org/2000/svg';

/** A line without axes, its values spread over a box of 100 × 24; the style sheet gives size and colour. */
export class Sparkline {
  readonly node: SVGSVGElement;
  private readonly line: SVGPolylineElement;

  constructor() {
    this.node = document.createElementNS(SVG, 'svg');
    this.node.setAttribute('viewBox', '0 0 100 24');
    this.node.setAttribute('preserveAspectRatio', 'none');
    this.node.setAttribute('aria-hidden', 'true');
    this.node.classList.add('sparkline');
    this.line = document.createElementNS(SVG, 'polyline');
    this.node.append(this.line);
  }

  /** `low` and `high` bound the box; left out, the values' own do. */
  draw(values: readonly number[], low = Math.min(...values), high = Math.max(...values)): void {
    const span = high - low;
    const step = values.length > 1 ? 100 / (values.length - 1) : 0;
    const points = values.map((value, i) => {
      const y = span > 0 ? 22 - ((value - low) / span) * 20 : 12;
      return `${(i * step).toFixed(1)},${y.toFixed(1)}`;
    });
    this.line.setAttribute('points', points.join(' '));
  }
}

// Draws at most once per animation frame, whatever the rate of messages: a message only marks its views.
// A hidden tab draws nothing at all, since the browser gives it no frames.

export interface View {
  /** Brings the screen up to the state. `nowMs` is the frame's own time, the page's only clock. */
  render(nowMs: number): void;
}

export type RequestFrame = (callback: (nowMs: number) => void) => unknown;

export class FrameScheduler {
  /** Frames drawn. */
  frames = 0;
  private readonly requestFrame: RequestFrame;
  private readonly marked = new Set<View>();
  private scheduled = false;

  constructor(requestFrame: RequestFrame) {
    this.requestFrame = requestFrame;
  }

  mark(...views: readonly View[]): void {
    for (const view of views) this.marked.add(view);
    if (this.scheduled || this.marked.size === 0) return;
    this.scheduled = true;
    this.requestFrame((nowMs) => this.draw(nowMs));
  }

  private draw(nowMs: number): void {
    this.scheduled = false;
    this.frames += 1;
    const views = [...this.marked];
    this.marked.clear();
    for (const view of views) view.render(nowMs);
  }
}

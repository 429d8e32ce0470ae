import { describe, expect, it } from 'vitest';
import { FrameScheduler, type View } from './frame.ts';

describe('the frame scheduler', () => {
  it('draws each marked view once in a frame, however often it was marked', () => {
    const requested: ((nowMs: number) => void)[] = [];
    const frames = new FrameScheduler((draw) => requested.push(draw));
    const drawn: string[] = [];
    const view = (name: string): View => ({ render: (nowMs) => drawn.push(`${name}@${nowMs}`) });
    const [chart, book] = [view('chart'), view('book')];

    for (let tick = 0; tick < 10_000; tick++) frames.mark(chart, book);
    expect(requested).toHaveLength(1);
    requested.shift()!(16);
    expect(drawn).toEqual(['chart@16', 'book@16']);

    frames.mark(book);
    expect(requested).toHaveLength(1);
    requested.shift()!(33);
    expect(drawn).toEqual(['chart@16', 'book@16', 'book@33']);
    expect(frames.frames).toBe(2);
  });

  it('draws what is marked while drawing in the next frame', () => {
    const requested: ((nowMs: number) => void)[] = [];
    const frames = new FrameScheduler((draw) => requested.push(draw));
    let draws = 0;
    const view: View = {
      render: () => {
        draws += 1;
        if (draws === 1) frames.mark(view);
      },
    };
    frames.mark(view);
    requested.shift()!(0);
    expect(draws).toBe(1);
    requested.shift()!(16);
    expect(draws).toBe(2);
    expect(requested).toHaveLength(0);
  });
});

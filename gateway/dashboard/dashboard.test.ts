// The page in a real Chromium, served by a real gateway, fed through a real bus.
import { describe, expect, it } from 'vitest';
import { chromiumPages, hasChromium, PHONE, shows, whyNot } from './browser-fixture.ts';
import { Market } from './dashboard-fixture.ts';
import { HYNIX, openMarket, SAMSUNG, signal, status, tick } from './sample-market-fixture.ts';

describe.skipIf(!hasChromium)(`the page in Chromium${whyNot}`, () => {
  const { start, visit } = chromiumPages();

  it('shows every channel of the chosen instrument, and that the market is simulated', async () => {
    const market = new Market();
    openMarket(market);
    const page = await visit(await start(market));

    await shows(page, '[data-part=source-banner]', 'Simulated market — not real prices.');
    await shows(page, '#quote-name', 'Samsung Electronics');
    await shows(page, '#chart [data-part=price]', '71,200');
    await shows(page, '#chart [data-part=change]', /\+200 \(\+0\.28%\)/);
    await shows(page, '#book tbody', /71,300.*Spread 100 won · 14\.0 bp.*71,200/s);
    await shows(page, '#prediction [data-part=up]', '62.5%');
    await shows(page, '#prediction [data-part=down]', '37.5%');
    await shows(page, '#indicators dl', /RSI 1461\.25Order-flow imbalance 50–/);
    await shows(page, '[data-signal=s-1] .signal-result', /\+7\.0 bp/);
    await shows(page, '[data-signal=s-2] .signal-result', 'in 5 s');
    await shows(page, '[data-signal=s-2] .signal-reasons', 'probability of up 0.73 ≥ 0.65');
    await shows(page, '#signals [data-part=summary]', 'Latest 1 scored: 100.0%');
    await shows(page, '[data-stage=total]', /12 µs1\.25 ms300 µs/);
    await shows(page, '[data-tile=ticksPerSecond]', '212');
    await shows(page, '[data-tile=quality]', '98.9');
    await shows(page, '.watch-rows', /SK hynix.*182,500.*−0\.27%/s);
    await shows(page, 'footer', 'Not investment advice');
    // The forming second, which no bar holds yet, stands in the chart's legend.
    await shows(page, '.chart-legend', /C71,200/);
    const painted = await page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('.chart-canvas canvas')!;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    });
    expect(painted).toBeGreaterThan(3);
  });

  it('follows the stream, and draws once a frame whatever the rate', async () => {
    const market = new Market();
    openMarket(market);
    const page = await visit(await start(market));
    await shows(page, '#chart [data-part=price]', '71,200');
    await page.evaluate(() => {
      const counts = { frames: 0, writes: 0 };
      Object.assign(window, { counts });
      const frame = () => {
        counts.frames += 1;
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
      const price = document.querySelector('#chart [data-part=price]')!;
      new MutationObserver((records) => {
        counts.writes += records.filter((record) => record.addedNodes.length > 0).length;
      }).observe(price, { childList: true, characterData: true, subtree: true });
    });
    for (let i = 1; i <= 3000; i++) market.publish('ticks', SAMSUNG, '', tick(61, 71_200 + i));
    await shows(page, '#chart [data-part=price]', '74,200');
    const { frames, writes } = await page.evaluate(
      () => (window as unknown as { counts: Record<string, number> }).counts,
    );
    expect(writes).toBeLessThanOrEqual(frames + 1);
    await shows(page, '.chart-legend', /H74,200/);
  });

  it('changes the instrument, in the address as well, and shows why there is no prediction', async () => {
    const market = new Market();
    openMarket(market);
    const gateway = await start(market);
    const page = await visit(gateway);
    await page.click(`[data-instrument="${HYNIX}"]`);
    await shows(page, '#quote-name', 'SK hynix');
    await shows(page, '#book tbody', /182,500/);
    await shows(page, '#prediction [data-part=note]', 'No prediction: no two-sided book');
    expect(page.url()).toBe(`${gateway.url}/#${HYNIX}`);
    await page.reload();
    await shows(page, '#quote-name', 'SK hynix');
    await shows(page, '#book tbody', /182,500/);
    await page.fill('#watch input', 'sam');
    await shows(page, '.watch-rows', /^Samsung/);
  });

  it('speaks Korean to a Korean browser, rising red, and remembers another choice', async () => {
    const market = new Market();
    openMarket(market);
    const page = await visit(await start(market), { locale: 'ko-KR', colorScheme: 'dark' });
    await shows(page, '#quote-name', '삼성전자');
    await shows(page, '[data-part=source-banner]', '모의 시장 데이터');
    const look = () =>
      page.evaluate(() => ({ lang: document.documentElement.lang, ...document.documentElement.dataset }));
    expect(await look()).toMatchObject({ lang: 'ko', theme: 'dark', colours: 'korean' });
    await page.click('[data-control=language]');
    await page.click('[data-control=theme]');
    await shows(page, '#quote-name', 'Samsung Electronics');
    await page.reload();
    await shows(page, '#quote-name', 'Samsung Electronics');
    expect(await look()).toMatchObject({ lang: 'en', theme: 'light', colours: 'international' });
    await page.click('[data-control=colours]');
    expect(await look()).toMatchObject({ colours: 'korean' });
  });

  it('says nothing of simulation where the market is live, and shows names as text', async () => {
    const market = new Market('live');
    openMarket(market);
    const page = await visit(await start(market));
    await shows(page, '[data-part=source-badge]', 'LIVE');
    expect(await page.isVisible('[data-part=source-banner]')).toBe(false);
    await shows(page, '.watch-rows', '<img src=x>');
    expect(await page.locator('.watch-rows img').count()).toBe(0);
  });

  it('shows a lost feed, gaps, halted signals, and its own lost connection until the engine is back', async () => {
    const market = new Market();
    openMarket(market);
    // Over ws, which frees its port within the process even while a browser holds idle connections to it.
    const gateway = await start(market, { port: 0, transport: 'ws' });
    const page = await visit(gateway);
    await shows(page, '[data-part=connection]', 'Connected');
    const bad = {
      feed: 'lost',
      signals: 'halted',
      haltReason: 'journal_unavailable',
      gaps: 2,
      gapShares: 300,
    } as const;
    market.publish('status', 'engine', '', status(bad));
    await shows(page, '[data-tile=feed]', 'Lost');
    await shows(page, '[data-tile=signals]', /Halted.*journal unavailable/s);
    await shows(page, '[data-tile=gaps]', /2.*300 shares/s);

    await gateway.close('restart');
    await shows(page, '[data-part=connection]', 'Reconnecting');
    await shows(page, '[data-part=connection-banner]', 'No connection to the engine');
    const restarted = new Market('simulated', 'e2');
    restarted.publish('ticks', SAMSUNG, '', tick(70, 65_000));
    await start(restarted, { port: gateway.port, transport: 'ws' });
    await shows(page, '#chart [data-part=price]', '65,000');
    await shows(page, '[data-part=connection]', 'Connected');
    // Of the former numbering nothing is left.
    await shows(page, '.signal-note', 'No signal yet');
  });

  it('keeps a bounded list of signals and announces the new', async () => {
    const market = new Market();
    openMarket(market);
    const page = await visit(await start(market));
    await shows(page, '[data-signal=s-2]', 'BUY');
    // The status tells the names; what is announced in front of it has its code.
    await shows(page, '.watch-rows', /SK hynix/);
    for (let i = 0; i < 500; i++) market.publish('signals', HYNIX, '', signal(`n-${i}`, 60 + i));
    await shows(page, '[data-signal=n-499]', 'SK hynix');
    expect(await page.locator('.signal-rows > li').count()).toBe(60);
    await shows(page, '#signals [aria-live]', 'BUY signal: SK hynix, confidence 73.4%');
    await page.click('[data-filter=selected]');
    await expect.poll(() => page.locator('.signal-rows > li').count()).toBeLessThanOrEqual(2);
  });

  it('fits a phone: one view at a time, nothing wider than the screen, tabs large enough for a thumb', async () => {
    const market = new Market();
    openMarket(market);
    const page = await visit(await start(market), PHONE);
    await shows(page, '#quote-name', 'Samsung Electronics');
    const panels: Record<string, number> = { watch: 1, chart: 4, signals: 1, system: 2 };
    for (const [tab, section] of Object.entries({
      watch: 'watch',
      chart: 'book',
      signals: 'signals',
      system: 'latency',
    })) {
      await page.tap(`[data-open=${tab}]`);
      expect(await page.isVisible(`#${section}`), tab).toBe(true);
      expect(await page.locator('main > div > section:visible').count(), tab).toBe(panels[tab]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), tab).toBe(390);
      expect((await page.locator(`[data-open=${tab}]`).boundingBox())!.height).toBeGreaterThanOrEqual(44);
    }
    await page.tap('[data-open=watch]');
    await page.tap(`[data-instrument="${HYNIX}"]`);
    await shows(page, '#quote-name', 'SK hynix');
    expect(await page.isVisible('.chart-canvas canvas')).toBe(true);
  });
});

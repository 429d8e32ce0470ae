// The page in a real Chromium, served by a real gateway, fed through a real bus.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Gateway } from '../gateway.ts';
import { chromiumPath, compileDashboard, launchChromium, Market, serve } from './dashboard-fixture.ts';
import { HYNIX, INSTRUMENTS, openMarket, SAMSUNG, signal, status, tick } from './sample-market-fixture.ts';

const executable = chromiumPath();
const reason = executable === null ? ' (skipped: no Chromium at CHROMIUM_PATH or on the PATH)' : '';

describe.skipIf(executable === null)(`the page in Chromium${reason}`, () => {
  let browser: Browser;
  let compiled: Awaited<ReturnType<typeof compileDashboard>>;
  const gateways: Gateway[] = [];
  /** What no page may do: complain, break its content policy, or ask another host. */
  const faults: string[] = [];

  beforeAll(async () => {
    compiled = await compileDashboard();
    browser = await launchChromium(executable!);
  });
  afterAll(async () => {
    await browser?.close();
    await compiled?.remove();
  });
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    for (const gateway of gateways.splice(0)) await gateway.close('test over');
    expect(faults.splice(0)).toEqual([]);
  });

  async function start(market: Market, listen?: Parameters<typeof serve>[3]): Promise<Gateway> {
    const gateway = await serve(market, compiled.folder, INSTRUMENTS, listen);
    gateways.push(gateway);
    return gateway;
  }

  async function visit(gateway: Gateway, options: BrowserContextOptions = {}, path = '/'): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 960 }, locale: 'en-US', ...options });
    const page = await context.newPage();
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('request', (request) => {
      if (!request.url().startsWith(gateway.url)) faults.push(`asked ${request.url()}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 400) faults.push(`${response.status()} ${response.url()}`);
    });
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (violation) => {
        throw new Error(`content policy: ${violation.violatedDirective} ${violation.blockedURI}`);
      });
    });
    await page.goto(gateway.url + path);
    return page;
  }

  const shows = (page: Page, selector: string, text: string | RegExp) =>
    expect.poll(() => page.textContent(selector), { timeout: 20_000, interval: 20 }).toMatch(text);

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
    const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
    const page = await visit(await start(market), phone);
    await shows(page, '#quote-name', 'Samsung Electronics');
    for (const [tab, section] of Object.entries({
      watch: 'watch',
      chart: 'book',
      signals: 'signals',
      system: 'latency',
    })) {
      await page.tap(`[data-open=${tab}]`);
      expect(await page.isVisible(`#${section}`), tab).toBe(true);
      expect(await page.locator('main > div > section:visible').count(), tab).toBe(tab === 'chart' ? 4 : 1);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), tab).toBe(390);
      expect((await page.locator(`[data-open=${tab}]`).boundingBox())!.height).toBeGreaterThanOrEqual(44);
    }
    await page.tap('[data-open=watch]');
    await page.tap(`[data-instrument="${HYNIX}"]`);
    await shows(page, '#quote-name', 'SK hynix');
    expect(await page.isVisible('.chart-canvas canvas')).toBe(true);
  });
});

// What the page says of its data, in a real Chromium: scores, findings, alerts, conditions of trading, and what is torn,
// filled or incomplete.
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { chromiumPages, hasChromium, PHONE, shows, whyNot } from './browser-fixture.ts';
import { Market } from './dashboard-fixture.ts';
import {
  alert,
  HYNIX,
  minuteBar,
  openMarket,
  quality,
  SAMSUNG,
  status,
  TEN_US,
  trading,
} from './sample-market-fixture.ts';

const isVisible = (page: Page, selector: string) => expect.poll(() => page.isVisible(selector), { timeout: 20_000 });

/** Where what must not move stands. */
const places = (page: Page) =>
  page.evaluate(() =>
    ['main', '#watch', '#chart .chart-canvas', '#book', '#indicators', '#quality', '#latency', 'footer'].map(
      (selector) => {
        const { x, y, width, height } = document.querySelector(selector)!.getBoundingClientRect();
        return [selector, x, y, width, height];
      },
    ),
  );

describe.skipIf(!hasChromium)(`data quality on the page in Chromium${whyNot}`, () => {
  const { start, visit } = chromiumPages();

  it('shows scores of all data and of the chosen instrument, who fares worst, what was found, and where the evidence is', async () => {
    const market = new Market();
    openMarket(market);
    const gateway = await start(market);
    const page = await visit(gateway);
    await shows(page, '#quality [data-part=overall]', '98.9');
    await shows(page, '[data-score=completeness]', /^Completeness97\.0100\.0––$/);
    await shows(page, '.quality-worst li:not([hidden])', /^SK hynixCompleteness 91\.296\.1$/);
    expect(await page.locator('.quality-worst li:not([hidden])').count()).toBe(1);
    expect(await page.locator('.quality-findings li:not([hidden])').allTextContents()).toEqual([
      'Late records12',
      'Missing trades3',
    ]);
    await shows(page, '#quality [data-part=alert]', 'No alert');

    await page.click('.quality-worst button');
    await shows(page, '#quote-name', 'SK hynix');
    await shows(page, '[data-score=completeness]', /^Completeness97\.091\.284\.7100\.0$/);
    const before = await places(page);
    const kinds = Object.fromEntries(
      ['gap', 'late', 'silent', 'off_grid', 'bad_sum', 'duplicate', 'newer_kind'].map((kind, i) => [kind, i + 1]),
    );
    market.publish('quality', 'engine', '', quality(61.5, { findings: kinds }));
    await shows(page, '.quality-findings', /newer kind7Duplicate records6/);
    await shows(page, '#quality [data-part=findings-more]', '2 more kinds');
    expect(await places(page)).toEqual(before);

    const link = page.locator('#quality a');
    expect(await link.textContent()).toBe('Evidence (JSON)');
    const evidence = await page.request.get(new URL((await link.getAttribute('href'))!, gateway.url).href);
    expect(await evidence.json()).toEqual({ evidence: [] });
  });

  it('raises the alert over the page without moving it, tells that it is resolved, and stays away once dismissed', async () => {
    const market = new Market();
    openMarket(market);
    const page = await visit(await start(market));
    await shows(page, '#quality [data-part=overall]', '98.9');
    expect(await page.isVisible('#alert')).toBe(false);
    const before = await places(page);
    market.publish('alerts', 'engine', '', alert());
    await isVisible(page, '#alert').toBe(true);
    await shows(page, '#alert', /Warning\s+Data quality fell to 76\.43, below 80, at 10:00:59/);
    await shows(page, '#quality [data-part=alert]', 'Data quality fell to 76.43');
    expect(await page.getAttribute('#alert', 'role')).toBe('alert');
    expect(await places(page)).toEqual(before);

    await page.click('[data-control=alert-details]');
    await isVisible(page, '#quality').toBe(true);
    await page.click('[data-control=alert-dismiss]');
    await isVisible(page, '#alert').toBe(false);
    await shows(page, '#quality [data-part=alert]', 'Data quality fell to 76.43');

    market.publish('alerts', 'engine', '', alert({ severity: 'critical', value: 55 }));
    await shows(page, '#alert', /Critical\s+Data quality fell to 55/);
    market.publish('alerts', 'engine', '', alert({ state: 'resolved', value: 100, timeUs: TEN_US + 60_000_000 }));
    await shows(page, '#alert', /Resolved\s+Data quality is good again: 100 at 10:01:00/);
    market.publish('status', 'engine', '', status({ timeUs: TEN_US + 120_000_000 }));
    await isVisible(page, '#alert').toBe(false);
    await shows(page, '#quality [data-part=alert]', 'No alert');
  });

  it('shows sessions and badges in the watch list and at the quote, and takes them away', async () => {
    const market = new Market();
    openMarket(market);
    market.publish('market', '035420.KRX', '', trading({ phase: 'closing_auction', auction: true }));
    const page = await visit(await start(market));
    const row = (instrument: string) => `[data-instrument="${instrument}"] .trading-badge`;
    await shows(page, '#chart [data-part=session]', 'Continuous trading');
    await shows(page, row(HYNIX), 'VI');
    expect(await page.getAttribute(row(HYNIX), 'title')).toBe('Volatility interruption (VI)');
    await shows(page, row('035420.KRX'), 'Closing');
    expect(await page.isVisible(row(SAMSUNG))).toBe(false);

    const before = await places(page);
    const all = {
      halted: true,
      volatilityInterruption: true,
      circuitBreaker: true,
      sidecar: 'buy',
      auction: true,
    } as const;
    market.publish('market', SAMSUNG, '', trading(all));
    await shows(page, row(SAMSUNG), 'CB');
    await shows(page, '#chart [data-part=badges]', 'CBHALTVIAUCTIONSIDECAR buy');
    expect(await places(page)).toEqual(before);
    market.publish('market', SAMSUNG, '', trading({ phase: 'closed' }));
    await shows(page, '#chart [data-part=session]', 'Closed');
    await shows(page, '#chart [data-part=badges]', /^$/);
    await shows(page, row(SAMSUNG), 'Closed');
  });

  it('draws a torn bar grey, and in its place the filled one as an outline', async () => {
    const market = new Market();
    const ago = [5, 4, 3, 2, 1];
    market.publish('bars', SAMSUNG, '1m', ...ago.map((minutes) => minuteBar(minutes, { complete: minutes > 2 })));
    const page = await visit(await start(market), {}, `/#${SAMSUNG}`);
    await page.click('[data-interval="1m"]');
    const described = (text: string) =>
      expect.poll(() => page.getAttribute('.chart-canvas', 'aria-label'), { timeout: 20_000 }).toContain(text);
    /** Pixels of the candles' canvas in the very colour of torn bars. */
    const greyPixels = () =>
      page.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>('.chart-canvas canvas')!;
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        const probe = document.body.appendChild(document.createElement('i'));
        probe.style.color = 'var(--text-muted)';
        const grey = getComputedStyle(probe).color.match(/\d+/g)!.map(Number);
        probe.remove();
        let count = 0;
        for (let i = 0; i < data.length; i += 4) if (grey.every((part, j) => data[i + j] === part)) count += 1;
        return count;
      });
    await described('incomplete: 2, filled: 0');
    await shows(page, '.chart-legend', 'incomplete (gap in the feed)');
    await expect.poll(greyPixels, { timeout: 20_000 }).toBeGreaterThan(50);
    await shows(page, '.bar-key', /Incomplete\s+Filled/);

    market.publish('bars', SAMSUNG, '1m', minuteBar(2, { filled: true }), minuteBar(1, { filled: true }));
    await described('incomplete: 0, filled: 2');
    await shows(page, '.chart-legend', 'filled from minute bars by REST');
    await expect.poll(greyPixels, { timeout: 20_000 }).toBe(0);
  });

  it('dims indicators that are not complete, says why, and does so without moving anything', async () => {
    const market = new Market();
    openMarket(market);
    const page = await visit(await start(market));
    await shows(page, '#indicators dl', 'RSI 1461.25');
    const before = await places(page);
    const colour = () => page.evaluate(() => getComputedStyle(document.querySelector('#indicators dd')!).color);
    const plain = await colour();
    const values = { rsi14: 61.25, ofi50: null };
    market.publish('indicators', SAMSUNG, '1s', { timeUs: TEN_US, complete: false, values });
    await shows(page, '#indicators [data-part=incomplete]', 'incomplete');
    expect(await page.getAttribute('#indicators dl', 'title')).toContain('Records were lost');
    expect(await colour()).not.toBe(plain);
    expect(await places(page)).toEqual(before);
    market.publish('indicators', SAMSUNG, '1s', { timeUs: TEN_US, complete: true, values });
    await shows(page, '#indicators [data-part=incomplete]', /^$/);
    expect(await colour()).toBe(plain);
  });

  it.each(['en-US', 'ko-KR'])('fits a phone with everything raised, %s', async (locale) => {
    const market = new Market();
    openMarket(market);
    market.publish(
      'market',
      SAMSUNG,
      '',
      trading({ halted: true, volatilityInterruption: true, auction: true, sidecar: 'sell' }),
    );
    market.publish('alerts', 'engine', '', alert());
    const page = await visit(await start(market), { ...PHONE, locale, colorScheme: 'dark' });
    await isVisible(page, '#alert').toBe(true);
    await shows(page, '#alert [data-part=alert-name]', locale === 'ko-KR' ? '주의' : 'Warning');
    for (const tab of ['watch', 'chart', 'signals', 'system']) {
      await page.tap(`[data-open=${tab}]`);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), tab).toBe(390);
    }
    for (const control of ['alert-details', 'alert-dismiss']) {
      expect((await page.locator(`[data-control=${control}]`).boundingBox())!.height).toBeGreaterThanOrEqual(44);
    }
    await page.tap('[data-open=chart]');
    await page.tap('[data-control=alert-details]');
    await isVisible(page, '#quality').toBe(true);
    await shows(page, '#quality-title', locale === 'ko-KR' ? '데이터 품질' : 'Data quality');
  });
});

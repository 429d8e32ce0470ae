// The page against the running system, in a real headless Chromium: what a stranger sees after `npm start`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chromiumPath, launchChromium } from '../gateway/dashboard/dashboard-fixture.ts';
import { KisignalProcess, ticksOf } from './kisignal-process.ts';

const path = chromiumPath();
const where = path === null ? ' (skipped: no CHROMIUM_PATH and no chromium on the PATH)' : '';

describe.skipIf(path === null)(`the page of a running kisignal${where}`, { timeout: 120_000 }, () => {
  let folder: string;
  let kisignal: KisignalProcess;
  let browser: Browser;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kisignal-page-'));
    kisignal = new KisignalProcess({ dataFolder: folder });
    browser = await launchChromium(path!);
  });
  afterEach(async () => {
    await browser.close();
    await kisignal.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens the page and collects what a healthy page never has: errors, and requests to any other host. */
  async function open(): Promise<{ page: Page; faults: string[] }> {
    const url = await kisignal.url();
    const page = await (await browser.newContext({ locale: 'en-US' })).newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('request', (request) => {
      if (new URL(request.url()).host !== new URL(url).host) faults.push(`request to ${request.url()}`);
    });
    await page.goto(url);
    return { page, faults };
  }

  it('shows ticks, a book, a prediction and a scored signal, says that they are simulated, and follows the engine to its end', async () => {
    const { page, faults } = await open();
    const shows = (selector: string, pattern: RegExp) =>
      page.locator(selector).filter({ hasText: pattern }).first().waitFor({ timeout: 60_000 });
    await shows('body', /not real prices/);
    await shows('#watch', /Samsung Electronics/);
    await shows('#prediction [data-part="up"]', /\d%/);
    await shows('#prediction [data-part="model"]', /next-mid-move/);
    await shows('#book tbody', /\d{2,}/);
    await shows('#indicators', /\d/);
    await shows('#signals', /probability/);
    await shows('#signals', /[+−-]?\d+\.\d bp/);
    await shows('#latency', /µs|ms/);
    const { counters } = await kisignal.untilStatus((status) => ticksOf(status) > 500, 'ticks');
    expect(counters.gaps).toEqual({});
    await kisignal.end();
    await shows('body', /reconnecting/i);
    // The socket and the probes of the engine that has gone are the only faults there may be.
    expect(faults.filter((fault) => !/WebSocket|ERR_CONNECTION_REFUSED/.test(fault))).toEqual([]);
  });
});
